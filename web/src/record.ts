// record.ts - a few facts of the record, the model's answer beside each.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, type Value } from "./dom";
import { commodityName, monthText, number, percent, regionName, view } from "./view";

const record = view.record;
const kg = (v: number | null) => number(v === null ? null : v / 1000);
/** Half years and years of the run's months, as axis words. */
const period = (first: number) => `${Math.floor((view.startMonth + first) / 12)} ${(view.startMonth + first) % 12 < 6 ? "H1" : "H2"}`;

function verdicts(): Node {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Facts of the record" }, h("table", { class: "list verdicts" },
    h("thead", {}, h("tr", {}, ...["Fact", "Verdict", "In numbers"].map((x) => h("th", { scope: "col" }, x)))),
    h("tbody", {}, ...[...record.verdicts].sort((a, b) => a.hits / a.of - b.hits / b.of).map((x) => {
      const all = x.hits === x.of, most = 3 * x.hits >= 2 * x.of, some = 3 * x.hits >= x.of;
      return h("tr", {}, h("th", { scope: "row" }, x.what, h("span", { class: "sub" }, x.kind)),
        h("td", {}, h("span", { class: `verdict ${all ? "close" : most ? "rough" : "miss"}` }, all ? "reproduced" : most ? "mostly" : some ? "in part" : "missed"), h("span", { class: "sub" }, `${x.hits} of ${x.of}`)),
        h("td", {}, x.text));
    }))));
}

function gaps(): Node | null {
  const { year, rows } = record.gaps;
  if (!rows.length) return null;
  return h("div", { class: "chart" }, h("div", {}, h("h3", {}, `Two prices in ${year}: outside over inside ${regionName(view.exporter)}`),
    h("p", { class: "subtitle" }, `Model: means of the year, constant ${view.money.base || ""} USD/kg without tax; inside, and at the border, permit included. Ratios: quotations of both sides in the same month, and the model in that month. Widest observed gap first.`)),
  h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Two prices in ${year}` }, h("table", { class: "list" },
    h("thead", {}, h("tr", {}, ...["Commodity", "Inside", "Outside", "Ratio of the year", "Observed ratio", "Model, same months", "Highest outside"].map((x) => h("th", { scope: "col" }, x)))),
    h("tbody", {}, ...rows.map(([c, peak, inside, outside, seen, same, pairs]) => {
      const miss = Math.max(same! / seen!, seen! / same!);
      return h("tr", {}, h("th", { scope: "row" }, commodityName(c!)), h("td", { class: "number" }, kg(inside)), h("td", { class: "number" }, kg(outside)),
        h("td", { class: "number" }, number(outside! / inside!, 2)), h("td", { class: "number" }, number(seen, 2), h("span", { class: "sub" }, `${pairs} pair${pairs === 1 ? "" : "s"}`)),
        h("td", { class: "number" }, h("span", { class: `verdict ${miss > 2 ? "miss" : miss > 1.25 ? "rough" : "close"}` }, number(same, 2))),
        h("td", {}, peak! >= 0 ? monthText(peak!) : "–"));
    })))));
}

function quota(format: (v: Value) => string): Node | null {
  const rows = record.quota.map(([first, issued, used, price, ask, without]) => ({ when: period(first!), issued: issued!, used: used!, price, ask, without: without! }));
  if (!rows.length) return null;
  const shown = [...new Set(rows.map((d) => d.when))];
  const line = rows.filter((d) => d.price !== null);
  const top = line.reduce((a, d) => (d.price! > (a?.price ?? 0) ? d : a), undefined as typeof rows[0] | undefined);
  return frame({
    id: "quota",
    title: () => top ? `Permits cost most in ${top.when}, ${kg(top.price)} USD/kg on average` : "Export permits",
    subtitle: () => `By half year, all export permits of ${regionName(view.exporter)} together. Above: price of a permit and what holders ask, weighted by use, constant ${view.money.base || ""} USD/kg. Below: tonnes of permit used (filled) and issued (outline; a batch of a whole year stands in its first half), and tonnes sent without permit (dots).`,
    source: "simulation; issued tonnes are inputs",
    height: 400,
    legend: () => legendOf([{ label: "Permit price", colour: "var(--c0)" }, { label: "Asked by holders", colour: "var(--c1)", dash: true }, { label: "Used", colour: "var(--c2)" }, { label: "Issued", colour: "var(--o0)" }, { label: "Sent without permit", colour: "var(--c4)", dot: true }]),
    draw: (width) => {
      const ticks = shown.filter((_, i) => width >= 620 ? i % 2 === 0 : i % 6 === 0);
      const axis = { domain: shown, label: null, ticks, tickFormat: (d: string) => d.slice(0, 4) };
      return h("div", {}, Plot.plot({
        width, height: 190, marginLeft: 56, x: { type: "point", padding: 0.5, ...axis }, y: { grid: true, label: null, ticks: 4, tickFormat: (v: number) => number(v) },
        marks: [Plot.ruleY([0]), Plot.lineY(line, { x: "when", y: (d) => d.price! / 1000, stroke: "var(--c0)", strokeWidth: 1.8, marker: "dot" }),
          Plot.lineY(line, { x: "when", y: (d) => d.ask === null ? null : d.ask / 1000, stroke: "var(--c1)", strokeDasharray: "5,3" })],
      }), Plot.plot({
        width, height: 190, marginLeft: 56, x: { type: "band", ...axis }, y: { grid: true, label: null, ticks: 4, tickFormat: (v: number) => number(v) },
        marks: [Plot.barY(rows, { x: "when", y: "used", fill: "var(--c2)" }), Plot.barY(rows.filter((d) => d.issued > 0), { x: "when", y: "issued", fill: "none", stroke: "var(--o0)", strokeWidth: 1.3 }),
          Plot.dot(rows.filter((d) => d.without > 0), { x: "when", y: "without", r: 3, fill: "var(--c4)" }), Plot.ruleY([0]),
          Plot.tip(rows, Plot.pointerX({ x: "when", y: (d) => Math.max(d.used, d.issued), title: (d) => `${d.when}: used ${number(d.used)} t, issued ${number(d.issued)} t\nwithout permit ${number(d.without)} t\npermit ${kg(d.price)} USD/kg` }))],
      }));
    },
    table: () => ({ columns: ["half year", "issued t", "used t", "permit price USD/t", "asked USD/t", "without permit t"], rows: rows.map((d): Value[] => [d.when, d.issued, d.used, d.price, d.ask, d.without]) }),
  }, format).node;
}

function mines(format: (v: Value) => string): Node | null {
  const rows = record.mines.map(([year, low, high, model, tolerance, near, read]) => ({ year: year!, low: low!, high: high!, model: model!, tolerance: tolerance ?? 0, near: !!near, read: !!read }));
  if (!rows.length) return null;
  return frame({
    id: "mine-share",
    title: () => `${regionName(view.exporter)}'s share of mine output: ${rows.filter((d) => d.near).length} of ${rows.length} years within the tolerance`,
    subtitle: () => "Percent of the world's recorded mine output. Line: model, without unrecorded output. Points: official figures, with the tolerance as a bar; hollow where mines ran at the capacity they were given, so that the share was read, not computed.",
    source: "simulation; mine production on record",
    height: 260,
    draw: (width) => Plot.plot({
      width, height: 260, marginLeft: 44, x: { tickFormat: "d", label: null }, y: { grid: true, label: null, domain: [Math.min(50, ...rows.map((d) => d.low - d.tolerance)), 100], ticks: 5 },
      marks: [Plot.lineY(rows, { x: "year", y: "model", stroke: "var(--c0)", strokeWidth: 1.9 }), Plot.ruleX(rows, { x: "year", y1: (d) => d.low - d.tolerance, y2: (d) => Math.min(100, d.high + d.tolerance), strokeOpacity: 0.5 }),
        Plot.dot(rows, { x: "year", y: (d) => (d.low + d.high) / 2, r: 3.4, stroke: "currentColor", fill: (d) => d.read ? "var(--paper)" : "currentColor" }),
        Plot.tip(rows, Plot.pointerX({ x: "year", y: "model", title: (d) => `${d.year}: model ${number(d.model)} %, record ${number(d.low)}${d.high !== d.low ? `–${number(d.high)}` : ""} %, ${d.near ? "within" : "outside"} ${d.tolerance} points${d.read ? "\nread from capacities" : ""}` }))],
    }),
    table: () => ({ columns: ["year", "record low %", "record high %", "model %", "tolerance", "within", "computed or read"], rows: rows.map((d): Value[] => [d.year, d.low, d.high, d.model, d.tolerance, d.near ? "yes" : "no", d.read ? "read" : "computed"]) }),
  }, format).node;
}

function basket(): Node | null {
  const b = record.basket;
  if (!b?.rows.length) return null;
  const rows = b.rows.map(([c, made, gone, taken, price]) => ({ c: c!, made: made!, gone: gone! / made!, price, value: Math.min(made!, taken!) * (price ?? 0) })).sort((x, y) => y.value - x.value);
  const all = rows.reduce((t, d) => t + d.value, 0);
  const scarce = rows.filter((d) => d.gone <= b.surplus), spare = rows.filter((d) => d.gone > b.surplus);
  const carried = scarce.reduce((t, d) => t + d.value, 0) / all;
  return h("div", { class: "chart" }, h("div", {}, h("h3", {}, `${view.groups[b.g].name} in ${b.year}: ${scarce.length} that nobody throws away carry ${percent(carried)} of the value`),
    h("p", { class: "subtitle" }, `In surplus, more than ${percent(b.surplus)} thrown away: ${spare.sort((x, y) => y.gone - x.gone).map((d) => commodityName(d.c)).join(", ") || "none"}. Value: tonnes used or fed on, at the price inside ${regionName(view.exporter)}; what is made of one another counts as what it was used for.`)),
  h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Surplus and value" }, h("table", { class: "list" },
    h("thead", {}, h("tr", {}, ...["Commodity", "Made, t", "Thrown away", "Price inside, USD/kg", "Share of value", ""].map((x) => h("th", { scope: "col" }, x)))),
    h("tbody", {}, ...rows.map((d) => h("tr", {}, h("th", { scope: "row" }, commodityName(d.c)), h("td", { class: "number" }, number(d.made)), h("td", { class: "number" }, d.gone < 0.0005 ? "none" : percent(d.gone)),
      h("td", { class: "number" }, kg(d.price)), h("td", { class: "number" }, percent(d.value / all)), h("td", {}, d.gone > b.surplus ? "surplus" : "scarce")))))));
}

export function facts(format: (v: Value) => string): Node[] {
  if (!record) return [];
  return [h("h3", {}, "Facts of the record"), verdicts(), gaps(), quota(format), mines(format), basket(), h("h3", {}, "Every observation")].filter((x): x is HTMLElement => x !== null);
}
