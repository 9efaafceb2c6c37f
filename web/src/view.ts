// view.ts - what view.json holds (docs/report.md), and small questions about it.

export interface Named { id: string; name: string }
export interface Region extends Named { lat: number | null; lon: number | null }
export interface Commodity extends Named { g: number; basis: string }
export interface Stage extends Named { unit: string; extracts: boolean }
export interface EndUse extends Named { unit: string }
export interface Permit extends Named { r: number; kind: string }
export interface Months { s: number; d: (number | null)[] }
export interface Series extends Months { v: string; c: number; r: number }
export interface Card {
  id: string; section: string; question: string; answer: string; detail: string;
  rows?: [number, number, number, number, number | null][]; commodity?: number; region?: number;
}
export interface Facility {
  id: string; name: string; site: string; r: number; s: number; recipe: string; ownerType: string;
  status: string; country?: string; owner?: string; note?: string; lat?: number; lon?: number;
  out?: number[]; cap?: number[]; st?: string;
}
export type Cell = number | string | null;
export interface HistoryRow {
  series: string; period: string; freq: string; product: string; place: string; source: string;
  grade: string; basis?: string; note?: string; unit: string; seenLow: number; seenHigh: number;
  c: number; r: number; v?: string; first?: number; last?: number; modelUnit?: string; low?: number;
  high?: number; model?: number; error?: number | null; kind?: "read" | "computed"; why?: string;
  how?: string; role?: string; near?: boolean;
}
type Numbers = (number | null)[];
/** Facts of the record; what the columns are stands in docs/report.md. */
export interface Facts {
  verdicts: { what: string; kind: string; hits: number; of: number; text: string }[];
  gaps: { year: number; rows: Numbers[] }; quota: Numbers[]; mines: Numbers[];
  basket?: { year: number; g: number; rows: Numbers[]; surplus: number };
}
export interface Source extends Omit<Named, "name"> {
  title: string; publisher?: string; year?: string; url?: string; n: number[];
}
export interface View {
  schema: string; firstYear: number; startMonth: number; months: number; years: number; now: number;
  exporter: number; regions: Region[]; groups: Named[]; elements: Named[]; endUses: EndUse[];
  commodities: Commodity[]; stages: Stage[]; permits: Permit[]; favourites: number[];
  money: { base: number; level: number[]; currency?: string; rate?: (number | null)[]; tax?: (number | null)[] };
  cards: Card[];
  shares: { hhi: (number | null)[]; made: { r: number; d: number[] }[] }[];
  links: number[][][]; // [year][element] of fives: stage, region, stage, region, t
  prices: Series[]; permitSeries: Series[]; stocks: Series[];
  tiers: string[];
  shortage: ({ u: number; tier: number; wanted: number[]; served: number[] } & Months)[];
  trade: { c: number; o: number; t: number; x?: boolean; d: number[] }[];
  statuses: string[]; recipes: [string, string, string][]; facilities: Facility[];
  facts: Cell[][]; rules: Record<string, Cell[][]>; notes: string[];
  history: HistoryRow[]; record: Facts;
  quality: { table: string; n: number[] }[]; sources: Source[];
  certificates: number[][];
  balances: { e: number; ledger: (number | null)[]; closure: number; worst: number }[];
  events: [string, string, string, string][]; manifest: [string, string][];
}

/** Texts of history rows come as numbers into one list, and what equals its neighbour is left out. */
function unpack(raw: View & { historyTexts: string[] }): View {
  const shared = ["series", "product", "place", "unit", "why", "source", "basis", "note", "v", "modelUnit", "how", "role"];
  for (const row of raw.history as unknown as Record<string, unknown>[]) {
    for (const key of shared) if (typeof row[key] === "number") row[key] = raw.historyTexts[row[key] as number];
    row.seenHigh ??= row.seenLow;
    row.c ??= -1;
    row.r ??= -1;
    if (row.read !== undefined) {
      row.high ??= row.low;
      row.kind = row.read ? "read" : "computed";
    }
  }
  return raw;
}

/** The page carries one document: of a run (this one), of an ensemble (worlds.ts), or of a study (study.ts). */
export const raw = JSON.parse(document.getElementById("view-json")!.textContent!) as { schema: string };
export const isEnsemble = raw.schema === "ytterby/ensemble/1";
const isRun = raw.schema === "ytterby/view/1";
const nothing = { firstYear: 0, startMonth: 0, months: 0, years: 0, now: 0, exporter: -1, regions: [], groups: [], elements: [], endUses: [], commodities: [],
  stages: [], permits: [], favourites: [], money: { base: 0, level: [] }, cards: [], shares: [], links: [], prices: [], permitSeries: [], stocks: [], tiers: [],
  shortage: [], trade: [], statuses: [], recipes: [], facilities: [], facts: [], rules: {}, history: [], historyTexts: [], record: { verdicts: [], gaps: { year: 0, rows: [] }, quota: [], mines: [] }, quality: [], sources: [],
  certificates: [], balances: [], events: [], manifest: [], notes: [] };
export const view: View = unpack((isRun ? raw : { schema: "", ...nothing }) as unknown as View & { historyTexts: string[] });

export const years = Array.from({ length: view.years }, (_, i) => view.firstYear + i);
export const nowIndex = Math.max(0, Math.min(view.years - 1, view.now - view.firstYear));

/** Month number of the run as a date. */
export function dateOf(month: number): Date {
  const m = view.startMonth + month;
  return new Date(Date.UTC(Math.floor(m / 12), m % 12, 15));
}
export function monthText(month: number): string {
  const m = view.startMonth + month;
  return `${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`;
}
export function yearIndexOf(month: number): number {
  return Math.floor((view.startMonth + month) / 12) - view.firstYear;
}
export const regionName = (r: number): string => view.regions[r]?.name ?? "unknown";
export const commodityName = (c: number): string => view.commodities[c]?.name ?? "unknown";
export function manifest(key: string): string | undefined {
  return view.manifest.find(([k]) => k === key)?.[1];
}
export function valueAt(s: Months, month: number): number | null {
  return s.d[month - s.s] ?? null;
}

// ------------------------------------------------------------------ one colour a region, everywhere

const weight = view.regions.map((_, r) =>
  view.shares.reduce((sum, stage) => {
    const made = stage.made.find((m) => m.r === r);
    if (!made) return sum;
    return sum + made.d.reduce((s, v, y) => {
      const total = stage.made.reduce((t, m) => t + m.d[y], 0);
      return s + (total > 0 ? v / total : 0);
    }, 0);
  }, 0));
/** Regions, the exporter first, then by weight in the chain. */
export const regionOrder = view.regions.map((_, r) => r)
  .sort((a, b) => (b === view.exporter ? 1 : 0) - (a === view.exporter ? 1 : 0) || weight[b] - weight[a] || a - b);
const COLOURS = 8;
export function regionColour(r: number): string {
  const rank = regionOrder.indexOf(r);
  return rank >= 0 && rank < COLOURS ? `var(--c${rank})` : `var(--o${Math.max(0, rank - COLOURS) % 4})`;
}

export { number, percent } from "./numbers";
