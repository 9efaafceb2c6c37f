// backtest.ts - what view.json of a backtest holds (docs/report.md), and small questions about it.
import { study, words, type Study } from "./study";

export interface Target {
  id: string; event: string; start: string; fact: string; low: number; high: number | null; q10: number | null; value: number | null; q90: number | null;
  unit: string | null; worlds: number; inside: number; off: number; how: string | null; source: string | null; grade: string | null; note: string | null; reason: string | null;
}
export interface Score {
  kind: string; series: string; variable: string | null; product: string | null; place: string | null; rows: number; read: number; unknown: number; rmsle: number | null; mae: number | null;
  bias: number | null; crps: number | null; coverage80: number | null; pairs: number | null; years: number | null; skill: number | null; skill_trend: number | null; skill_step: number | null;
  timing: number | null; reason: string | null;
}
export interface Row {
  kind: string; series: string; variable: string | null; product: string | null; place: string | null; period: string; unit: string | null; low: number | null; high: number | null;
  q10: number | null; median: number | null; q90: number | null; paid: number | null; error: number | null; pit: number | null; verdict: string; source: string | null; grade: string | null; note: string | null;
}
export interface Band { start: string; measure: string; stage: string | null; years: number; coverage80: number | null; crps: number | null; persistence: number | null }
export interface BandYear { start: string; measure: string; stage: string | null; year: number; seen: number; q10: number; median: number; q90: number }
/** A forecast that failed: what it claimed, what happened, what worlds from its date on say. */
export interface Forecast {
  id: string; start: string; fact: string; claim_low: number | null; claim_high: number | null; claim_share: number | null; low: number | null; high: number | null; share: number | null;
  q10: number | null; value: number | null; q90: number | null; unit: string | null; worlds: number; inside: number; verdict: string | null; study: string | null; finding: string | null; source: string | null; grade: string | null;
}
export interface Published {
  id: string; kind: string; study: string; finding: string; tolerance: string | null; grade: string | null; answeredBy: string; parts: number; partsInside: number; inside: number | null; why: string | null; source: string | null;
}
export interface Backtest extends Study {
  forecasts: Forecast[]; published: Published[];
  headline: string; worlds: number; broken: number; targets: Target[]; scores: Score[]; rows: Row[]; tenths: { kind: string; tenth: number; rows: number }[];
  roles: { series: string; from: string; to: string; role: string; tolerance: number | null; note: string | null }[];
  bands: Band[]; bandYears: BandYear[]; learning: { kept: number; parameters: number; moved: number; byChance: number };
  accepted: { run: number; implausibility: number; accepted: number }[]; learned: { parameter: string; mean: number; spread: number; distance: number }[];
}
export const test = study as Backtest;
export const SOURCE = `simulation of ${test.worlds} worlds${test.broken ? `, ${test.broken} of them broken off` : ""}; observations of the case`;

export const isScored = (x: Row): boolean => x.verdict === "covered" || x.verdict === "missed";
export const sameNumber = (x: Row, s: { series: string; variable: string | null; product: string | null; place: string | null }): boolean =>
  x.series === s.series && x.product === s.product && x.place === s.place && (x.variable ?? "") === (s.variable ?? "");
export const label = (x: { series: string; product: string | null; place: string | null }): string =>
  [x.product, words(x.series), x.place].filter((t) => t).join(", ");

/** Period as fractions of years: from, to; null when it is none. "2010", "2010Q1", "2010H2", "2010-07", "2010-07-26", "2010-07..2015-12". */
export function span(period: string): [number, number] | null {
  const parts = period.split("..").map(one);
  const first = parts[0], last = parts[parts.length - 1];
  return first && last ? [first[0], last[1]] : null;
}
function one(text: string): [number, number] | null {
  const m = /^(\d{4})(?:-?([QH])(\d)|-(\d\d)(?:-(\d\d))?)?$/.exec(text.trim());
  if (!m) return null;
  const year = Number(m[1]);
  if (m[2]) { const parts = m[2] === "Q" ? 4 : 2, k = Number(m[3]) - 1; return [year + k / parts, year + (k + 1) / parts]; }
  if (!m[4]) return [year, year + 1];
  const month = (Number(m[4]) - 1) / 12;
  return m[5] ? [year + month + (Number(m[5]) - 1) / 365, year + month + Number(m[5]) / 365] : [year + month, year + month + 1 / 12];
}

/** Rows of one number at different times, of those that are compared. */
export interface Group { key: string; label: string; kind: string; rows: Row[]; score: Score | null }
export const groups: Group[] = (() => {
  const found = new Map<string, Group>();
  for (const x of test.rows ?? []) {
    if (!isScored(x) && x.verdict !== "read") continue;
    const key = [x.series, x.variable, x.product, x.place].join("|");
    const group = found.get(key) ?? { key, label: label(x), kind: x.kind, rows: [], score: test.scores.find((s) => sameNumber(x, s)) ?? null };
    group.rows.push(x);
    found.set(key, group);
  }
  return [...found.values()];
})();
/** Errors of logarithms as factors, of shares as points. */
export const isWorse = (a: Score | null, b: Score | null): number => bad(b) - bad(a);
const bad = (s: Score | null): number => !s || !s.rows ? -1 : s.mae !== null ? s.mae / 10 : s.rmsle ?? 0;
