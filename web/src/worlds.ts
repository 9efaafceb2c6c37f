// worlds.ts - what view.json of an ensemble holds (docs/report.md), and small questions about it.
import { isEnsemble, raw, type Source } from "./view";

export interface Named { id: string; name: string }
export interface Key { v: string; r: string; about: string; unit: string }
export interface DateOf extends Key {
  n: number; came: number; share: number | null; error: number | null; early: number | null; median: number | null; late: number | null;
  medianEarliest: number | null; medianLatest: number | null;
  steps: [number, number, number, number][]; // time, share that came, interval
}
export interface NumberOf extends Key { n: number; mean: number; error: number | null; q: number[] }
export interface Fan extends Key { q: (number | null)[][] } // 5, 25, 50, 75, 95 % by year
export interface Point {
  fan: number; from: number; to: number; low: number; high: number; period: string; source: string; grade: string; what: string; place: string; band?: number;
}
export interface Effect {
  outcome: string; r: string; parameter: string; method: string; grade: string; low: number | null; high: number | null;
  effectLow: number | null; effectHigh: number | null; error: number | null; cut: number | null; worlds: number;
}
export interface Change extends Key {
  date: boolean; pairs: number; same: number; a: number; b: number; difference: number; error: number | null; low: number | null; high: number | null;
  distinct: boolean; verdict: string; medianA?: number | null; medianB?: number | null; years?: number; yearsLow?: number | null; yearsHigh?: number | null;
}
export interface Worlds {
  schema: string; worlds: number; broken: number; firstYear: number; years: number; now: number; baseYear: number; incumbent: string;
  regions: Named[]; groups: Named[]; stages: Named[]; commodities: Named[]; groupOf: number[];
  cards: { id: string; section: string; question: string; answer: string; detail: string }[];
  dates: DateOf[]; numbers: NumberOf[]; fans: Fan[]; points: Point[]; tornado: Effect[];
  other?: { overlays: string | null; command: string | null; hash: string | null; worlds: number; dates: DateOf[]; changes: Change[] };
  quality: { table: string; n: number[] }[]; sources: Source[]; manifest: [string, string][];
}

const nothing: Worlds = { schema: "", worlds: 0, broken: 0, firstYear: 0, years: 0, now: 0, baseYear: 0, incumbent: "", regions: [], groups: [], stages: [], commodities: [],
  groupOf: [], cards: [], dates: [], numbers: [], fans: [], points: [], tornado: [], quality: [], sources: [], manifest: [] };
export const all: Worlds = isEnsemble ? raw as Worlds : nothing;
export const fact = (key: string): string => all.manifest.find(([k]) => k === key)?.[1] ?? "";

const named = (list: Named[]) => new Map(list.map((x) => [x.id, x.name]));
const regions = named(all.regions), groups = named(all.groups), stages = named(all.stages), commodities = named(all.commodities);
export const regionName = (id: string): string => id === "outside" ? `outside ${regions.get(all.incumbent) ?? "the incumbent"}` : regions.get(id) ?? id;
export const aboutName = (id: string): string => commodities.get(id) ?? stages.get(id) ?? groups.get(id) ?? id;
export const groupName = (id: string): string => groups.get(id) ?? id;
export const words = (x: string): string => x.replace(/_/g, " ");

export const lastYear = all.firstYear + all.years - 1;
/** First year in which decisions replace dates; after the last one when they never do. */
export const decided = /^\d{4}/.test(fact("decisions")) ? Number(fact("decisions").slice(0, 4)) + (Number(fact("decisions").slice(5, 7)) - 1) / 12 : lastYear + 1;

/** Regions with users: the incumbent, the one of the headline, then as in the case. */
const users = all.dates.filter((d) => d.v === "break_free_year").map((d) => d.r);
const rank = (id: string) => id === all.incumbent ? -2 : id === fact("headline") ? -1 : all.regions.findIndex((x) => x.id === id);
const order = [...new Set([...users, ...all.regions.map((x) => x.id)])].sort((a, b) =>
  Number(!users.includes(a)) - Number(!users.includes(b)) || rank(a) - rank(b));
export const byRank = (a: string, b: string): number => (a === "outside" ? -3 : order.indexOf(a)) - (b === "outside" ? -3 : order.indexOf(b));
export function colourOf(id: string): string {
  if (id === "outside") return "var(--c1)";
  const i = order.indexOf(id);
  return i >= 0 && i < 8 ? `var(--c${i})` : `var(--o${Math.max(0, i) % 4})`;
}

export const find = (v: string, r: string, about = ""): NumberOf | undefined =>
  all.numbers.find((x) => x.v === v && x.r === r && x.about === about);

/** What every chart of an ensemble says about itself. */
export const SOURCE = `simulation of ${all.worlds} worlds${all.broken ? `, ${all.broken} of them broken off` : ""}, seed ${fact("seed")}`;
