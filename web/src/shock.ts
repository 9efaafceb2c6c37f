// shock.ts - what view.json of a shock holds (docs/report.md), and small questions about it.
import { monthNumber, nameOf, regionName, study, type Study } from "./study";

export interface NumberOf { v: string; r: string; about: string; unit: string; n: number; censored: number; mean: number | null; q: (number | null)[] } // 5, 10, 50, 90, 95 %
export interface Path { v: string; r: string; about: string; unit: string; from: string; worlds: number; mean: (number | null)[]; q10: (number | null)[]; median: (number | null)[]; q90: (number | null)[] }
export interface Shock extends Study {
  headline: string; what: string; from: string; months: number; watched: number; worlds: number; broken: number; explanation: string;
  numbers: NumberOf[]; paths: Path[]; measures: { measure: string; what: string; loss: number; avoided: number; unmet: number }[];
  stocks: { months: number | null }[]; parts: { product: string; region: string; number: number; good: string; perUnit: number; stock: number }[];
}
export const shock = study as Shock;
export const total = shock.months + shock.watched;
export const start = monthNumber(shock.from ?? "0000-01");
export const many = shock.worlds > 1;
export const SOURCE = `simulation of ${shock.worlds} ${many ? "worlds" : "world, that of the modes"}${shock.broken ? `, ${shock.broken} of them broken off` : ""}, each with and without the shock`;

export const Q10 = 1, Q50 = 2, Q90 = 3;
export const find = (v: string, r = "", about = ""): NumberOf | undefined => (shock.numbers ?? []).find((x) => x.v === v && x.r === r && x.about === about);
export const all = (v: string): NumberOf[] => (shock.numbers ?? []).filter((x) => x.v === v);
/** Months until something; null: never while it was watched. */
export const middle = (v: string, r: string, about: string): number | null => find(v, r, about)?.q[Q50] ?? null;
export const meanOf = (v: string, r: string, about: string): number => find(v, r, about)?.mean ?? 0;
export const pathOf = (v: string, r: string, about: string): Path | undefined => (shock.paths ?? []).find((x) => x.v === v && x.r === r && x.about === about);

const places = [...new Set(all("user_loss").map((x) => x.r))];
/** A place is named only where there is more than one. */
export const named = (r: string, about: string): string => places.length > 1 || !about ? `${regionName(r)}: ${nameOf(about)}` : nameOf(about);
export const where = places.length === 1 ? regionName(places[0]) : `${places.length} regions`;
export const key = (x: { r: string; about: string }): string => `${x.r}|${x.about}`;

/** Markets that miss something, most worth first; users, largest loss first. */
export const markets = [...all("market_short")].filter((x) => (x.mean ?? 0) > 0).sort((a, b) => (b.mean ?? 0) - (a.mean ?? 0));
export const users = [...all("user_loss")].filter((x) => ["unmet_critical", "unmet_normal", "unmet_flexible"].some((t) => meanOf(t, x.r, x.about) > 1e-6) || Math.abs(x.mean ?? 0) > 1).sort((a, b) => (b.mean ?? 0) - (a.mean ?? 0));
