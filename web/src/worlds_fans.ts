// worlds_fans.ts - bands of all worlds by year, with what was observed.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { aboutName, all, byRank, colourOf, decided, fact, lastYear, regionName, SOURCE, words, type Fan, type Point } from "./worlds";

type Format = (v: Value) => string;
interface Row { year: number; q: (number | null)[] }

const rowsOf = (fan: Fan, scale: number): Row[] => Array.from({ length: all.years }, (_, y) => ({
  year: all.firstYear + y, q: fan.q.map((x) => x[y] === null || x[y] === undefined ? null : x[y]! * scale) })).filter((d) => d.q[2] !== null);
const pointsOf = (fan: Fan): Point[] => { const i = all.fans.indexOf(fan); return all.points.filter((p) => p.fan === i); };

interface Look { scale: number; unit: string; log?: boolean; share?: boolean; colour: string; height: number; from?: number; title?: string }

/** 5 to 95 %, 25 to 75 %, median; points with their range. */
function plotFan(fan: Fan, width: number, look: Look): SVGSVGElement | HTMLElement | null {
  const rows = rowsOf(fan, look.scale).filter((d) => d.year >= (look.from ?? 0));
  if (rows.length === 0) return null;
  const points = pointsOf(fan).map((p) => ({ p, at: (p.from + p.to) / 2 - 0.5, low: p.low * look.scale, high: p.high * look.scale })).filter((d) => d.at + 0.5 >= (look.from ?? 0));
  const top = Math.max(...rows.map((d) => d.q[4]!), ...points.map((d) => d.high));
  const floor = look.log ? Math.max(top * 1e-4, Math.min(...rows.map((d) => d.q[0]!).filter((x) => x > 0), ...points.map((d) => d.low).filter((x) => x > 0))) : 0;
  const at = (i: number) => (d: Row) => look.log ? Math.max(floor, d.q[i]!) : d.q[i]!;
  const show = (v: number) => look.share ? percent(v) : number(v);
  const negative = !look.log && rows.some((d) => d.q[0]! < 0);
  return Plot.plot({
    width, height: look.height, marginLeft: 52, marginBottom: 26, marginTop: 26,
    x: { tickFormat: "d", label: null, ticks: width < 420 ? 4 : 8, domain: [Math.max(all.firstYear, look.from ?? 0), lastYear] },
    y: { type: look.log ? "log" : "linear", grid: true, label: look.unit, labelArrow: "none", ticks: 5, tickFormat: show, domain: look.share ? [0, Math.max(0.01, Math.min(1, top * 1.05))] : look.log ? [floor, top * 1.1] : negative ? undefined : [0, top * 1.05 || 1] },
    marks: [
      decided > all.firstYear && decided <= lastYear ? Plot.ruleX([decided], { stroke: "currentColor", strokeOpacity: 0.45, strokeDasharray: "3,3" }) : null,
      Plot.areaY(rows, { x: "year", y1: at(0), y2: at(4), fill: look.colour, fillOpacity: 0.16, clip: true }),
      Plot.areaY(rows, { x: "year", y1: at(1), y2: at(3), fill: look.colour, fillOpacity: 0.3, clip: true }),
      Plot.lineY(rows, { x: "year", y: at(2), stroke: look.colour, strokeWidth: 1.8, clip: true }),
      Plot.ruleX(points.filter((d) => d.high > d.low), { x: "at", y1: "low", y2: "high", stroke: "currentColor", strokeOpacity: 0.7 }),
      Plot.dot(points, { x: "at", y: (d) => (d.low + d.high) / 2, r: (d) => d.p.band === undefined ? 2.2 : 3.2, fill: (d) => d.p.band === undefined ? "none" : "currentColor", stroke: "currentColor", strokeWidth: 1.1 }),
      Plot.tip(rows, Plot.pointerX({ x: "year", y: at(2), title: (d: Row) => `${d.year}\nmedian ${show(d.q[2]!)}\nhalf of worlds ${show(d.q[1]!)} to ${show(d.q[3]!)}\n9 of 10 ${show(d.q[0]!)} to ${show(d.q[4]!)}` })),
    ],
  });
}

const legend = (colour: string, points: boolean): HTMLElement => legendOf([
  { label: "median", colour }, { label: "25 to 75 % of worlds", colour: `color-mix(in srgb, ${colour} 46%, transparent)` },
  { label: "5 to 95 %", colour: `color-mix(in srgb, ${colour} 16%, transparent)` },
  ...(points ? [{ label: "observed (small: not a whole year)", colour: "currentColor", dot: true }] : [])]);

const tableOf = (fans: Fan[]) => ({
  columns: ["variable", "region", "about", "unit", "year", "5 %", "25 %", "median", "75 %", "95 %"],
  rows: fans.flatMap((f) => rowsOf(f, 1).map((d): Value[] => [f.v, f.r, f.about, f.unit, d.year, ...d.q])),
});
const untilDecided = decided > all.firstYear && decided <= lastYear ? ` Dashed: from ${fact("decisions")} decisions replace recorded dates.` : "";

function inBand(points: Point[]): string {
  const years = points.filter((p) => p.band !== undefined);
  return years.length ? `; ${years.filter((p) => p.band === 80).length} of ${years.length} yearly observations lie in the band of 80 %` : "";
}

// ------------------------------------------------------------------------------- independence

export function independence(format: Format): Node[] {
  const users = all.dates.filter((d) => d.v === "break_free_year").map((d) => d.r);
  const fans = all.fans.filter((f) => f.v === "independence" && users.includes(f.r) && f.r !== all.incumbent && f.q[2].some((x) => x !== null)).sort((a, b) => byRank(a.r, b.r));
  if (fans.length === 0) return [h("p", { class: "empty" }, "The case names no incumbent whose goods could stop.")];
  const threshold = Number(fact("threshold") || 0.9);
  const chart = frame({
    id: "independence-fans",
    title: () => {
      const list = fans.map((f) => ({ f, v: [...f.q[2]].reverse().find((x) => x !== null) ?? 0 })).sort((a, b) => a.v - b.v);
      return `In ${lastYear} the median runs from ${percent(list[0].v)} (${regionName(list[0].f.r)}) to ${percent(list[list.length - 1].v)} (${regionName(list[list.length - 1].f.r)})`;
    },
    subtitle: () => `Independence ratio: share of critical use that would be served if ${regionName(all.incumbent)}'s goods stopped, December of each year, stocks left out; free above ${percent(threshold)}.${untilDecided}`,
    source: SOURCE,
    height: 460,
    legend: () => legend("var(--c1)", false),
    draw: (width) => {
      const columns = width < 520 ? 1 : width < 860 ? 2 : 3, each = (width - 20 * (columns - 1)) / columns;
      return h("div", { class: "multiples", style: `--columns:${columns}` }, ...fans.map((f) => h("div", {}, h("h4", {}, regionName(f.r)),
        plotFan(f, each, { scale: 1, unit: "share", share: true, colour: colourOf(f.r), height: 200 }))));
    },
    table: () => tableOf(fans),
  }, format);
  return [chart.node];
}

// -------------------------------------------------------------------------------------- prices

export function prices(format: Format): Node[] {
  const fans = all.fans.filter((f) => (f.v === "price" || f.v === "price_export") && f.q[2].some((x) => x !== null));
  if (fans.length === 0) return [h("p", { class: "empty" }, "No price was kept.")];
  const seen = (f: Fan) => pointsOf(f).length;
  const best = [...fans].sort((a, b) => seen(b) - seen(a))[0];
  let c = best.about, key = `${best.v}|${best.r}`, log = true;
  const markets = () => fans.filter((f) => f.about === c).sort((a, b) => a.v.localeCompare(b.v) || byRank(a.r, b.r));
  const fan = () => markets().find((f) => `${f.v}|${f.r}` === key) ?? markets()[0];
  const label = (f: Fan) => `${regionName(f.r)}${f.v === "price_export" ? ", at the border" : ""}${seen(f) ? ` (${seen(f)} observed)` : ""}`;
  const place = h("span", {});
  const fill = () => place.replaceChildren(select("Market", markets().map((f) => ({ value: `${f.v}|${f.r}`, label: label(f) })), `${fan().v}|${fan().r}`, (v) => { key = v; chart.update(); }));
  const goods = [...new Set(fans.map((f) => f.about))].sort((a, b) => all.commodities.findIndex((x) => x.id === a) - all.commodities.findIndex((x) => x.id === b));
  const group = (id: string) => all.groups[all.groupOf[all.commodities.findIndex((x) => x.id === id)]]?.name;
  const chart: Frame = frame({
    id: "price-fan",
    title: () => { const f = fan(), rows = rowsOf(f, 0.001), d = rows[rows.length - 1]; return `${aboutName(c)}, ${regionName(f.r)}: ${number(d.q[2])} USD/kg in ${d.year}, 9 of 10 worlds between ${number(d.q[0])} and ${number(d.q[4])}${inBand(pointsOf(f))}`; },
    subtitle: () => `Mean of the calendar year, constant ${all.baseYear || ""} USD/kg without tax${log ? ", logarithmic scale" : ""}. Observations in the same money, with their range.${untilDecided}`,
    source: `${SOURCE}; observations of the case`,
    height: 380,
    controls: [select("Commodity", goods.map((x) => ({ value: x, label: aboutName(x), group: group(x) })), c, (v) => { c = v; fill(); chart.update(); }), place,
      toggle("Scale", [{ value: "log", label: "Log" }, { value: "linear", label: "Linear" }], "log", (v) => { log = v === "log"; chart.update(); })],
    legend: () => legend(colourOf(fan().r), seen(fan()) > 0),
    draw: (width) => plotFan(fan(), width, { scale: 0.001, unit: "USD/kg", log, colour: colourOf(fan().r), height: 380 }),
    table: () => tableOf(markets()),
  }, format);
  fill();
  return [chart.node, observed(format, ["price", "price_export"])];
}

/** Every observation that has a band: which lie outside, worst first. */
function observed(format: Format, of: string[]): HTMLElement {
  const list = all.points.filter((p) => of.includes(all.fans[p.fan].v) && p.band !== undefined);
  const years = list.length, out = list.filter((p) => p.band === 0);
  if (years === 0) return h("span", {});
  const row = (p: Point) => {
    const f = all.fans[p.fan], y = Math.floor(p.from) - all.firstYear, k = f.unit === "USD/t" ? 0.001 : 1;
    return h("tr", {}, h("th", { scope: "row" }, aboutName(f.about), h("span", { class: "sub" }, `${regionName(f.r)}, ${words(f.v)}`)), h("td", {}, p.period),
      h("td", { class: "number" }, `${format(p.low * k)}${p.high > p.low ? ` to ${format(p.high * k)}` : ""}`), h("td", { class: "number" }, `${format((f.q[0][y] ?? NaN) * k)} to ${format((f.q[4][y] ?? NaN) * k)}`),
      h("td", {}, k < 1 ? "USD/kg" : f.unit), h("td", {}, `${p.source}, grade ${p.grade}`));
  };
  return h("details", { class: "box" }, h("summary", {}, `${out.length} of ${years} yearly observations lie outside the band of 90 % of worlds`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Observations outside the bands" }, h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...["What", "When", "Observed", "5 to 95 % of worlds", "Unit", "Source"].map((x) => h("th", { scope: "col" }, x)))),
      h("tbody", {}, ...out.map(row)))));
}

// ------------------------------------------------------------------------------------- output

export function output(format: Format): Node[] {
  const fans = all.fans.filter((f) => (f.v === "output" || f.v === "capacity") && f.q[4].some((x) => (x ?? 0) > 0));
  if (fans.length === 0) return [h("p", { class: "empty" }, "No plant worked.")];
  const places = [...new Set(fans.map((f) => f.r))].sort(byRank);
  let r = places[0], kind = "output";
  const mine = () => fans.filter((f) => f.r === r && f.v === kind).sort((a, b) => all.stages.findIndex((x) => x.id === a.about) - all.stages.findIndex((x) => x.id === b.about));
  const chart: Frame = frame({
    id: "output-fans",
    title: () => {
      const points = mine().flatMap(pointsOf);
      return `${kind === "output" ? "Output" : "Capacity"} ${r === "outside" ? "" : "in "}${regionName(r)} by stage${inBand(points)}`;
    },
    subtitle: () => `Tonnes a year of activity${r === "outside" ? "; observed mine output outside is the world's less the incumbent's" : ""}. Records leave out what is mined unrecorded, the model does not.${untilDecided}`,
    source: `${SOURCE}; observations of the case`,
    height: 460,
    controls: [select("Region", places.map((x) => ({ value: x, label: regionName(x) })), r, (v) => { r = v; chart.update(); }),
      toggle("Of", [{ value: "output", label: "Output" }, { value: "capacity", label: "Capacity" }], kind, (v) => { kind = v; chart.update(); })],
    legend: () => legend(colourOf(r), mine().some((f) => pointsOf(f).length > 0)),
    draw: (width) => {
      const list = mine();
      if (list.length === 0) return null;
      const columns = width < 520 ? 1 : width < 860 ? 2 : 3, each = (width - 20 * (columns - 1)) / columns;
      return h("div", { class: "multiples", style: `--columns:${columns}` }, ...list.map((f) => h("div", {}, h("h4", {}, aboutName(f.about)),
        plotFan(f, each, { scale: 12, unit: "t a year", colour: colourOf(r), height: 200 }))));
    },
    table: () => tableOf(mine()),
  }, format);
  return [chart.node];
}

// ------------------------------------------------------------------------------------ politics

/** Programmes running and attention, by region. */
export function politics(format: Format): Node | null {
  const fans = all.fans.filter((f) => f.v === "programmes" && f.q[4].some((x) => (x ?? 0) > 0));
  if (fans.length === 0) return null;
  const places = fans.map((f) => f.r).sort(byRank);
  let r = places.find((x) => x !== all.incumbent) ?? places[0];
  const chart: Frame = frame({
    id: "programmes-fan",
    title: () => { const f = fans.find((x) => x.r === r)!, rows = rowsOf(f, 1), d = rows[rows.length - 1]; return `${regionName(r)}: ${number(d.q[2], 2)} programmes in force in ${d.year} (median; 9 of 10 worlds ${number(d.q[0], 2)} to ${number(d.q[4], 2)})`; },
    subtitle: () => `Left: programmes in force, weakened ones at half, mean of the year. Right: attention to the matter, 0 to 1.${untilDecided}`,
    source: SOURCE,
    height: 240,
    controls: [select("Region", places.map((x) => ({ value: x, label: regionName(x) })), r, (v) => { r = v; chart.update(); })],
    legend: () => legend(colourOf(r), false),
    draw: (width) => {
      const columns = width < 620 ? 1 : 2, each = (width - 20 * (columns - 1)) / columns, salience = all.fans.find((f) => f.v === "salience" && f.r === r);
      return h("div", { class: "multiples", style: `--columns:${columns}` }, h("div", {}, h("h4", {}, "Programmes in force"), plotFan(fans.find((x) => x.r === r)!, each, { scale: 1, unit: "number", colour: colourOf(r), height: 210 })),
        salience ? h("div", {}, h("h4", {}, "Attention"), plotFan(salience, each, { scale: 1, unit: "share", share: true, colour: colourOf(r), height: 210 })) : null);
    },
    table: () => tableOf(all.fans.filter((f) => (f.v === "programmes" || f.v === "salience") && f.r === r)),
  }, format);
  return chart.node;
}
