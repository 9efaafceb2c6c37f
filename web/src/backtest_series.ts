// backtest_series.ts - the record beside the worlds' bands: one series, all prices, worlds that decide.
import * as Plot from "@observablehq/plot";
import { groups, isScored, isWorse, label, SOURCE, span, test, type BandYear, type Group, type Row } from "./backtest";
import { frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { big, nameOf, words, type Format } from "./study";

interface Point { x: Row; from: number; to: number; at: number; low: number; high: number; q10: number; median: number; q90: number; isYear: boolean }

/** USD/t become USD/kg; all else stays. */
const scaleOf = (g: Group) => g.rows[0]?.unit === "USD/t" ? 1e-3 : 1;
const unitOf = (g: Group) => g.rows[0]?.unit === "USD/t" ? "USD/kg" : g.rows[0]?.unit ?? "";

function pointsOf(g: Group): Point[] {
  const k = scaleOf(g), list: Point[] = [];
  for (const x of g.rows) {
    const when = span(x.period);
    if (!when || x.low === null || x.median === null || x.q10 === null || x.q90 === null) continue;
    list.push({ x, from: when[0], to: when[1], at: (when[0] + when[1]) / 2, low: x.low * k, high: (x.high ?? x.low) * k, q10: x.q10 * k, median: x.median * k, q90: x.q90 * k, isYear: /^\d{4}$/.test(x.period) });
  }
  return list.sort((a, b) => a.at - b.at);
}

const COLOUR = "var(--c1)";
const pointColour = (d: Point) => d.x.verdict === "read" ? "var(--o2)" : d.x.verdict === "covered" ? "currentColor" : "var(--c0)";

/** Stretches of years without a gap: a band is not drawn over years nobody asked for. */
function stretches(years: Point[]): (Point & { z: number })[] {
  let z = 0;
  return years.map((d, i) => ({ ...d, z: i > 0 && d.at - years[i - 1].at > 1.01 ? ++z : z }));
}

/** Whole years as a band with its median, other periods as bars; the record as marks with their range. */
function plotGroup(g: Group, width: number, height: number, log: boolean): SVGSVGElement | HTMLElement | null {
  const list = pointsOf(g), band = stretches(list.filter((d) => d.isYear)), bars = list.filter((d) => !d.isYear || band.filter((y) => y.z === band.find((b) => b.x === d.x)!.z).length === 1);
  if (list.length === 0) return null;
  const numbers = list.flatMap((d) => [d.low, d.high, d.q10, d.q90]), top = Math.max(...numbers), positive = numbers.filter((v) => v > 0);
  const useLog = log && positive.length > 0, floor = useLog ? Math.max(top * 1e-4, Math.min(...positive) * 0.8) : Math.min(0, ...numbers), at = (v: number) => Math.max(floor, v);
  const first = Math.floor(list[0].from), last = Math.max(first + 2, Math.ceil(list[list.length - 1].to)), half = 5 * (last - first) / width;
  return Plot.plot({
    width, height, marginLeft: 50, marginBottom: 24, marginTop: 24,
    x: { type: "linear", tickFormat: "d", label: null, domain: [first, last], ticks: Math.min(last - first, width < 360 ? 3 : 8) },
    y: { type: useLog ? "log" : "linear", grid: true, label: unitOf(g), labelArrow: "none", ticks: 5, tickFormat: (v: number) => number(v), domain: [floor, top * 1.1 || 1] },
    marks: [
      Plot.areaY(band, { x: "at", y1: (d: Point) => at(d.q10), y2: (d: Point) => at(d.q90), z: "z", fill: COLOUR, fillOpacity: 0.2 }),
      Plot.lineY(band, { x: "at", y: (d: Point) => at(d.median), z: "z", stroke: COLOUR, strokeWidth: 1.8 }),
      Plot.ruleX(bars, { x: "at", y1: (d: Point) => at(d.q10), y2: (d: Point) => at(d.q90), stroke: COLOUR, strokeWidth: 5, strokeOpacity: 0.3 }),
      Plot.link(bars, { x1: (d: Point) => d.at - half, x2: (d: Point) => d.at + half, y1: (d: Point) => at(d.median), y2: (d: Point) => at(d.median), stroke: COLOUR, strokeWidth: 2 }),
      Plot.ruleX(list.filter((d) => d.high > d.low), { x: "at", y1: (d: Point) => at(d.low), y2: "high", stroke: pointColour }),
      Plot.dot(list, { x: "at", y: (d: Point) => at((d.low + d.high) / 2), r: 3.6, symbol: (d: Point) => d.x.verdict === "missed" ? "diamond" : "circle", fill: (d: Point) => d.x.verdict === "read" ? "var(--panel)" : pointColour(d), stroke: pointColour }),
      Plot.tip(list, Plot.pointerX({ x: "at", y: (d: Point) => at(d.median), title: (d: Point) => `${label(d.x)}, ${d.x.period}: ${d.x.verdict}\nobserved ${number(d.low)}${d.high > d.low ? ` to ${number(d.high)}` : ""} ${unitOf(g)}\nworlds ${number(d.median)} (80 %: ${number(d.q10)} to ${number(d.q90)})${d.x.note ? `\n${d.x.note}` : ""}` })),
    ],
  });
}

const legend = () => legendOf([{ label: "worlds: median", colour: COLOUR }, { label: "80 % of worlds", colour: `color-mix(in srgb, ${COLOUR} 30%, transparent)` }, { label: "observed, inside (circle)", colour: "currentColor", dot: true },
  { label: "observed, missed (diamond)", colour: "var(--c0)", dot: true }, { label: "read: put into the case (hollow)", colour: "var(--o2)", dot: true }]);
const tableOf = (list: Group[]) => ({ columns: ["series", "product", "place", "variable", "period", "unit", "observed low", "observed high", "10 %", "median", "90 %", "verdict", "source", "grade"],
  rows: list.flatMap((g) => g.rows.map((x): Value[] => [x.series, x.product, x.place, x.variable, x.period, x.unit, x.low, x.high, x.q10, x.median, x.q90, x.verdict, x.source, x.grade])) });
const missed = (g: Group) => g.rows.filter((x) => x.verdict === "missed").length;
const scored = (g: Group) => g.rows.filter(isScored).length;

export function series(format: Format): (Node | null)[] {
  if (groups.length === 0) return [h("p", { class: "empty" }, "No row could be compared.")];
  const list = [...groups].sort((a, b) => isWorse(a.score, b.score)), kinds = [...new Set(list.map((g) => g.kind))];
  let key = list.find((g) => scored(g) > 3)?.key ?? list[0].key, log = true;
  const now = () => list.find((g) => g.key === key)!;
  const chart: Frame = frame({
    id: "one-series",
    title: () => { const g = now(); return scored(g) ? `${big(g.label)}: ${missed(g)} of ${scored(g)} rows missed${g.score?.reason ? `; ${g.score.reason}` : ""}` : `${big(g.label)}: read from inputs, not scored`; },
    subtitle: () => `${big(words(now().rows[0].variable ?? now().rows[0].series))}, ${unitOf(now())}${now().kind === "price" ? `, constant ${test.baseYear || ""} money without tax` : ""}. Whole years are joined to a band; other periods stand as bars.`,
    source: SOURCE, height: 380,
    controls: [select("Series", kinds.flatMap((kind) => list.filter((g) => g.kind === kind).map((g) => ({ value: g.key, label: `${g.label} (${missed(g)} of ${scored(g)} missed)`, group: big(kind) }))), key, (v) => { key = v; chart.update(); }),
      toggle("Scale", [{ value: "log", label: "Log" }, { value: "linear", label: "Linear" }], "log", (v) => { log = v === "log"; chart.update(); })],
    legend, draw: (width) => plotGroup(now(), width, 380, log && now().kind !== "share"), table: () => tableOf([now()]),
  }, format);
  return [chart.node, multiples(format)];
}

/** Every series with enough rows to see a course, worst first. */
function multiples(format: Format): HTMLElement | null {
  const kinds = [...new Set(groups.map((g) => g.kind))].filter((k) => groups.some((g) => g.kind === k && pointsOf(g).length >= 3));
  if (kinds.length === 0) return null;
  let kind = kinds.includes("price") ? "price" : kinds[0];
  const list = () => groups.filter((g) => g.kind === kind && pointsOf(g).length >= 3).sort((a, b) => isWorse(a.score, b.score)).slice(0, 24);
  const chart: Frame = frame({
    id: "all-series",
    title: () => { const l = list(), out = l.reduce((t, g) => t + missed(g), 0), of = l.reduce((t, g) => t + scored(g), 0); return `${big(kind)}: ${of - out} of ${of} rows of ${l.length} series lie in the band; worst series first`; },
    subtitle: () => `Series with three periods or more, ${kind === "share" ? "percent" : "logarithmic scale"}; units above each.`,
    source: SOURCE, height: 600,
    controls: [toggle("Kind", kinds.map((k) => ({ value: k, label: big(k) })), kind, (v) => { kind = v; chart.update(); })],
    legend,
    draw: (width) => {
      const columns = width < 520 ? 1 : width < 860 ? 2 : 3, each = (width - 20 * (columns - 1)) / columns;
      return h("div", { class: "multiples", style: `--columns:${columns}` }, ...list().map((g) => h("div", {}, h("h4", {}, g.label), plotGroup(g, each, 190, g.kind !== "share"))));
    },
    table: () => tableOf(list()),
  }, format);
  return chart.node;
}

// ------------------------------------------------------------------------------ worlds that decide

const unitOfMeasure = (m: string) => m.startsWith("share") ? "percent" : m.startsWith("mined") ? "t a year" : "t a month";

function plotYears(list: BandYear[], width: number, unit: string): SVGSVGElement | HTMLElement {
  const top = Math.max(...list.map((d) => Math.max(d.q90, d.seen)));
  return Plot.plot({
    width, height: 190, marginLeft: 50, marginBottom: 24, marginTop: 24, x: { tickFormat: "d", label: null, ticks: width < 360 ? 3 : 6 },
    y: { grid: true, label: unit, labelArrow: "none", ticks: 5, tickFormat: (v: number) => number(v), domain: [0, unit === "percent" ? Math.max(100, top) : top * 1.05 || 1] },
    marks: [Plot.areaY(list, { x: "year", y1: "q10", y2: "q90", fill: COLOUR, fillOpacity: 0.2 }), Plot.lineY(list, { x: "year", y: "median", stroke: COLOUR, strokeWidth: 1.8 }),
      Plot.lineY(list, { x: "year", y: "seen", stroke: "currentColor", strokeDasharray: "4,3" }),
      Plot.dot(list, { x: "year", y: "seen", r: 2.6, symbol: (d: BandYear) => d.seen < d.q10 || d.seen > d.q90 ? "diamond" : "circle", fill: (d: BandYear) => d.seen < d.q10 || d.seen > d.q90 ? "var(--c0)" : "currentColor" }),
      Plot.tip(list, Plot.pointerX({ x: "year", y: "median", title: (d: BandYear) => `${d.year}\nrecord ${number(d.seen)} ${unit}\nworlds ${number(d.median)} (80 %: ${number(d.q10)} to ${number(d.q90)})` }))],
  });
}

export function deciding(format: Format): Node[] {
  const starts = [...new Set(test.bands.map((b) => b.start))], measures = [...new Set(test.bands.map((b) => b.measure))];
  if (starts.length === 0) return [h("p", { class: "empty" }, "No worlds that decide were asked for; ytterby backtest --free-from does.")];
  let start = starts[0], measure = measures.includes("output") ? "output" : measures[0];
  const bands = () => test.bands.filter((b) => b.start === start && b.measure === measure);
  const years = (stage: string | null) => test.bandYears.filter((y) => y.start === start && y.measure === measure && y.stage === stage);
  const name = (stage: string | null) => stage ? nameOf(stage) : "All mines outside";
  const chart: Frame = frame({
    id: "free-bands",
    title: () => { const l = bands(), n = l.reduce((t, b) => t + b.years, 0), c = l.reduce((t, b) => t + b.years * (b.coverage80 ?? 0), 0); return `${big(measure)}, worlds that decide from ${start}: ${percent(n ? c / n : 0)} of years inside the band of 80 %`; },
    subtitle: () => `${measure.startsWith("share") ? "Share of the incumbent" : big(measure)}${measure === "output" || measure === "capacity" ? " outside the incumbent" : ""}, ${unitOfMeasure(measure)}. Dashed: ${measure.startsWith("mined") ? "the record" : "the world as dated"}. Worlds know only politics and parameters.`,
    source: SOURCE, height: 460,
    controls: [select("Decide from", starts.map((x) => ({ value: x, label: x })), start, (v) => { start = v; chart.update(); }),
      select("Of", measures.map((x) => ({ value: x, label: big(x) })), measure, (v) => { measure = v; chart.update(); })],
    legend: () => legendOf([{ label: "worlds: median", colour: COLOUR }, { label: "80 % of worlds", colour: `color-mix(in srgb, ${COLOUR} 30%, transparent)` }, { label: "as dated", colour: "currentColor", dash: true }, { label: "outside the band (diamond)", colour: "var(--c0)", dot: true }]),
    draw: (width) => {
      const columns = width < 520 ? 1 : width < 860 ? 2 : 3, each = (width - 20 * (columns - 1)) / columns, list = bands().filter((b) => years(b.stage).length > 0);
      return list.length ? h("div", { class: "multiples", style: `--columns:${columns}` }, ...list.map((b) => h("div", {}, h("h4", {}, name(b.stage)), plotYears(years(b.stage), each, unitOfMeasure(measure)),
        h("p", { class: "sub" }, `In the band ${percent(b.coverage80)}; ${(b.crps ?? 0) < (b.persistence ?? 0) ? "nearer" : "no nearer"} than no change (${number(b.crps, 2)} against ${number(b.persistence, 2)})`)))) : null;
    },
    table: () => ({ columns: ["start", "measure", "stage", "year", "seen", "10 %", "median", "90 %"], rows: test.bandYears.filter((y) => y.start === start && y.measure === measure).map((y): Value[] => [y.start, y.measure, y.stage, y.year, y.seen, y.q10, y.median, y.q90]) }),
  }, format);
  return [chart.node];
}
