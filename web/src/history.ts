// history.ts - model against observation, misses first.
import * as Plot from "@observablehq/plot";
import { download, frame, h, select, toggle, type Value } from "./dom";
import { facts } from "./record";
import { commodityName, number, regionName, view, type HistoryRow } from "./view";

type Compared = HistoryRow & { error: number; model: number; low: number; high: number };
const compared = view.history.filter((x): x is Compared => x.kind !== undefined).map((x) => ({ ...x, error: x.error ?? -Infinity }));
const factor = (error: number) => Number.isFinite(error) ? Math.exp(Math.abs(error)) : Infinity;
const EDGE = 30;
const ROLES: Record<string, string> = { calibration: "The case was adjusted to", unfitted: "Judged unfitted", seen: "Looked at while the case was mended", other: "Others" };
const words = (x: string) => x.replace(/_/g, " ");
/** Prices are read per kg. */
const isPrice = (x: Compared) => x.modelUnit === "USD/t";
const shown = (x: Compared, value: number) => number(isPrice(x) ? value / 1000 : value);
const range = (x: Compared) => `${shown(x, x.low)}${x.high !== x.low ? `–${shown(x, x.high)}` : ""}`;
const unitOf = (x: Compared) => isPrice(x) ? "USD/kg" : x.modelUnit ?? "";
const about = (x: HistoryRow) => x.c >= 0 ? commodityName(x.c) : x.product;
const verdict = (x: Compared) => x.model === 0 ? "the model has none" : x.error === 0 ? "inside the range" : `${factor(x.error) > 1000 ? "over 1,000" : number(factor(x.error), 2)} times too ${x.error > 0 ? "high" : "low"}`;
const level = (x: Compared) => factor(x.error) > 2 ? "miss" : factor(x.error) > 1.25 ? "rough" : "close";

export function history(format: (v: Value) => string): Node[] {
  let series = "", kind = "computed", role = "", most = 25;
  const chosen = () => compared.filter((x) => (!series || x.series === series) && (!kind || x.kind === kind) && (!role || x.role === role));
  const roles = [...new Set(compared.map((x) => x.role ?? ""))].filter((x) => x).sort();
  const kinds = [...new Set(compared.map((x) => x.series))].sort();
  const chart = frame({
    id: "skill",
    title: () => {
      const list = chosen().map((x) => factor(x.error)).sort((a, b) => a - b);
      return list.length ? `Half of ${list.length} ${kind || "compared"} rows are within a factor of ${number(list[Math.floor(list.length / 2)], 2)}; ${list.filter((x) => x > 2).length} miss by more than 2` : "No row could be compared";
    },
    subtitle: () => "Model over observed by date of the observation, ratio on a logarithmic scale; 1 is right, the band is a factor of 1.25, beyond a factor of 30 at the edge",
    source: "observations of the case (sources in the table), simulation",
    height: 320,
    controls: [select("Series", [{ value: "", label: "All" }, ...kinds.map((x) => ({ value: x, label: words(x) }))], "", (v) => { series = v; chart.update(); fill(); }),
      toggle("Rows", [{ value: "computed", label: "Computed" }, { value: "read", label: "Read from inputs" }, { value: "", label: "Both" }], "computed", (v) => { kind = v; chart.update(); fill(); }),
      ...(roles.length > 1 ? [select("Years", [{ value: "", label: "All" }, ...roles.map((x) => ({ value: x, label: ROLES[x] ?? x }))], "", (v) => { role = v; chart.update(); fill(); })] : [])],
    draw: (width) => {
      const list = chosen().map((x) => ({ x, when: view.firstYear + ((x.first! + x.last!) / 2 + (view.startMonth % 12)) / 12, ratio: Math.max(1 / EDGE, Math.min(EDGE, Math.exp(x.error))) }));
      if (!list.length) return null;
      const names = kinds.filter((k) => list.some((d) => d.x.series === k));
      return Plot.plot({
        width, height: 330, marginLeft: 48, x: { tickFormat: "d", label: null }, y: { type: "log", grid: true, label: null, ticks: 5, tickFormat: (v: number) => `×${number(v)}`, domain: [Math.min(0.5, ...list.map((d) => d.ratio)) * 0.9, Math.max(2, ...list.map((d) => d.ratio)) * 1.1], },
        color: { legend: names.length > 1, domain: names, range: names.map((_, i) => `var(--c${i % 8})`), tickFormat: words },
        marks: [Plot.rectY([0], { x1: Math.min(...list.map((d) => d.when)) - 0.5, x2: Math.max(...list.map((d) => d.when)) + 0.5, y1: 0.8, y2: 1.25, fill: "currentColor", fillOpacity: 0.07 }), Plot.ruleY([1], { strokeOpacity: 0.6 }),
          Plot.dot(list, { x: "when", y: "ratio", stroke: (d) => d.x.series, fill: (d) => d.x.kind === "read" ? "none" : d.x.series, fillOpacity: 0.35, r: 4 }),
          Plot.tip(list, Plot.pointer({ x: "when", y: "ratio", title: (d) => `${about(d.x)}, ${words(d.x.series)}\n${d.x.place}, ${d.x.period}\nobserved ${range(d.x)}, model ${shown(d.x, d.x.model)} ${unitOf(d.x)}\n${verdict(d.x)}` }))],
      });
    },
    table: () => ({
      columns: ["series", "product", "place", "period", "freq", "observed low", "observed high", "unit", "converted low", "converted high", "model", "model unit", "model series", "ln error", "computed or read", "role", "within tolerance", "how compared", "basis", "source", "grade", "note", "why not compared"],
      rows: view.history.map((x): Value[] => [x.series, x.product, x.place, x.period, x.freq, x.seenLow, x.seenHigh, x.unit, x.low, x.high, x.model, x.modelUnit, x.v, x.error, x.kind, x.role, x.near === undefined ? "" : x.near ? "yes" : "no", x.how, x.basis, x.source, x.grade, x.note, x.why]),
    }),
  }, format);
  const body = h("tbody", {});
  const count = h("p", { class: "subtitle", role: "status" });
  const more = h("button", { type: "button", class: "quiet" }, "Show all");
  const all = h("button", { type: "button", class: "quiet" }, "CSV of every observation");
  const fill = () => {
    const list = chosen();
    more.hidden = list.length <= most;
    count.textContent = `${list.length} rows, largest error first. “Read” rows follow from an input, such as an announced quota or a mine at its capacity; they prove nothing. Prices are in constant ${view.money.base || ""} USD without tax.`;
    body.replaceChildren(...list.slice(0, most).map((x) => h("tr", { class: level(x) },
      h("th", { scope: "row" }, about(x), h("span", { class: "sub" }, words(x.series))),
      h("td", {}, x.place, h("span", { class: "sub" }, `${x.v === undefined ? "" : words(x.v)}${x.r >= 0 ? `, ${regionName(x.r)}` : ""}`)),
      h("td", {}, x.period),
      h("td", { class: "number" }, range(x)), h("td", { class: "number" }, shown(x, x.model)), h("td", {}, unitOf(x)),
      h("td", {}, h("span", { class: `verdict ${level(x)}` }, verdict(x)), x.how ? h("span", { class: "sub" }, x.how) : null), h("td", {}, x.kind ?? "", x.role && x.role !== "other" ? h("span", { class: "sub" }, x.role) : null),
      h("td", {}, `${x.source}, grade ${x.grade}`, x.note ? h("span", { class: "sub" }, x.note) : null))));
  };
  more.addEventListener("click", () => { most = Infinity; fill(); });
  all.addEventListener("click", () => download("observations", { columns: ["series", "product", "place", "period", "low", "high", "unit", "model", "ln error", "kind", "why not compared"],
    rows: view.history.map((x) => [x.series, x.product, x.place, x.period, x.seenLow, x.seenHigh, x.unit, x.model, x.error, x.kind, x.why]) }));
  fill();
  const left = view.history.length - compared.length;
  const why = new Map<string, number>();
  view.history.forEach((x) => x.why && why.set(x.why, (why.get(x.why) ?? 0) + 1));
  return [...facts(format), chart.node, count, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Model against observation" }, h("table", { class: "list history" },
    h("thead", {}, h("tr", {}, ...["What", "Where", "When", "Observed", "Model", "Unit", "Verdict", "Kind", "Source"].map((x) => h("th", { scope: "col" }, x)))), body)),
  h("p", { class: "buttons" }, more, all),
  left ? h("p", { class: "subtitle" }, `${left} observations are not compared: ${[...why].sort((a, b) => b[1] - a[1]).map(([x, n]) => `${x} (${n})`).join("; ")}.`) : h("span", {})];
}
