// study.ts - what the pages of backtests, shocks and screens share: names, cards, method.
import { h, tableNode, type Value } from "./dom";
import { number, percent } from "./numbers";
import { raw, type Source } from "./view";

export type Format = (v: Value) => string;
export interface Named { id: string; name: string }
export interface Card { id: string; section: string; question: string; answer: string; detail: string }
export interface Study {
  schema: string; regions: Named[]; elements: Named[]; endUses: Named[]; commodities: Named[]; stages: Named[]; baseYear: number;
  cards: Card[]; quality: { table: string; n: number[] }[]; sources: Source[]; manifest: [string, string][];
}

const nothing: Study = { schema: "", regions: [], elements: [], endUses: [], commodities: [], stages: [], baseYear: 0, cards: [], quality: [], sources: [], manifest: [] };
export const study: Study = "endUses" in raw && "cards" in raw ? { ...nothing, ...(raw as Study) } : nothing;
export const fact = (key: string): string => study.manifest.find(([k]) => k === key)?.[1] ?? "";

const named = (list: Named[]) => new Map(list.map((x) => [x.id, x.name]));
const regions = named(study.regions), things = new Map([...named(study.stages), ...named(study.commodities), ...named(study.elements), ...named(study.endUses)]);
export const regionName = (id: string): string => regions.get(id) ?? id;
export const nameOf = (id: string): string => things.get(id) ?? id;
export const words = (x: string | null | undefined): string => (x ?? "").replace(/_/g, " ");
export const big = (x: string): string => x ? x[0].toUpperCase() + x.slice(1) : x;

/** Letters that fit into so many pixels. */
export function short(text: string, pixels: number): string {
  const most = Math.max(6, Math.floor(pixels / 6.1));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export const money = (dollars: number | null | undefined): string => dollars === null || dollars === undefined ? "–"
  : Math.abs(dollars) >= 1e9 ? `${number(dollars / 1e9)} billion USD` : Math.abs(dollars) >= 1e5 ? `${number(dollars / 1e6)} million USD` : `${number(dollars)} USD`;

/** "2027-01" as months since year 0, and back. */
export const monthNumber = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)) - 1;
export const monthName = (n: number): string => `${Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}`;

// ------------------------------------------------------------------------------------ first screen

export function cards(): HTMLElement {
  return h("div", { class: "cards" }, ...study.cards.map((c) => h("article", { class: "card" }, h("h3", {}, c.question), h("p", { class: "answer" }, c.answer), h("p", { class: "detail" }, c.detail),
    h("a", { class: "go", href: `#${c.section}` }, "See the numbers", h("span", { class: "hidden" }, ` on: ${c.question}`)))));
}

// ---------------------------------------------------------------------------------------- method

export function quality(format: Format): Node[] {
  const sum = (i: number) => study.quality.reduce((t, x) => t + x.n[i], 0), total = [0, 1, 2, 3, 4].reduce((t, i) => t + sum(i), 0);
  const rows = [...study.quality].sort((a, b) => b.n[2] + b.n[3] - a.n[2] - a.n[3]).map((x): Value[] => [words(x.table), ...x.n.slice(0, 4), x.n[2] + x.n[3]]);
  return [h("p", { class: "subtitle" }, `${number(total)} sourced numbers: ${percent(sum(0) / total)} official (A), ${percent(sum(1) / total)} published (B), ${percent(sum(2) / total)} recalled or judged (C), ${percent(sum(3) / total)} assumed by a stated rule (D). Tables with most of C and D first.`),
    h("details", { class: "box" }, h("summary", {}, "Grades by table"), tableNode({ columns: ["table", "A", "B", "C", "D", "C and D"], rows }, format))];
}

export function method(what: string): (format: Format) => Node[] {
  return (format) => [h("div", { class: "prose" }, h("p", {}, what)), ...quality(format),
    h("h3", {}, "Make it again"), h("pre", { tabindex: "0" }, h("code", {}, `${fact("command")}\nytterby report ${/-o\s+(\S+)/.exec(fact("command"))?.[1] ?? "result.ytt"} -o report.html`)),
    h("p", { class: "subtitle" }, "The same case, seed and version give the same numbers to the last bit, whatever the number of threads."),
    h("h3", {}, "What made this result"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What made this result" }, h("table", { class: "list manifest" }, h("tbody", {}, ...study.manifest.filter(([, v]) => v).map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, words(k)), h("td", {}, v))))))];
}
