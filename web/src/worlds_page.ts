// worlds_page.ts - the page of an ensemble, or of two compared world by world.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, tableNode, toggle, type Frame, type Value } from "./dom";
import { number, percent, yearText } from "./numbers";
import { showPage, type Section } from "./page";
import { aboutName, all, groupName, fact, lastYear, regionName, SOURCE, words, type Change, type Effect } from "./worlds";
import { breakFree, twoCurves } from "./worlds_dates";
import { independence, output, politics, prices } from "./worlds_fans";
import { costs, dependence, gates, programmes } from "./worlds_numbers";

type Format = (v: Value) => string;

function answers(): Node[] {
  const cards = all.cards.map((c) => h("article", { class: "card" }, h("h3", {}, c.question), h("p", { class: "answer" }, c.answer), h("p", { class: "detail" }, c.detail),
    h("a", { class: "go", href: `#${c.section}` }, "See the numbers", h("span", { class: "hidden" }, ` on: ${c.question}`))));
  return [h("div", { class: "cards" }, ...cards),
    h("p", { class: "caution" }, `${number(all.worlds)} worlds: every uncertain input drawn anew in each, and ${/^\d/.test(fact("decisions")) ? `from ${fact("decisions")} on what is decided drawn too` : "nothing decided"}. “± 1.2” is one standard error, from 16 independent replicates. Intervals hold what the inputs do not know; that the model may be wrong in itself they do not hold.`)];
}

// --------------------------------------------------------------------------------------- compare

const nameOf = (c: { v: string; r: string; about: string }): string => [words(c.v), c.r ? regionName(c.r) : "", c.about ? (c.v.startsWith("dependence_") ? groupName(c.about) : aboutName(c.about)) : ""].filter((x) => x).join(", ");

function change(c: Change, format: Format): HTMLElement {
  const large = !c.date && c.unit === "USD", k = c.date ? 100 : large ? 1e-6 : 1, unit = c.date ? "% of worlds by the end" : large ? "million USD" : c.unit;
  const show = (v: number | null | undefined, by = k) => format(v === null || v === undefined ? null : Number((v * by).toPrecision(3)));
  return h("tr", {}, h("th", { scope: "row" }, nameOf(c)), h("td", { class: "number" }, show(c.a)), h("td", { class: "number" }, show(c.b)), h("td", {}, unit),
    h("td", { class: "number" }, c.same === c.pairs ? "0" : `${show(c.difference)} [${show(c.low)} .. ${show(c.high)}]`),
    h("td", {}, c.distinct ? h("strong", {}, c.verdict) : c.verdict, c.date && c.same !== c.pairs ? h("span", { class: "sub" }, `median ${yearText(c.medianA, "none")} → ${yearText(c.medianB, "none")}; ${show(c.years, 1)} years [${show(c.yearsLow, 1)} .. ${show(c.yearsHigh, 1)}] within the horizon`) : null));
}

function compare(format: Format): (Node | null)[] {
  const other = all.other!;
  let most = 30;
  const body = h("tbody", {}), more = h("button", { type: "button", class: "quiet" }, "Show all");
  const fill = () => { body.replaceChildren(...other.changes.slice(0, most).map((c) => change(c, format))); more.hidden = other.changes.length <= most; };
  more.addEventListener("click", () => { most = Infinity; fill(); });
  fill();
  const distinct = other.changes.filter((c) => c.distinct).length, same = other.changes.filter((c) => c.same === c.pairs).length;
  return [h("p", { class: "subtitle" }, `A: ${fact("command")}. B: ${other.command ?? ""}${other.overlays ? `, overlays ${other.overlays.replace(/\n/g, ", ")}` : ""}. ${other.changes[0]?.pairs ?? 0} worlds in both, paired by number: world for world the same was drawn. Of ${other.changes.length} numbers ${distinct} are distinguishable (about ${Math.round((other.changes.length - same) / 10)} would be by chance), ${same} are the same in every world.`),
    twoCurves(format),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Differences" }, h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...["What", "A", "B", "Unit", "B less A, 90 % interval", "Verdict"].map((x) => h("th", { scope: "col" }, x)))), body)),
    h("p", { class: "buttons" }, more)];
}

// --------------------------------------------------------------------------------------- tornado

function tornado(format: Format): Node[] {
  const key = (e: Effect) => `${e.outcome}|${e.r}`;
  const keys = [...new Set(all.tornado.map(key))], turned = all.tornado.some((e) => e.method === "turned");
  let chosen = keys[0], method = turned ? "turned" : "ranked";
  /** "gate_fact[crown,blank,capital,fail].value" as "gate fact: crown, capital, fail". */
  const input = (p: string) => { const m = /^(\w+)\[(.*)\]/.exec(p); return m ? `${words(m[1])}: ${m[2].split(",").filter((x) => x !== "blank").map(words).join(", ")}` : p; };
  const size = (e: Effect) => Math.max(Math.abs(e.effectLow ?? 0), Math.abs(e.effectHigh ?? 0));
  const list = () => all.tornado.filter((e) => key(e) === chosen && e.method === method).sort((a, b) => size(b) - size(a)).slice(0, 20);
  const sure = (e: Effect) => size(e) > (e.cut ?? 0);
  const label = (k: string) => { const [v, r] = k.split("|"); return `${words(v)}${r ? `, ${regionName(r)}` : ""}`; };
  const chart: Frame = frame({
    id: "tornado-bars",
    title: () => { const l = list(), s = l.filter(sure); return s.length ? `${label(chosen)}: ${input(s[0].parameter)} moves it most; ${s.length} of ${l.length} shown stand out beyond chance${s.filter((e) => e.grade === "D").length ? `, ${s.filter((e) => e.grade === "D").length} of them assumptions (grade D)` : ""}` : `${label(chosen)}: no single input stands out beyond chance`; },
    subtitle: () => method === "turned"
      ? `Mean of the outcome when one input alone is put at its 5 % (left) and 95 % value, less the mean as drawn, in the same ${list()[0]?.worlds ?? 0} worlds (common random numbers); line: 90 % interval. ${chosen.startsWith("break") ? "Years until free, worlds not free counted at the end: earlier is negative." : "Share."}`
      : `Rank correlation between what was drawn and the outcome over ${list()[0]?.worlds ?? 0} worlds; dashed: what chance gives once in twenty tries over all inputs; line: 90 % interval from replicates.`,
    source: SOURCE, height: 460,
    controls: [select("Outcome", keys.map((k) => ({ value: k, label: label(k) })), chosen, (v) => { chosen = v; chart.update(); }),
      ...(turned ? [toggle("Method", [{ value: "turned", label: "One at a time" }, { value: "ranked", label: "Rank correlation" }], method, (v) => { method = v; chart.update(); })] : [])],
    legend: () => method === "turned" ? legendOf([{ label: "at its 5 % value", colour: "var(--c1)" }, { label: "at its 95 % value", colour: "var(--c0)" }]) : null,
    draw: (width) => {
      const l = list();
      if (!l.length) return null;
      const margin = width < 560 ? 130 : 300, letters = Math.floor(margin / 6.1);
      const short = (t: string) => t.length > letters ? `${t.slice(0, letters - 1)}…` : t;
      const bars = l.flatMap((e) => method === "turned" ? [{ e, v: e.effectLow ?? 0, c: "var(--c1)" }, { e, v: e.effectHigh ?? 0, c: "var(--c0)" }] : [{ e, v: e.effectHigh ?? 0, c: "var(--c1)" }]);
      const half = (b: { e: Effect }) => 1.753 * (b.e.error ?? 0), cut = l[0].cut ?? 0;
      return Plot.plot({ width, height: 60 + 22 * l.length, marginLeft: margin, marginTop: 30, marginRight: 20, x: { axis: "top", grid: true, label: method === "turned" ? (chosen.startsWith("break") ? "years" : "share") : "rank correlation", labelArrow: "none", ticks: width < 560 ? 3 : 6 },
        y: { domain: l.map((e) => e.parameter), label: null, tickFormat: (p: string) => { const g = l.find((e) => e.parameter === p)?.grade; return `${short(input(p))}${g ? ` · ${g}` : ""}`; }, tickSize: 0 },
        marks: [Plot.barX(bars, { x1: 0, x2: "v", y: (b) => b.e.parameter, fill: "c", fillOpacity: (b) => sure(b.e) ? 0.85 : 0.3, insetTop: 3, insetBottom: 3 }),
          Plot.link(bars, { x1: (b) => b.v - half(b), x2: (b) => b.v + half(b), y1: (b) => b.e.parameter, y2: (b) => b.e.parameter, stroke: "currentColor", strokeOpacity: 0.6 }),
          method === "ranked" ? Plot.ruleX([-cut, cut], { strokeDasharray: "3,3", strokeOpacity: 0.6 }) : null, Plot.ruleX([0]),
          Plot.tip(bars, Plot.pointer({ x: "v", y: (b) => b.e.parameter, title: (b) => `${input(b.e.parameter)} (grade ${b.e.grade || "unknown"}), 5 % ${number(b.e.low)} to 95 % ${number(b.e.high)}\n${number(b.v)} ± ${number(b.e.error ?? 0, 2)} (standard error)\n${sure(b.e) ? "beyond chance" : "could be chance"}` }))] });
    },
    table: () => ({ columns: ["outcome", "region", "parameter", "method", "grade", "low", "high", "effect low", "effect high", "standard error", "cut", "worlds"],
      rows: all.tornado.map((e): Value[] => [e.outcome, e.r, e.parameter, e.method, e.grade, e.low, e.high, e.effectLow, e.effectHigh, e.error, e.cut, e.worlds]) }),
  }, format);
  return [chart.node];
}

// ------------------------------------------------------------------------------------- the inputs

function quality(format: Format): Node[] {
  const sum = (i: number) => all.quality.reduce((t, x) => t + x.n[i], 0), total = [0, 1, 2, 3, 4].reduce((t, i) => t + sum(i), 0);
  const rows = [...all.quality].sort((a, b) => b.n[2] + b.n[3] - a.n[2] - a.n[3]).map((x): Value[] => [words(x.table), ...x.n.slice(0, 4), x.n[2] + x.n[3]]);
  return [h("p", { class: "subtitle" }, `${number(total)} sourced numbers: ${percent(sum(0) / total)} official (A), ${percent(sum(1) / total)} published (B), ${percent(sum(2) / total)} recalled or judged (C), ${percent(sum(3) / total)} assumed by a stated rule (D). Tables with most of C and D first; what each says stands in the case and in ytterby query.`),
    tableNode({ columns: ["table", "A", "B", "C", "D", "C and D"], rows }, format)];
}

function method(format: Format): Node[] {
  return [tableNode({ columns: ["what", "value"], rows: all.manifest.map(([k, v]): Value[] => [k, v]) }, format),
    h("p", { class: "subtitle" }, "Any world can be looked at alone: ytterby replay RESULT --run N --trace, and ytterby explain-run RESULT --run N says why it ended as it did.")];
}

const sections: Section[] = [
  { id: "answers", name: "Answers", lead: "", build: answers },
  ...(all.other ? [{ id: "compare", name: "Compare", lead: "What the second ensemble changes, and what cannot be told apart.", build: compare }] : []),
  { id: "break-free", name: "Breaking free", lead: "When each region could go on without the incumbent, and in how many worlds it never can.", build: breakFree },
  { id: "independence", name: "Independence", lead: "How much critical use would be served if the incumbent's goods stopped.", build: independence },
  { id: "prices", name: "Prices", lead: "Bands of all worlds beside what was observed.", build: prices },
  { id: "output", name: "Output", lead: "Who makes how much at each stage.", build: output },
  { id: "dependence", name: "Dependence", lead: "Which goods come straight from the incumbent.", build: dependence },
  { id: "projects", name: "Projects", lead: "Five approvals in a row between an idea and a plant.", build: gates },
  { id: "programmes", name: "Programmes", lead: "How many begin, and what becomes of them.", build: (f) => [...programmes(f), politics(f)] },
  { id: "costs", name: "Costs", lead: "What it costs whom, and who goes short.", build: costs },
  ...(all.tornado.length ? [{ id: "tornado", name: "Tornado", lead: "Which single input moves the answer most.", build: tornado }] : []),
  { id: "quality", name: "Data quality", lead: "How much of it rests on assumptions.", build: quality },
  { id: "method", name: "Method", lead: "What made this page, and how to make it again.", build: method },
];

export function showWorlds(): void {
  showPage(sections, fact("title") || "Ytterby report", fact("description"),
    `Ytterby ${fact("version")} · ${all.worlds} worlds from ${all.firstYear} to ${lastYear} · nothing on this page is loaded from elsewhere`);
}
