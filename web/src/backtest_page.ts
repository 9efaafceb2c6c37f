// backtest_page.ts - the page of a backtest: the model held against history, misses first.
import * as Plot from "@observablehq/plot";
import { groups, isScored, isWorse, SOURCE, test, type Row, type Score } from "./backtest";
import { events } from "./backtest_events";
import { hasPublished, published } from "./backtest_published";
import { deciding, series } from "./backtest_series";
import { download, frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { showPage, type Section } from "./page";
import { big, cards, fact, method, short, words, type Format } from "./study";

function answers(): Node[] {
  const scored = test.rows.filter(isScored).length, read = test.rows.filter((x) => x.verdict === "read").length;
  return [h("p", { class: "headline" }, test.headline), cards(), h("p", { class: "caution" }, `${number(test.worlds)} worlds from each start, every uncertain input drawn anew in each; ${scored} rows of the record scored, ${read} read from inputs and not scored, ${test.rows.length - scored - read} not comparable. `,
    "Misses come first on this page, with the reason where the numbers or the case give one.")];
}

// ------------------------------------------------------------------------------------------ scores

const isTotal = (s: Score) => s.series === "all";
const nameOfScore = (s: Score) => isTotal(s) ? `All ${s.kind}${s.variable ? `, ${words(s.variable)}` : ""}` : [s.product, words(s.variable ?? s.series), s.place].filter((x) => x).join(", ");
const factor = (ln: number) => `×${number(Math.exp(ln), 3)}`;
const error = (s: Score) => s.mae !== null ? `${number(s.mae)} points` : s.rmsle !== null ? factor(s.rmsle) : "–";
const signed = (v: number | null) => v === null ? "–" : `${v >= 0 ? "+" : "−"}${number(Math.abs(v), 2)}`;

function scoreRow(s: Score): HTMLElement {
  return h("tr", { class: isTotal(s) ? "total" : undefined }, h("th", { scope: "row" }, nameOfScore(s), s.series === "left out" ? h("span", { class: "sub" }, "by worlds chosen without it") : null),
    h("td", { class: "number" }, String(s.rows), s.read || s.unknown ? h("span", { class: "sub" }, [s.read ? `${s.read} read` : "", s.unknown ? `${s.unknown} unknown` : ""].filter((x) => x).join(", ")) : null),
    h("td", { class: "number" }, error(s)), h("td", { class: "number" }, s.bias === null ? "–" : s.mae !== null ? `${signed(s.bias)} points` : factor(s.bias)),
    h("td", { class: "number" }, percent(s.coverage80)), h("td", { class: "number" }, signed(s.skill)), h("td", { class: "number" }, signed(s.skill_trend)), h("td", { class: "number" }, signed(s.skill_step)),
    h("td", { class: "number" }, s.timing === null ? "–" : number(s.timing)), h("td", {}, big(s.reason ?? "")));
}

function scoreTable(): HTMLElement {
  let most = 16;
  const body = h("tbody", {}), more = h("button", { type: "button", class: "quiet" }, "Show all"), fill = () => { body.replaceChildren(...order.slice(0, most).map(scoreRow)); more.hidden = order.length <= most; };
  more.addEventListener("click", () => { most = Infinity; fill(); });
  const list = test.scores.filter((s) => s.rows > 0), rest = test.scores.length - list.length;
  const order = [...list].sort((a, b) => Number(isTotal(b)) - Number(isTotal(a)) || Number(b.series === "left out") - Number(a.series === "left out") || isWorse(a, b));
  fill();
  return h("details", { class: "box", open: true }, h("summary", {}, `Scores of ${list.length} series and kinds, worst first${rest ? `; ${rest} have no row that is scored` : ""}`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Scores" }, h("table", { class: "list scores" }, h("thead", {}, h("tr", {},
      ...["What", "Rows", "Error", "Bias", "In 80 %", "Skill: no change", "Skill: trend", "Skill: a year ahead", "Peak late, months", "Likely reason"].map((x) => h("th", { scope: "col" }, x)))), body)), h("p", { class: "buttons" }, more),
    h("p", { class: "more" }, "Error: root mean squared, as a factor (×1 is right), of shares mean absolute in points. Bias: of the median, below ×1 too low. Skill: 1 less the error over that of a simple forecast, which knows what was observed before the start; above 0 the model is better."));
}

function scores(format: Format): Node[] {
  let kind = test.scores.some((s) => s.kind === "price" && s.rows > 0 && s.rmsle !== null) ? "price" : test.scores[0]?.kind ?? "";
  const kinds = [...new Set(test.scores.filter((s) => s.rows > 0).map((s) => s.kind))], isShare = () => kind === "share";
  const list = () => test.scores.filter((s) => s.kind === kind && s.rows > 0 && s.series !== "left out" && (isShare() ? s.bias : s.rmsle) !== null).sort((a, b) => Number(isTotal(b)) - Number(isTotal(a)) || isWorse(a, b)).slice(0, 40);
  const at = (s: Score) => isShare() ? s.bias! : Math.exp(s.bias ?? 0), low = (s: Score) => isShare() ? s.bias! - (s.mae ?? 0) : Math.exp((s.bias ?? 0) - (s.rmsle ?? 0)), high = (s: Score) => isShare() ? s.bias! + (s.mae ?? 0) : Math.exp((s.bias ?? 0) + (s.rmsle ?? 0));
  const colour = (s: Score) => at(s) < (isShare() ? 0 : 1) ? "var(--c1)" : "var(--c0)";
  const chart: Frame = frame({
    id: "score-bias",
    title: () => { const l = list().filter((s) => !isTotal(s)), lows = l.filter((s) => at(s) < (isShare() ? 0 : 1)).length; return `${big(kind)}: ${lows} of ${l.length} series are too low, ${l.length - lows} too high`; },
    subtitle: () => `Median of the worlds ${isShare() ? "less observed, points" : "over observed, logarithmic; 1 is right"}; line: as far again as the typical error (${isShare() ? "mean absolute" : "root mean squared"}). All of the kind first, then worst first.`,
    source: SOURCE, height: 460,
    controls: [toggle("Kind", kinds.map((k) => ({ value: k, label: big(k) })), kind, (v) => { kind = v; chart.update(); })],
    legend: () => legendOf([{ label: "too low", colour: "var(--c1)" }, { label: "too high", colour: "var(--c0)" }]),
    draw: (width) => {
      const l = list(), margin = width < 520 ? 130 : 290;
      if (!l.length) return null;
      const bounds = [...l.map(low), ...l.map(high)];
      return Plot.plot({ width, height: 50 + 22 * l.length, marginLeft: margin, marginTop: 30, marginRight: 16,
        x: { type: isShare() ? "linear" : "log", axis: "top", grid: true, ticks: width < 520 ? 3 : 6, label: isShare() ? "points" : "model over observed", labelArrow: "none", tickFormat: (v: number) => isShare() ? number(v) : `×${number(v)}`, domain: isShare() ? undefined : [Math.max(0.01, Math.min(0.5, ...bounds)), Math.min(100, Math.max(2, ...bounds))] },
        y: { domain: l.map(nameOfScore), label: null, tickSize: 0, tickFormat: (t: string) => short(t, margin - 8) },
        marks: [Plot.ruleX([isShare() ? 0 : 1], { strokeOpacity: 0.6 }), Plot.link(l, { x1: low, x2: high, y1: nameOfScore, y2: nameOfScore, stroke: colour, strokeWidth: 2, strokeOpacity: 0.5, clip: true }),
          Plot.dot(l, { x: at, y: nameOfScore, r: 4.5, symbol: (s: Score) => colour(s) === "var(--c1)" ? "triangle2" : "triangle", fill: colour, stroke: "var(--panel)" }),
          Plot.tip(l, Plot.pointer({ x: at, y: nameOfScore, maxRadius: 200, title: (s: Score) => `${nameOfScore(s)}\nerror ${error(s)}, bias ${isShare() ? `${signed(s.bias)} points` : factor(s.bias ?? 0)}, ${s.rows} rows\nin the band of 80 %: ${percent(s.coverage80)}${s.skill !== null ? `\nskill over no change ${signed(s.skill)}` : ""}${s.reason ? `\n${s.reason}` : ""}` }))] });
    },
    table: () => ({ columns: ["kind", "series", "variable", "product", "place", "rows", "read", "unknown", "rmsle", "mae", "bias", "crps", "coverage80", "pairs", "years", "skill", "skill trend", "skill step", "timing", "reason"],
      rows: test.scores.map((s): Value[] => [s.kind, s.series, s.variable, s.product, s.place, s.rows, s.read, s.unknown, s.rmsle, s.mae, s.bias, s.crps, s.coverage80, s.pairs, s.years, s.skill, s.skill_trend, s.skill_step, s.timing, s.reason]) }),
  }, format);
  return [chart.node, scoreTable()];
}

// ------------------------------------------------------------------------------------- calibration

/** Where observations fall among the worlds, and how many bands hold them. */
function calibration(format: Format): Node[] {
  const kinds = [...new Set(test.tenths.map((t) => t.kind))];
  if (kinds.length === 0) return [h("p", { class: "empty" }, "No row is scored.")];
  let kind = "";
  const bins = () => Array.from({ length: 10 }, (_, i) => ({ i, n: test.tenths.filter((t) => t.tenth === i && (!kind || t.kind === kind)).reduce((a, t) => a + t.rows, 0) }));
  const total = () => bins().reduce((a, b) => a + b.n, 0);
  const chart: Frame = frame({
    id: "pit",
    title: () => { const b = bins(), n = total() || 1, over = b[9].n / n, under = b[0].n / n; return over + under > 0.3 ? `Worlds are ${over > 1.5 * under ? "mostly too low" : under > 1.5 * over ? "mostly too high" : "too sure of themselves"}: ${percent(over)} of rows lie above nine tenths of them, ${percent(under)} below` : `Observations fall where the worlds say: ${percent(over)} above nine tenths, ${percent(under)} below`; },
    subtitle: () => `Rows by the share of worlds that lie below what was observed (probability integral transform); dashed: what worlds that are right would give. ${total()} rows, not independent of each other.`,
    source: SOURCE, height: 280,
    controls: [toggle("Kind", [{ value: "", label: "All" }, ...kinds.map((k) => ({ value: k, label: big(k) }))], "", (v) => { kind = v; chart.update(); })],
    draw: (width) => total() === 0 ? null : Plot.plot({ width, height: 280, marginLeft: 48, marginBottom: 40, x: { label: "share of worlds below what was observed, percent", labelAnchor: "center", labelArrow: "none", domain: [0, 100] }, y: { grid: true, label: "rows", labelArrow: "none", ticks: 5 },
      marks: [Plot.rectY(bins(), { x1: (b) => 10 * b.i, x2: (b) => 10 * b.i + 10, y: "n", fill: (b) => b.i === 0 || b.i === 9 ? "var(--c0)" : "var(--c1)", inset: 1 }), Plot.ruleY([total() / 10], { strokeDasharray: "4,4" }), Plot.ruleY([0]),
        Plot.tip(bins(), Plot.pointerX({ x: (b: { i: number }) => 10 * b.i + 5, y: "n", title: (b: { i: number; n: number }) => `${10 * b.i} to ${10 * b.i + 10} % of worlds below\n${b.n} rows, ${number(total() / 10, 2)} would be right` }))] }),
    table: () => ({ columns: ["kind", "share of worlds below, from", "to", "rows"], rows: test.tenths.map((t): Value[] => [t.kind, t.tenth / 10, t.tenth / 10 + 0.1, t.rows]) }),
  }, format);
  return [chart.node, coverage(format)];
}

function coverage(format: Format): HTMLElement {
  const list = groups.map((g) => { const rows = g.rows.filter(isScored); return { kind: g.kind, name: g.label, n: rows.length, in: rows.filter((x) => x.verdict === "covered").length }; }).filter((d) => d.n > 0);
  const kinds = [...new Set(list.map((d) => d.kind))].map((kind) => { const l = list.filter((d) => d.kind === kind), n = l.reduce((t, d) => t + d.n, 0); return { kind, n, share: l.reduce((t, d) => t + d.in, 0) / n }; });
  return frame({
    id: "coverage",
    title: () => kinds.map((d) => `${big(d.kind)} ${percent(d.share)}`).join(", ") + " of rows inside the band of 80 %",
    subtitle: () => "Share of scored rows that the 80 % interval of worlds meets, by kind; number of rows at the right. Shaded: 65 to 92 %, what a sample of this kind may show when bands are right.",
    source: SOURCE, height: 60 + 30 * kinds.length,
    draw: (width) => Plot.plot({ width, height: 56 + 32 * kinds.length, marginLeft: 80, marginRight: 60, marginTop: 28, x: { axis: "top", percent: true, domain: [0, 100], label: "percent of rows", labelArrow: "none", grid: true, ticks: 5 }, y: { label: null, domain: kinds.map((d) => d.kind), tickFormat: big, tickSize: 0 },
      marks: [Plot.rect([0], { x1: 0.65, x2: 0.92, fill: "currentColor", fillOpacity: 0.1 }), Plot.barX(kinds, { x: "share", y: "kind", fill: (d) => d.share >= 0.65 && d.share <= 0.92 ? "var(--c1)" : "var(--c0)", insetTop: 5, insetBottom: 5 }), Plot.ruleX([0.8], { strokeDasharray: "4,4" }), Plot.text(kinds, { x: 1, y: "kind", text: (d) => `${d.n} rows`, textAnchor: "start", dx: 6 })] }),
    table: () => ({ columns: ["kind", "series", "rows", "inside 80 %"], rows: list.map((d): Value[] => [d.kind, d.name, d.n, d.in]) }),
  }, format).node;
}

// ---------------------------------------------------------------------------------------- accepted

function accepted(format: Format): Node[] {
  const list = test.accepted, l = test.learning;
  if (list.length === 0) return [h("p", { class: "empty" }, "It was not asked which worlds the record rules out; ytterby backtest --accept does.")];
  const chart = frame({
    id: "implausibility",
    title: () => `${l.kept} of ${list.length} worlds are not ruled out by the record`,
    subtitle: () => "Each mark a world, by its implausibility: the third largest distance of a group of rows, in standard deviations of the record and of the model's own coarseness. Kept at 3 or less (dashed).",
    source: SOURCE, height: 200,
    legend: () => legendOf([{ label: "kept", colour: "var(--c1)" }, { label: "ruled out", colour: "var(--c0)" }]),
    draw: (width) => Plot.plot({ width, height: 190, marginBottom: 40, x: { label: "implausibility, standard deviations", labelAnchor: "center", labelArrow: "none", domain: [0, Math.max(4, ...list.map((d) => Math.min(d.implausibility, 20)))] }, y: { axis: null },
      marks: [Plot.ruleX([3], { strokeDasharray: "4,4" }), Plot.dot(list, Plot.dodgeY({ x: (d: { implausibility: number }) => Math.min(d.implausibility, 20), r: list.length > 400 ? 2 : 4, fill: (d: { accepted: number }) => d.accepted ? "var(--c1)" : "var(--c0)", fillOpacity: 0.8, title: (d: { run: number; implausibility: number }) => `world ${d.run}: ${number(d.implausibility)}` } as never) as never)] }),
    table: () => ({ columns: ["world", "implausibility", "kept"], rows: list.map((d): Value[] => [d.run, d.implausibility, d.accepted ? "yes" : "no"]) }),
  }, format);
  const told = l.moved > 2 * l.byChance;
  const learned = l.kept > 0 ? h("details", { class: "box", open: told }, h("summary", {}, `${number(l.moved)} of ${number(l.parameters)} inputs are distributed otherwise among the kept worlds; ${number(l.byChance)} would be by chance${told ? "" : ": nothing was learned"}`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What was learned" }, h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...["Input", "Mean share of its distribution (0.5: nothing learned)", "Spread (1: nothing learned)", "Distance"].map((x) => h("th", { scope: "col" }, x)))),
      h("tbody", {}, ...test.learned.slice(0, told ? 40 : 10).map((p) => h("tr", {}, h("th", { scope: "row" }, h("code", {}, p.parameter)), h("td", { class: "number" }, number(p.mean, 2)), h("td", { class: "number" }, number(p.spread, 2)), h("td", { class: "number" }, number(p.distance, 2))))))),
    h("p", { class: "more" }, "The inputs that differ most, first. Distance: the largest between the two distributions (Kolmogorov and Smirnov).")) : null;
  return [chart.node, ...(learned ? [learned] : [])];
}

// -------------------------------------------------------------------------------------------- rows

const ROW_COLUMNS = ["kind", "series", "variable", "product", "place", "period", "unit", "observed low", "observed high", "10 %", "median", "90 %", "paid", "error", "share of worlds below", "verdict", "source", "grade", "note"];
const rowValues = (x: Row): Value[] => [x.kind, x.series, x.variable, x.product, x.place, x.period, x.unit, x.low, x.high, x.q10, x.median, x.q90, x.paid, x.error, x.pit, x.verdict, x.source, x.grade, x.note];
const level = (x: Row) => x.verdict === "missed" ? "miss" : x.verdict === "covered" ? "" : "rough";

function rowNode(x: Row): HTMLElement {
  const off = x.error === null || !isScored(x) ? "" : x.kind === "share" ? `${signed(x.error)} points` : factor(x.error);
  return h("tr", {}, h("td", {}, h("span", { class: `verdict ${level(x)}` }, isScored(x) || x.verdict === "read" ? x.verdict : "not compared"), level(x) === "rough" && x.verdict !== "read" ? h("span", { class: "sub" }, x.verdict) : null),
    h("th", { scope: "row" }, [x.product, words(x.series)].filter((t) => t).join(", "), h("span", { class: "sub" }, x.place ?? "")), h("td", {}, x.period), h("td", { class: "number" }, x.low === null ? "–" : `${number(x.low)}${x.high !== null && x.high > x.low ? ` to ${number(x.high)}` : ""}`),
    h("td", { class: "number" }, number(x.median), x.q10 === null ? null : h("span", { class: "sub" }, `${number(x.q10)} to ${number(x.q90)}`)), h("td", {}, x.unit ?? ""), h("td", { class: "number" }, off), h("td", {}, x.source ?? "", x.grade ? h("span", { class: "sub" }, `grade ${x.grade}`) : null));
}

function rows(): Node[] {
  let kind = "", verdict = "missed", most = 40;
  const size = (x: Row) => x.error === null ? -1 : x.kind === "share" ? Math.abs(x.error) / 10 : Math.abs(x.error);
  const list = () => test.rows.filter((x) => (!kind || x.kind === kind) && (!verdict || (verdict === "none" ? !isScored(x) && x.verdict !== "read" : x.verdict === verdict))).sort((a, b) => size(b) - size(a));
  const body = h("tbody", {}), count = h("p", { class: "subtitle", role: "status" }), more = h("button", { type: "button", class: "quiet" }, "Show all"), all = h("button", { type: "button", class: "quiet" }, "CSV of every row");
  const fill = () => { const l = list(); body.replaceChildren(...l.slice(0, most).map(rowNode)); more.hidden = l.length <= most; count.textContent = `${l.length} of ${test.rows.length} rows, largest error first.`; };
  more.addEventListener("click", () => { most = Infinity; fill(); });
  all.addEventListener("click", () => download("backtest-rows", { columns: ROW_COLUMNS, rows: test.rows.map(rowValues) }));
  fill();
  const why = new Map<string, number>();
  test.rows.forEach((x) => { if (!isScored(x) && x.verdict !== "read") why.set(x.verdict, (why.get(x.verdict) ?? 0) + 1); });
  const roles = test.roles.filter((r) => r.note);
  return [h("div", { class: "controls" }, select("Kind", [{ value: "", label: "All" }, ...[...new Set(test.rows.map((x) => x.kind))].map((k) => ({ value: k, label: big(k) }))], "", (v) => { kind = v; fill(); }),
    toggle("Rows", [{ value: "missed", label: "Missed" }, { value: "covered", label: "Covered" }, { value: "read", label: "Read" }, { value: "none", label: "Not compared" }, { value: "", label: "All" }], verdict, (v) => { verdict = v; fill(); })),
  count, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Rows of the record" }, h("table", { class: "list history" }, h("thead", {}, h("tr", {}, ...["Verdict", "What", "When", "Observed", "Worlds: median, 80 %", "Unit", "Error", "Source"].map((x) => h("th", { scope: "col" }, x)))), body)),
  h("p", { class: "buttons" }, more, all),
  why.size ? h("p", { class: "subtitle" }, `Not compared: ${[...why].sort((a, b) => b[1] - a[1]).map(([x, n]) => `${x} (${n})`).join("; ")}.`) : h("span", {}),
  roles.length ? h("details", { class: "box" }, h("summary", {}, "What the case says of its periods"), h("ul", { class: "plain-list" }, ...roles.map((r) => h("li", {}, h("strong", {}, `${words(r.series)}, ${r.from} to ${r.to}, ${r.role}`), `: ${r.note}`)))) : h("span", {})];
}

// -------------------------------------------------------------------------------------------- page

const METHOD = "Worlds of the case are simulated with its plants and policies as they are dated, up to the last month that was observed, and asked for every row of the record. Rows of one number at different times are scored together. Rows whose answer was put into the case are read, not scored. Errors of shares are points, of everything else natural logarithms (shown as factors); inside a quoted range there is none. Worlds that decide for themselves know only politics and parameters from their start on. What each score means stands in docs/man/backtest.md.";

const sections: Section[] = [
  { id: "answers", name: "Answers", lead: "", build: answers },
  { id: "events", name: "Events", lead: "What a faithful model shows of the events on record, and what these worlds show.", build: events },
  { id: "scores", name: "Scores", lead: "How far off, in which direction, and whether simple forecasts do better.", build: scores },
  { id: "series", name: "Record and worlds", lead: "What was observed, on the bands of all worlds.", build: series },
  { id: "calibration", name: "Calibration", lead: "Are the bands as wide as they should be?", build: calibration },
  { id: "deciding", name: "Worlds that decide", lead: "Nobody tells them what was built: do they end where history did?", build: deciding },
  ...(hasPublished ? [{ id: "published", name: "Forecasts of others", lead: "What others forecast and found, asked of worlds from their dates on.", build: published }] : []),
  { id: "accepted", name: "Accepted worlds", lead: "Which worlds the record does not rule out, and what they have in common.", build: accepted },
  { id: "rows", name: "Every row", lead: "The record row by row, misses first.", build: rows },
  { id: "method", name: "Method", lead: "What made this page, and how to make it again.", build: method(METHOD) },
];

export function showBacktest(): void {
  showPage(sections, "Model against history", `${fact("title")}. ${fact("description")}`,
    `Ytterby ${fact("version")} · ${number(test.worlds)} worlds from each start · nothing on this page is loaded from elsewhere`);
}
