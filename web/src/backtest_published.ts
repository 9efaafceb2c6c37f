// backtest_published.ts - forecasts that failed and results of others, asked of worlds from their dates on.
import * as Plot from "@observablehq/plot";
import { SOURCE, test, type Forecast } from "./backtest";
import { frame, h, legendOf, select, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { big, short, words, type Format } from "./study";

const range = (low: number | null, high: number | null): string => low === null && high === null ? "–" : high === null ? `${number(low)} or more` : low === null ? `up to ${number(high)}` : `${number(low)} to ${number(high)}`;
const key = (f: Forecast) => `${f.id}|${f.start}`;

/** One unit: what was claimed, what happened, and the worlds between them. */
function panel(list: Forecast[], unit: string, width: number): SVGSVGElement | HTMLElement {
  const numbers = list.flatMap((f) => [f.claim_low, f.claim_high, f.low, f.high, f.q10, f.value, f.q90]).filter((v): v is number => v !== null && Number.isFinite(v));
  const top = Math.max(...numbers) * 1.1 || 1, low = Math.min(0, ...numbers), margin = width < 520 ? 120 : 330, known = list.filter((f) => f.value !== null);
  const bar = (a: (f: Forecast) => number | null, b: (f: Forecast) => number | null) => ({ x1: (f: Forecast) => a(f) ?? low, x2: (f: Forecast) => b(f) ?? top, y: key });
  return Plot.plot({ width, height: 50 + 34 * list.length, marginLeft: margin, marginRight: 16, marginTop: 30, marginBottom: 6,
    x: { axis: "top", grid: true, domain: [low, top], label: unit || "number", labelArrow: "none", ticks: width < 520 ? 3 : 6, tickFormat: (v: number) => number(v) },
    y: { domain: list.map(key), label: null, tickSize: 0, tickFormat: (k: string) => { const f = list.find((x) => key(x) === k)!; return short(`${f.start}: ${f.fact}`, margin - 8); } },
    marks: [Plot.barX(list.filter((f) => f.low !== null || f.high !== null), { ...bar((f) => f.low, (f) => f.high), fill: "currentColor", fillOpacity: 0.16, insetTop: 4, insetBottom: 4 }),
      Plot.barX(list.filter((f) => f.claim_low !== null || f.claim_high !== null), { ...bar((f) => f.claim_low, (f) => f.claim_high), fill: "none", stroke: "var(--c4)", strokeWidth: 1.6, strokeDasharray: "4,3", insetTop: 4, insetBottom: 4 }),
      Plot.link(known.filter((f) => f.q10 !== null && f.q90 !== null), { x1: "q10", x2: "q90", y1: key, y2: key, stroke: (f: Forecast) => f.inside ? "var(--c1)" : "var(--c0)", strokeWidth: 2.2 }),
      Plot.dot(known, { x: "value", y: key, r: 5, symbol: (f: Forecast) => f.inside ? "circle" : "diamond", fill: (f: Forecast) => f.inside ? "var(--c1)" : "var(--c0)", stroke: "var(--panel)" }),
      Plot.tip(known, Plot.pointer({ x: "value", y: key, maxRadius: 200, title: (f: Forecast) => `${f.fact}\nforecast ${range(f.claim_low, f.claim_high)} (${percent(f.claim_share)} of worlds)\nhappened ${range(f.low, f.high)} (${percent(f.share)} of worlds)\nworlds ${number(f.value)} (80 %: ${number(f.q10)} to ${number(f.q90)}) ${f.unit ?? ""}` }))] });
}

function forecasts(format: Format): HTMLElement | null {
  const list = test.forecasts, known = list.filter((f) => f.worlds > 0);
  if (list.length === 0) return null;
  return frame({
    id: "failed-forecasts",
    title: () => `${known.filter((f) => f.inside).length} of ${known.length} forecasts that failed are not repeated with confidence`,
    subtitle: () => "Worlds that decide from the month in which the forecast was made. Dashed: what was forecast; grey: what happened; mark and line: median and 80 % of worlds. Not passed on top.",
    source: SOURCE, height: 300,
    legend: () => legendOf([{ label: "forecast", colour: "var(--c4)", dash: true }, { label: "happened", colour: "color-mix(in srgb, currentColor 26%, transparent)" }, { label: "worlds: humble (circle)", colour: "var(--c1)" }, { label: "worlds: not (diamond)", colour: "var(--c0)" }]),
    draw: (width) => h("div", {}, ...[...new Set(list.map((f) => f.unit ?? ""))].map((u) => panel(list.filter((f) => (f.unit ?? "") === u), u, width))),
    table: () => ({ columns: ["id", "from", "what", "study", "forecast from", "to", "share of worlds there", "happened from", "to", "share of worlds there", "10 %", "median", "90 %", "unit", "worlds", "passed", "verdict", "source", "grade"],
      rows: list.map((f): Value[] => [f.id, f.start, f.fact, f.study, f.claim_low, f.claim_high, f.claim_share, f.low, f.high, f.share, f.q10, f.value, f.q90, f.unit, f.worlds, f.inside ? "yes" : "no", f.verdict, f.source, f.grade]) }),
  }, format).node;
}

function results(format: Format): HTMLElement | null {
  const all = test.published, asked = all.filter((p) => p.inside !== null);
  if (all.length === 0) return null;
  let which = "asked";
  const list = () => which === "asked" ? asked : which === "not" ? all.filter((p) => p.inside === null) : all;
  const verdict = (p: typeof all[0]) => p.inside === null ? "not asked" : p.kind === "failed forecast" ? (p.inside ? "not repeated" : "repeated") : p.inside ? "agrees" : "differs";
  const row = (p: typeof all[0]) => h("tr", {}, h("td", {}, h("span", { class: `verdict ${p.inside === null ? "rough" : p.inside ? "" : "miss"}` }, verdict(p)), p.parts > 1 ? h("span", { class: "sub" }, `${p.partsInside} of ${p.parts} parts`) : null),
    h("th", { scope: "row" }, big(p.finding), h("span", { class: "sub" }, `${p.study}; ${words(p.kind)}`)), h("td", {}, p.tolerance ?? ""), h("td", {}, p.why ? big(p.why) : ""), h("td", {}, p.source ?? "", p.grade ? h("span", { class: "sub" }, `grade ${p.grade}`) : null));
  const chart: Frame = frame({
    id: "published-results",
    title: () => `${asked.filter((p) => p.inside).length} of ${asked.length} published results that were asked agree, or are failed forecasts not repeated; ${all.length - asked.length} were not asked`,
    subtitle: () => "Results of other people, what counts as agreement, and what keeps the case from answering. Those that differ first.",
    source: "table published of the case", height: 200,
    controls: [select("Show", [{ value: "asked", label: "Asked" }, { value: "not", label: "Not asked" }, { value: "all", label: "All" }], which, (v) => { which = v; chart.update(); })],
    draw: () => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Published results" }, h("table", { class: "list events" }, h("thead", {}, h("tr", {}, ...["Verdict", "Finding", "Agreement means", "What stands in the way", "Source"].map((x) => h("th", { scope: "col" }, x)))), h("tbody", {}, ...list().map(row)))),
    table: () => ({ columns: ["verdict", "id", "kind", "study", "finding", "tolerance", "answered by", "parts", "parts inside", "why", "source", "grade"], rows: all.map((p): Value[] => [verdict(p), p.id, p.kind, p.study, p.finding, p.tolerance, p.answeredBy, p.parts, p.partsInside, p.why, p.source, p.grade]) }),
  }, format);
  return chart.node;
}

export const hasPublished = (test.forecasts ?? []).length + (test.published ?? []).length > 0;
export const published = (format: Format): (Node | null)[] => [forecasts(format), results(format)];
