// shock_clock.ts - when: markets until they are short, empty and back; prices and stocks by month.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number } from "./numbers";
import { find, key, many, markets, middle, named, pathOf, Q10, Q50, Q90, shock, SOURCE, start, total, type NumberOf, type Path } from "./shock";
import { big, money, monthName, short, type Format } from "./study";

const TIMES = [
  { v: "cover", label: "covered by its stock, by arithmetic", colour: "var(--c4)", symbol: "square" },
  { v: "survive", label: "5 % of the use is missing", colour: "var(--c0)", symbol: "diamond" },
  { v: "empty_after", label: "its stock is empty", colour: "var(--c7)", symbol: "triangle" },
  { v: "recover", label: "use and price are back", colour: "var(--c2)", symbol: "circle" }] as const;
const NEVER: Record<string, string> = { cover: "for ever", survive: "always survives", empty_after: "never empty", recover: "not back yet" };

export const timeText = (x: NumberOf | undefined, never: string): string => !x ? "–" : x.q[Q50] === null ? never : `${number(x.q[Q50])}${many ? ` (${number(x.q[Q10])} to ${x.q[Q90] === null ? "never" : number(x.q[Q90])})` : ""}`;

// ------------------------------------------------------------------------------- stock-out clock

/** Each market a line of months: when its users are short, its stock is gone, all is back. */
function clock(format: Format): HTMLElement {
  let most = 14;
  const list = () => [...markets].sort((a, b) => (middle("survive", a.r, a.about) ?? 1e3) - (middle("survive", b.r, b.about) ?? 1e3)).slice(0, most);
  const early = () => markets.filter((x) => (middle("survive", x.r, x.about) ?? total) < shock.months).length;
  const chart: Frame = frame({
    id: "stock-out-clock",
    title: () => markets.length ? `${early()} of ${markets.length} markets miss 5 % or more before the shock ends` : "No market misses anything",
    subtitle: () => `Months from the first of the shock (${shock.from}); grey: its ${shock.months} months. Marks: median of the worlds${many ? ", lines 80 % of them" : ""}; an arrow at the edge: not in most worlds while they are watched. Soonest short first; in each row from top to bottom as in the legend.`,
    source: SOURCE, height: 460,
    controls: [markets.length > 14 ? toggle("Markets", [{ value: "14", label: "First 14" }, { value: "40", label: "First 40" }], "14", (v) => { most = Number(v); chart.update(); }) : null],
    legend: () => legendOf(TIMES.map(({ label, colour }) => ({ label, colour }))),
    draw: (width) => {
      const rows = list(), margin = width < 520 ? 124 : 330, gap = 0.19;
      if (!rows.length) return null;
      const marks = rows.flatMap((m, i) => TIMES.map((t, k) => ({ m, t, x: find(t.v, m.r, m.about), y: i + gap * (k - 1.5) })).filter((d) => d.x && (d.t.v !== "cover" || d.x.q[Q50] !== null)));
      const cut = (v: number | null | undefined) => v === null || v === undefined ? total : Math.min(total, v);
      const come = marks.filter((d) => d.x!.q[Q50] !== null && d.x!.q[Q50]! <= total), not = marks.filter((d) => !come.includes(d) && d.t.v !== "empty_after" && d.t.v !== "cover");
      return Plot.plot({ width, height: 64 + 44 * rows.length, marginLeft: margin, marginTop: 34, marginRight: 22, marginBottom: 8,
        x: { axis: "top", domain: [0, total], grid: true, label: "months after it begins", labelArrow: "none", ticks: width < 520 ? 4 : 10 }, y: { type: "linear", domain: [-0.6, rows.length - 0.4], reverse: true, axis: null },
        marks: [Plot.rect([0], { x1: 0, x2: shock.months, y1: -0.6, y2: rows.length - 0.4, fill: "currentColor", fillOpacity: 0.07 }),
          Plot.ruleY(rows.slice(1).map((_, i) => i + 0.5), { strokeOpacity: 0.12 }),
          Plot.text(rows, { x: 0, y: (_: NumberOf, i: number) => i, text: (m: NumberOf) => short(named(m.r, m.about), margin - 14), textAnchor: "end", dx: -8 }),
          Plot.link(marks.filter((d) => many && d.x!.q[Q10] !== null), { x1: (d) => cut(d.x!.q[Q10]), x2: (d) => cut(d.x!.q[Q90]), y1: "y", y2: "y", stroke: (d) => d.t.colour, strokeWidth: 2.4, strokeOpacity: 0.5 }),
          ...TIMES.map((t) => Plot.dot(come.filter((d) => d.t === t), { x: (d) => d.x!.q[Q50], y: "y", r: 4.6, symbol: t.symbol, fill: t.colour, stroke: "var(--panel)" })),
          Plot.text(not, { x: total, y: "y", text: () => "→", fill: (d) => d.t.colour, fontWeight: 700, dx: 8, fontSize: 12 }),
          Plot.tip(rows, Plot.pointerY({ x: () => total / 2, y: (_: NumberOf, i: number) => i, maxRadius: 600, title: (m: NumberOf) => `${named(m.r, m.about)}\n${TIMES.map((t) => `${t.label}: ${timeText(find(t.v, m.r, m.about), NEVER[t.v])}`).join("\n")}\nmissing: ${money(m.mean)}` }))] });
    },
    table: () => ({ columns: ["goods", "region", "number", "worlds", "not in", "10 %", "median", "90 %", "unit"],
      rows: markets.flatMap((m) => TIMES.map((t): Value[] => { const x = find(t.v, m.r, m.about); return [m.about, m.r, t.v, x?.n, x?.censored, x?.q[Q10], x?.q[Q50], x?.q[Q90], "months"]; })) }),
  }, format);
  return chart.node;
}

/** Time to survive and time to recover, node by node. */
function timeTable(format: Format): HTMLElement {
  const body = h("tbody", {}), more = h("button", { type: "button", class: "quiet" }, "Show all");
  let most = 12;
  const fill = () => {
    body.replaceChildren(...markets.slice(0, most).map((m) => h("tr", {}, h("th", { scope: "row" }, named(m.r, m.about)),
      ...TIMES.map((t) => h("td", { class: "number" }, timeText(find(t.v, m.r, m.about), NEVER[t.v]))), h("td", { class: "number" }, `×${format(Number((middle("price_peak", m.r, m.about) ?? 1).toPrecision(3)))}`), h("td", { class: "number" }, money(m.mean)))));
    more.hidden = markets.length <= most;
  };
  more.addEventListener("click", () => { most = Infinity; fill(); });
  fill();
  return h("details", { class: "box", open: true }, h("summary", {}, "Time to survive and time to recover, by market"),
    h("p", { class: "more" }, `Months${many ? ", median (10 to 90 % of worlds)" : ""}; most worth missing first.`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Time to survive and to recover" }, h("table", { class: "list times" }, h("thead", {}, h("tr", {}, ...["Market", "Cover", "Survives", "Empty after", "Recovers", "Peak price over without", "Missing"].map((x) => h("th", { scope: "col" }, x)))), body)),
    h("p", { class: "buttons" }, more));
}

export function clocks(format: Format): Node[] {
  return markets.length ? [clock(format), timeTable(format)] : [h("p", { class: "empty" }, "No market of these goods misses anything.")];
}

// -------------------------------------------------------------------------------- price and stock

interface Month { at: number; mean: number; low: number; middle: number; high: number }
export const monthsOf = (p: Path | undefined, scale = 1): Month[] => !p ? [] : p.median.flatMap((v, k) => v === null ? [] : [{ at: k + offset(p), mean: (p.mean[k] ?? v) * scale, low: (p.q10[k] ?? v) * scale, middle: v * scale, high: (p.q90[k] ?? v) * scale }]);
const offset = (p: Path) => Number(p.from.slice(0, 4)) * 12 + Number(p.from.slice(5, 7)) - 1 - start;
const WITHOUT = "var(--c1)", WITH = "var(--c0)";
export const monthTick = (k: number): string => monthName(start + k);

/** Two fans: without the shock and with it. */
function plotPair(r: string, about: string, what: "price" | "stock", width: number, height: number): SVGSVGElement | HTMLElement | null {
  const scale = what === "price" ? 1e-3 : 1, without = monthsOf(pathOf(`${what}_without`, r, about), scale), under = monthsOf(pathOf(`${what}_with`, r, about), scale);
  if (without.length + under.length === 0) return null;
  const top = Math.max(...[...without, ...under].map((d) => d.high)), unit = what === "price" ? "USD/kg" : "t";
  const title = (d: Month) => { const a = without.find((x) => x.at === d.at), b = under.find((x) => x.at === d.at), say = (x: Month | undefined) => x ? `${number(x.middle)} ${unit}${many ? ` (80 %: ${number(x.low)} to ${number(x.high)})` : ""}` : "none"; return `${monthTick(d.at)}\nwith ${say(b)}\nwithout ${say(a)}`; };
  return Plot.plot({ width, height, marginLeft: 52, marginRight: 26, marginTop: 24, marginBottom: 26, x: { domain: [0, total], label: null, ticks: Array.from({ length: Math.floor(total / 12) + 1 }, (_, i) => 12 * i), tickFormat: (k: number) => width < 360 ? monthTick(k).slice(0, 4) : monthTick(k), grid: false }, y: { grid: true, label: unit, labelArrow: "none", ticks: 5, tickFormat: (v: number) => number(v), domain: [0, top * 1.06 || 1] },
    marks: [Plot.rect([0], { x1: 0, x2: shock.months, y1: 0, y2: top * 1.06 || 1, fill: "currentColor", fillOpacity: 0.06 }),
      ...(many ? [Plot.areaY(without, { x: "at", y1: "low", y2: "high", fill: WITHOUT, fillOpacity: 0.15 }), Plot.areaY(under, { x: "at", y1: "low", y2: "high", fill: WITH, fillOpacity: 0.17 })] : []),
      Plot.lineY(without, { x: "at", y: "middle", stroke: WITHOUT, strokeWidth: 1.7, strokeDasharray: "5,3" }), Plot.lineY(under, { x: "at", y: "middle", stroke: WITH, strokeWidth: 1.9 }),
      Plot.tip(under.length ? under : without, Plot.pointerX({ x: "at", y: "middle", title }))] });
}

export function prices(format: Format): Node[] {
  const shown = markets.filter((m) => pathOf("price_with", m.r, m.about) || pathOf("stock_with", m.r, m.about));
  if (shown.length === 0) return [h("p", { class: "empty" }, "The result has no months of markets.")];
  let which = key(shown[0]), what: "price" | "stock" = "price";
  const now = () => shown.find((m) => key(m) === which)!;
  const one: Frame = frame({
    id: "price-path",
    title: () => { const m = now(), peak = find("price_peak", m.r, m.about); return what === "price" ? `${big(named(m.r, m.about))}: at its peak ×${number(peak?.q[Q50] ?? 1)} of the price without the shock${many ? ` (80 % of worlds: ${number(peak?.q[Q10])} to ${number(peak?.q[Q90])})` : ""}` : `${big(named(m.r, m.about))}: stock ${timeText(find("empty_after", m.r, m.about), "never empty") === "never empty" ? "never empty in most worlds" : `empty after ${timeText(find("empty_after", m.r, m.about), "")} months`}`; },
    subtitle: () => `${what === "price" ? `Price of the last tonne, constant ${shock.baseYear || ""} USD/kg` : "Stock of traders, users and the state, t"}, median by month${many ? " and 80 % of worlds" : ""}; grey: months of the shock. Months without trade are left out.`,
    source: SOURCE, height: 360,
    controls: [select("Market", shown.map((m) => ({ value: key(m), label: named(m.r, m.about) })), which, (v) => { which = v; one.update(); }), toggle("Of", [{ value: "price", label: "Price" }, { value: "stock", label: "Stock" }], "price", (v) => { what = v as "price" | "stock"; one.update(); })],
    legend: pairLegend, draw: (width) => plotPair(now().r, now().about, what, width, 360), table: () => pathTable([now()], what),
  }, format);
  let kind: "price" | "stock" = "price";
  const grid: Frame = frame({
    id: "price-multiples",
    title: () => `${kind === "price" ? "Prices" : "Stocks"} of the ${Math.min(9, shown.length)} markets that miss most`,
    subtitle: () => `${kind === "price" ? "USD/kg" : "t"}, median by month${many ? " and 80 % of worlds" : ""}; grey: months of the shock.`,
    source: SOURCE, height: 460,
    controls: [toggle("Of", [{ value: "price", label: "Price" }, { value: "stock", label: "Stock" }], "price", (v) => { kind = v as "price" | "stock"; grid.update(); })],
    legend: pairLegend,
    draw: (width) => { const columns = width < 520 ? 1 : width < 860 ? 2 : 3, each = (width - 20 * (columns - 1)) / columns; return h("div", { class: "multiples", style: `--columns:${columns}` }, ...shown.slice(0, 9).map((m) => h("div", {}, h("h4", {}, named(m.r, m.about)), plotPair(m.r, m.about, kind, each, 180)))); },
    table: () => pathTable(shown.slice(0, 9), kind),
  }, format);
  return shown.length > 1 ? [one.node, grid.node] : [one.node];
}

const pairLegend = () => legendOf([{ label: "with the shock", colour: WITH }, { label: "without", colour: WITHOUT, dash: true }]);
const pathTable = (list: NumberOf[], what: string) => ({ columns: ["variable", "goods", "region", "month", "mean", "10 %", "median", "90 %", "unit", "worlds"],
  rows: list.flatMap((m) => ["without", "with"].flatMap((leg) => { const p = pathOf(`${what}_${leg}`, m.r, m.about); return monthsOf(p).map((d): Value[] => [p!.v, m.about, m.r, monthTick(d.at), d.mean, d.low, d.middle, d.high, p!.unit, p!.worlds]); })) });

