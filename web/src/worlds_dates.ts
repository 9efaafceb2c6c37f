// worlds_dates.ts - when things come, and in how many worlds not by the end (Kaplan and Meier).
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, type Frame, type Value } from "./dom";
import { percent, yearText } from "./numbers";
import { all, byRank, colourOf, fact, lastYear, regionName, SOURCE, type DateOf } from "./worlds";

type Format = (v: Value) => string;
interface Step { time: number; share: number; low: number; high: number; d: DateOf }

/** The curve from nothing to the last step, and on to the end. */
function stepsOf(d: DateOf, from: number, to: number): Step[] {
  const rows: Step[] = [{ time: from, share: 0, low: 0, high: 0, d }];
  for (const [time, share, low, high] of d.steps) rows.push({ time: Math.max(from, time), share, low, high, d });
  rows.push({ ...rows[rows.length - 1], time: to });
  return rows;
}

export function breakFree(format: Format): Node[] {
  const list = all.dates.filter((d) => d.v === "break_free_year" && d.r !== all.incumbent).sort((a, b) => byRank(a.r, b.r));
  if (list.length === 0) return [h("p", { class: "empty" }, "The case names no incumbent to break free from.")];
  let r = list[0].r;
  const one = () => list.find((d) => d.r === r)!;
  const shown = () => [one(), ...list.filter((d) => d.r !== r)].slice(0, 8);
  const chart: Frame = frame({
    id: "break-free-curve",
    title: () => { const d = one(); return `${regionName(r)} is free by ${lastYear} in ${shareText(d)} of worlds; ${d.median === null ? "fewer than half: no median date" : `half by ${yearText(d.median)}`}`; },
    subtitle: () => `Share of worlds free by the year, percent. Free: from then on, for two years, ${percent(Number(fact("threshold") || 0.9))} of critical use would be served without ${regionName(all.incumbent)}'s goods. Band: 95 % interval of the chosen region. Worlds not free by the end are counted as such (Kaplan-Meier).`,
    source: SOURCE,
    height: 360,
    controls: [select("Region", list.map((d) => ({ value: d.r, label: regionName(d.r) })), r, (v) => { r = v; chart.update(); })],
    legend: () => legendOf(shown().map((d) => ({ label: regionName(d.r), colour: colourOf(d.r) }))),
    draw: (width) => {
      const to = lastYear + 1, mine = stepsOf(one(), all.firstYear, to), others = shown().slice(1).flatMap((d) => stepsOf(d, all.firstYear, to));
      return Plot.plot({ width, height: 360, marginLeft: 48, x: { tickFormat: "d", label: null, ticks: width < 420 ? 4 : 9, domain: [all.firstYear, to] },
        y: { domain: [0, 1], grid: true, label: "share of worlds", labelArrow: "none", tickFormat: percent, ticks: 5 },
        marks: [Plot.areaY(mine, { x: "time", y1: "low", y2: "high", curve: "step-after", fill: colourOf(r), fillOpacity: 0.18 }),
          Plot.lineY(others, { x: "time", y: "share", z: (d: Step) => d.d.r, curve: "step-after", stroke: (d: Step) => colourOf(d.d.r), strokeWidth: 1.2, strokeOpacity: 0.75 }),
          Plot.lineY(mine, { x: "time", y: "share", curve: "step-after", stroke: colourOf(r), strokeWidth: 2.4 }),
          Plot.ruleY([0.5], { strokeDasharray: "3,3", strokeOpacity: 0.5 }),
          Plot.tip([...mine, ...others], Plot.pointer({ x: "time", y: "share", title: (d: Step) => `${regionName(d.d.r)}\nby ${Math.floor(d.time)}: ${percent(d.share)} (${percent(d.low)} to ${percent(d.high)})` }))] });
    },
    table: () => ({ columns: ["region", "year", "share free", "95 % low", "95 % high"], rows: list.flatMap((d) => d.steps.map((x): Value[] => [d.r, ...x])) }),
  }, format);
  return [chart.node, datesTable(list), firstMine()];
}

/** Where none or all are alike the spread of replicates says nothing: the 95 % bound instead. */
function shareText(d: DateOf): string {
  const bound = 100 * (1 - 0.05 ** (1 / d.n));
  if (d.share === 0) return `0 % (below ${bound.toFixed(1)})`;
  return d.share === 1 ? `100 % (above ${(100 - bound).toFixed(1)})` : `${percent(d.share)} ± ${(100 * (d.error ?? 0)).toFixed(1)}`;
}

const interval = (d: DateOf) => d.median === null ? "none by the end" : `${yearText(d.median)} (${yearText(d.medianEarliest)} to ${yearText(d.medianLatest)})`;

function datesTable(list: DateOf[]): HTMLElement {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Break-free dates by region" }, h("table", { class: "list" },
    h("thead", {}, h("tr", {}, ...["Region", "Free by the end", "A quarter by", "Half by (95 % interval)", "Three quarters by", "Not by the end"].map((x) => h("th", { scope: "col" }, x)))),
    h("tbody", {}, ...list.map((d) => h("tr", {}, h("th", { scope: "row" }, regionName(d.r)), h("td", {}, shareText(d)),
      h("td", {}, yearText(d.early, "–")), h("td", {}, interval(d)), h("td", {}, yearText(d.late, "–")), h("td", {}, `${d.n - d.came} of ${d.n} worlds`))))));
}

function firstMine(): HTMLElement {
  const list = all.dates.filter((d) => d.v === "first_mine_year" || d.v === "years_to_first_mine");
  const say = (d: DateOf) => d.v === "first_mine_year"
    ? `The first mine decided and opened ${regionName("outside")} comes in ${percent(d.share)} of worlds; half have it by ${yearText(d.median, "none by the end")}.`
    : `From the first export quota to the first mine opened after it: median ${d.median === null ? "not reached" : `${d.median.toFixed(1)} years`}${d.early !== null && d.late !== null ? ` (a quarter by ${d.early.toFixed(1)}, three quarters by ${d.late.toFixed(1)})` : ""}, ${d.n} worlds with such a quota.`;
  return h("p", { class: "subtitle" }, list.map(say).join(" "));
}

/** The same curve of two ensembles. */
export function twoCurves(format: Format): Node | null {
  const other = all.other;
  const list = all.dates.filter((d) => d.v === "break_free_year" && d.r !== all.incumbent && other?.dates.some((x) => x.v === d.v && x.r === d.r)).sort((a, b) => byRank(a.r, b.r));
  if (!other || list.length === 0) return null;
  let r = list[0].r;
  const pair = () => [list.find((d) => d.r === r)!, other.dates.find((d) => d.v === "break_free_year" && d.r === r)!];
  const chart: Frame = frame({
    id: "break-free-two",
    title: () => { const c = other.changes.find((x) => x.v === "break_free_year" && x.r === r)!; return `${regionName(r)} free by ${lastYear}: ${percent(c.a)} in A, ${percent(c.b)} in B: ${c.verdict}`; },
    subtitle: () => "Share of worlds free by the year, percent, with 95 % intervals; A solid, B dashed. The paired difference is surer than the two bands make it look.",
    source: SOURCE,
    height: 340,
    controls: [select("Region", list.map((d) => ({ value: d.r, label: regionName(d.r) })), r, (v) => { r = v; chart.update(); })],
    legend: () => legendOf([{ label: "A", colour: "var(--c1)" }, { label: "B", colour: "var(--c0)", dash: true }]),
    draw: (width) => {
      const to = lastYear + 1, [a, b] = pair().map((d) => stepsOf(d, all.firstYear, to));
      const band = (rows: Step[], colour: string) => Plot.areaY(rows, { x: "time", y1: "low", y2: "high", curve: "step-after", fill: colour, fillOpacity: 0.13 });
      return Plot.plot({ width, height: 340, marginLeft: 48, x: { tickFormat: "d", label: null, ticks: width < 420 ? 4 : 9, domain: [all.firstYear, to] },
        y: { domain: [0, 1], grid: true, label: "share of worlds", labelArrow: "none", tickFormat: percent, ticks: 5 },
        marks: [band(a, "var(--c1)"), band(b, "var(--c0)"), Plot.lineY(a, { x: "time", y: "share", curve: "step-after", stroke: "var(--c1)", strokeWidth: 2.2 }),
          Plot.lineY(b, { x: "time", y: "share", curve: "step-after", stroke: "var(--c0)", strokeWidth: 2.2, strokeDasharray: "6,4" })] });
    },
    table: () => ({ columns: ["ensemble", "region", "year", "share free", "95 % low", "95 % high"], rows: pair().flatMap((d, i) => d.steps.map((x): Value[] => [i ? "B" : "A", d.r, ...x])) }),
  }, format);
  return chart.node;
}
