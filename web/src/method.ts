// method.ts - how well the inputs are known; what made the result and how to make it again.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, type Value } from "./dom";
import { manifest, number, percent, view, years } from "./view";

type Format = (v: Value) => string;
const grades = ["A official", "B published", "C recalled", "D assumed", "none"];
const words = (x: string) => x.replace(/_/g, " ");

export function quality(format: Format): Node[] {
  const all = view.quality.reduce((t, q) => t.map((n, g) => n + q.n[g]), [0, 0, 0, 0, 0]);
  const total = all.reduce((a, b) => a + b, 0);
  const rows = view.quality.flatMap((q) => q.n.map((n, g) => ({ table: words(q.table), grade: grades[g], g, n, share: n / q.n.reduce((a, b) => a + b, 0), all: q.n.reduce((a, b) => a + b, 0) }))).filter((d) => d.n > 0);
  const chart = frame({
    id: "grades",
    title: () => `${percent(all[3] / total)} of ${number(total)} numbers are assumed by a stated rule; ${percent((all[0] + all[1]) / total)} are official or published`,
    subtitle: () => "Numbers by table and grade, percent of the table's rows (count at the right)",
    source: "the case, every row with its source_id and grade",
    height: 420,
    legend: () => legendOf(grades.slice(0, 4).map((label, g) => ({ label, colour: `var(--g${g})` }))),
    draw: (width) => {
      const tables = [...view.quality].sort((a, b) => b.n.reduce((x, y) => x + y, 0) - a.n.reduce((x, y) => x + y, 0)).map((q) => words(q.table));
      return rows.length ? Plot.plot({
        width, height: 40 + 24 * tables.length, marginLeft: 124, marginRight: 50, x: { percent: true, label: null, axis: "top", ticks: 5, domain: [0, 100] }, y: { domain: tables, label: null, tickSize: 0 }, color: { type: "identity" },
        marks: [Plot.barX(rows, { x: "share", y: "table", order: "g", fill: (d) => d.g < 4 ? `var(--g${d.g})` : "var(--o0)", insetTop: 2, insetBottom: 2 }),
          Plot.text(rows.filter((d, i) => rows.findIndex((e) => e.table === d.table) === i), { x: 1, y: "table", text: (d) => number(d.all), textAnchor: "start", dx: 6, fillOpacity: 0.75 }),
          Plot.tip(rows, Plot.pointerY(Plot.stackX({ x: "share", y: "table", order: "g", title: (d: { table: string; grade: string; n: number; share: number }) => `${d.table}\n${d.grade}: ${number(d.n)} (${percent(d.share)})` } as never)))],
      }) : null;
    },
    table: () => ({ columns: ["table", "A", "B", "C", "D", "none"], rows: view.quality.map((q): Value[] => [q.table, ...q.n]) }),
  }, format);
  const rules = view.sources.filter((x) => x.n[3] > 0).sort((a, b) => b.n[3] - a.n[3]);
  const list = frame({
    id: "rules",
    title: () => rules.length ? `The rule behind most assumptions stands under ${percent(rules[0].n[3] / Math.max(1, all[3]))} of them` : "Nothing is assumed",
    subtitle: () => "Sources of grade D rows, most used first: what is assumed, by which rule, in how many numbers",
    source: "the case's sources.csv",
    height: 200,
    draw: () => h("div", { class: "scroll", tabindex: "0" }, h("table", { class: "list" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Rule or source"), h("th", { scope: "col" }, "Rows"), h("th", { scope: "col" }, "Identifier"))),
      h("tbody", {}, ...rules.slice(0, 15).map((x) => h("tr", {}, h("td", {}, x.title), h("td", { class: "number" }, number(x.n[3])), h("td", {}, h("code", {}, x.id))))))),
    table: () => ({ columns: ["id", "title", "publisher", "year", "url", "rows A", "rows B", "rows C", "rows D"], rows: view.sources.map((x): Value[] => [x.id, x.title, x.publisher, x.year, x.url, ...x.n.slice(0, 4)]) }),
  }, format);
  const sources = h("details", { class: "box" }, h("summary", {}, `All ${view.sources.length} sources`),
    h("ol", { class: "sources" }, ...view.sources.map((x) => h("li", {}, x.title, x.publisher ? `, ${x.publisher}` : "", x.year ? `, ${x.year}` : "", x.url && /^https?:/.test(x.url) ? h("span", { class: "sub url" }, x.url) : null))));
  return [chart.node, list.node, sources];
}

export function method(format: Format): Node[] {
  const rows = view.certificates.map((c, y) => ({ year: years[y], n: c[0], balance: c[1], complementarity: c[2], gap: c[3], iterations: c[4] })).filter((d) => d.n > 0);
  const parts = ["balance", "complementarity", "gap"] as const;
  const worst = Math.max(0, ...rows.map((d) => Math.max(d.balance, d.complementarity, d.gap)));
  const proof = frame({
    id: "certificates",
    title: () => worst <= 1e-8 ? `Every month is certified: the worst of ${view.months} misses optimality by ${worst.toExponential(1)}` : `Not every month is certified: the worst misses optimality by ${worst.toExponential(1)}`,
    subtitle: () => "Worst month of the year, relative; dashed: the bar of 1e-8. Checked against the optimality conditions of each month's market, not by the solver's own word.",
    source: "view certificate of the result",
    height: 260,
    draw: (width) => {
      const data = rows.flatMap((d) => parts.map((part) => ({ year: d.year, part, v: Math.max(d[part], 1e-17) })));
      return data.length ? Plot.plot({
        width, height: 260, marginLeft: 52, x: { tickFormat: "d", label: null }, y: { type: "log", grid: true, label: null, ticks: 5, tickFormat: (v: number) => v.toExponential(0), domain: [Math.min(...data.map((d) => d.v)), Math.max(2e-8, worst)] },
        color: { legend: true, domain: [...parts], range: ["var(--c0)", "var(--c1)", "var(--c2)"] },
        marks: [Plot.ruleY([1e-8], { strokeDasharray: "4,4" }), Plot.line(data, { x: "year", y: "v", stroke: "part" }), Plot.dot(data, { x: "year", y: "v", fill: "part", r: 2.2 })],
      }) : null;
    },
    table: () => ({ columns: ["year", "months", "worst balance", "worst complementarity", "worst gap", "most iterations"], rows: rows.map((d): Value[] => [d.year, d.n, d.balance, d.complementarity, d.gap, d.iterations]) }),
  }, format);
  const heads = ["opening", "mined", "in use", "stocks", "scrap", "tailings", "losses", "disposed"];
  const ledger = frame({
    id: "balances",
    title: () => {
      const off = Math.max(0, ...view.balances.map((b) => b.worst));
      return `Mass is conserved: no element is off by more than ${off.toExponential(1)} in any month`;
    },
    subtitle: () => "Where each element is at the end of the run, t of contained element since the first month: opening + mined = the rest",
    source: "view balance of the result",
    height: 200,
    draw: () => view.balances.length ? h("div", { class: "scroll", tabindex: "0" }, h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...["Element", ...heads, "worst error"].map((x) => h("th", { scope: "col" }, x)))),
      h("tbody", {}, ...view.balances.map((b) => h("tr", {}, h("th", { scope: "row" }, view.elements[b.e].name), ...b.ledger.map((v) => h("td", { class: "number" }, number(v))), h("td", { class: "number" }, b.worst.toExponential(1))))))) : null,
    table: () => ({ columns: ["element", ...heads, "closure", "worst"], rows: view.balances.map((b): Value[] => [view.elements[b.e].id, ...b.ledger, b.closure, b.worst]) }),
  }, format);
  const hash = manifest("case_hash") ?? "", command = manifest("command") ?? manifest("command_line") ?? "";
  const year = (manifest("created") ?? manifest("finished") ?? "").slice(0, 4);
  const text = h("div", { class: "prose" },
    h("p", {}, "Each month the markets of all commodities and regions clear together: one convex program whose dual variables are the prices. Plants offer up to what can run at their cost, users buy in tiers down a demand curve, holders keep stock by what they expect, permits and licences bound what may be shipped. What was decided is then booked, so that mass is conserved by element. The method is described in docs/model.md of the program, each number in the case's own tables."),
    h("p", {}, "What this page cannot say: it shows one run, so no probabilities; capacities, quotas and events of the past are inputs, so that agreement with them is no evidence (rows marked “read”); and a price is the value of the last tonne, which in a thin market few people pay."),
    h("h3", {}, "Make it again"), h("pre", { tabindex: "0" }, h("code", {}, `${command || "ytterby run CASE -o result.ytt"}\nytterby report ${command.match(/-o\s+(\S+)/)?.[1] ?? "result.ytt"} -o report.html`)),
    h("p", {}, "The same case, seed and version give the same numbers to the last bit."),
    h("h3", {}, "Cite"), h("p", { class: "cite" }, `${manifest("title") ?? "Ytterby"}. Result of Ytterby ${manifest("version") ?? ""}${year ? `, ${year}` : ""}, case ${manifest("case") ?? ""}, SHA-256 ${hash.slice(0, 16)}, seed ${manifest("seed") ?? "–"}.`),
    h("h3", {}, "What made this result"), h("div", { class: "scroll", tabindex: "0" }, h("table", { class: "list manifest" }, h("tbody", {}, ...view.manifest.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, words(k)), h("td", {}, v)))))));
  return [proof.node, ledger.node, text];
}
