// backtest_events.ts - targets of events: what is asked beside what worlds show, misses first.
import * as Plot from "@observablehq/plot";
import { SOURCE, test, type Target } from "./backtest";
import { frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { big, short, words, type Format } from "./study";

const isAnswered = (t: Target) => t.worlds > 0 && t.value !== null;
const verdict = (t: Target) => !isAnswered(t) ? "not answered" : t.inside ? "met" : "missed";
const colour = (t: Target) => !isAnswered(t) ? "var(--o2)" : t.inside ? "var(--c1)" : "var(--c0)";
const asked = (t: Target, show: (v: number) => string) => t.high === null ? `${show(t.low)} or more` : `${show(t.low)} to ${show(t.high)}`;
const show = (t: Target) => (v: number | null): string => v === null ? "–" : t.unit === "date" ? dateText(v) : number(v);
const dateText = (v: number) => `${Math.floor(v)}-${String(Math.min(12, Math.floor((v % 1) * 12 + 1e-6) + 1)).padStart(2, "0")}`;
/** Targets of one event may be asked of several starts. */
const name = (t: Target) => `${t.start === "dated" ? "" : `${t.start}: `}${big(words(t.id))}`;

/** Units that share an axis; those whose zero says nothing go on a logarithmic one. */
const LOG = new Set(["ratio"]);
const RATIOS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const unitName = (u: string) => u === "ratio" ? "ratio (logarithmic)" : u === "date" ? "date" : u || "number";

function panel(list: Target[], unit: string, width: number): SVGSVGElement | HTMLElement {
  const log = LOG.has(unit), margin = width < 520 ? 120 : width < 860 ? 210 : 310;
  const numbers = list.flatMap((t) => [t.low, t.high, t.q10, t.value, t.q90]).filter((v): v is number => v !== null && Number.isFinite(v));
  const positive = numbers.filter((v) => v > 0), top = Math.max(...numbers), floor = Math.max(Math.min(...positive) * 0.8, top * 1e-3);
  const low = log ? floor : unit === "date" ? Math.floor(Math.min(...numbers)) : Math.min(0, ...numbers), high = unit === "date" ? Math.ceil(top) : top * 1.08 || 1;
  const at = (v: number) => log ? Math.max(floor, v) : v, key = (t: Target) => `${t.id}|${t.start}`;
  const known = list.filter(isAnswered);
  return Plot.plot({
    width, height: 48 + 24 * list.length, marginLeft: margin, marginRight: 16, marginTop: 30, marginBottom: 6,
    x: { type: log ? "log" : "linear", axis: "top", grid: true, domain: [low, high], label: unitName(unit), labelArrow: "none", ticks: log ? RATIOS.filter((v) => v >= low && v <= high && (width >= 520 || Number.isInteger(Math.log10(v)))) : width < 520 ? 3 : 6, tickFormat: unit === "date" ? "d" : (v: number) => number(v) },
    y: { domain: list.map(key), label: null, tickSize: 0, tickFormat: (k: string) => { const t = list.find((x) => key(x) === k)!; return short(margin > 300 ? `${t.start === "dated" ? "" : `${t.start}: `}${big(t.fact)}` : name(t), margin - 8); } },
    marks: [
      Plot.barX(list, { x1: (t: Target) => at(t.low), x2: (t: Target) => t.high === null ? high : at(t.high), y: key, fill: "currentColor", fillOpacity: 0.13, insetTop: 3, insetBottom: 3 }),
      Plot.link(known.filter((t) => t.q10 !== null && t.q90 !== null), { x1: (t: Target) => at(t.q10!), x2: (t: Target) => at(t.q90!), y1: key, y2: key, stroke: colour, strokeWidth: 2.2 }),
      Plot.dot(known, { x: (t: Target) => at(t.value!), y: key, r: 5, symbol: (t: Target) => t.inside ? "circle" : "diamond", fill: colour, stroke: "var(--panel)" }),
      Plot.tip(known, Plot.pointer({ x: (t: Target) => at(t.value!), y: key, maxRadius: 200, title: (t: Target) => `${name(t)}: ${verdict(t)}\n${t.fact}\nasked ${asked(t, show(t))} ${t.unit === "date" ? "" : t.unit ?? ""}\nworlds ${show(t)(t.value)} (80 %: ${show(t)(t.q10)} to ${show(t)(t.q90)})${t.reason ? `\n${t.reason}` : ""}` })),
    ],
  });
}

function tableOf(list: Target[]) {
  return { columns: ["verdict", "id", "event", "worlds", "what", "asked from", "asked to", "median", "10 %", "90 %", "unit", "worlds that tell", "missed by a factor", "likely reason", "note", "source", "grade"],
    rows: list.map((t): Value[] => [verdict(t), t.id, t.event, t.start, t.fact, t.low, t.high, t.value, t.q10, t.q90, t.unit, t.worlds, t.inside ? null : t.off, t.reason, t.note, t.source, t.grade]) };
}

function missRow(t: Target): HTMLElement {
  const s = show(t), unit = t.unit === "date" ? "" : t.unit ?? "";
  return h("tr", {}, h("td", {}, h("span", { class: `verdict ${isAnswered(t) ? t.inside ? "" : "miss" : "rough"}` }, verdict(t))),
    h("th", { scope: "row" }, big(t.fact), h("span", { class: "sub" }, `${t.event}; ${t.start === "dated" ? "worlds as dated" : `worlds that decide from ${t.start}`}`)),
    h("td", { class: "number" }, asked(t, s)), h("td", { class: "number" }, s(t.value), h("span", { class: "sub" }, t.q10 === null ? "" : `${s(t.q10)} to ${s(t.q90)}`)), h("td", {}, unit),
    h("td", {}, t.inside ? "" : t.reason ? `Series: ${t.reason}` : "–", t.note ? h("span", { class: "sub" }, t.note) : null), h("td", {}, t.source ?? "", t.grade ? h("span", { class: "sub" }, `grade ${t.grade}`) : null));
}

export function events(format: Format): (Node | null)[] {
  if (test.targets.length === 0) return [h("p", { class: "empty" }, "The case names no targets of events.")];
  let event = "", which = "";
  const list = () => test.targets.filter((t) => (!event || t.event === event) && (!which || (which === "dated") === (t.start === "dated")));
  const summary = () => { const l = list().filter(isAnswered), met = l.filter((t) => t.inside).length; return { met, of: l.length }; };
  const names = [...new Set(test.targets.map((t) => t.event))].sort();
  let whole = false;
  const body = h("tbody", {}), more = h("button", { type: "button", class: "quiet" });
  const fill = () => {
    const l = list(), off = l.filter((t) => !t.inside);
    body.replaceChildren(...(whole ? l : off).map(missRow));
    more.textContent = `Show the ${l.length - off.length} that are met`;
    more.hidden = whole || l.length === off.length;
  };
  more.addEventListener("click", () => { whole = true; fill(); });
  const update = () => { chart.update(); fill(); };
  const chart: Frame = frame({
    id: "event-targets",
    title: () => { const s = summary(), worst = list().find((t) => isAnswered(t) && !t.inside); return `${s.met} of ${s.of} targets are met (${percent(s.of ? s.met / s.of : 0)})${worst ? `; furthest off: ${worst.fact}` : ""}`; },
    subtitle: () => "Grey: the range the case asks for, from its sources. Mark and line: median and 80 % of worlds (of shares of worlds: of samples of this size). Misses on top of each unit, those furthest off first.",
    source: SOURCE, height: 700,
    controls: [select("Event", [{ value: "", label: "All" }, ...names.map((x) => ({ value: x, label: x }))], "", (v) => { event = v; update(); }),
      test.targets.some((t) => t.start !== "dated") ? toggle("Worlds", [{ value: "", label: "All" }, { value: "dated", label: "As dated" }, { value: "free", label: "That decide" }], "", (v) => { which = v; update(); }) : null],
    legend: () => legendOf([{ label: "asked", colour: "color-mix(in srgb, currentColor 22%, transparent)" }, { label: "met (circle)", colour: "var(--c1)" }, { label: "missed (diamond)", colour: "var(--c0)" }]),
    draw: (width) => {
      const all = list(), units = [...new Set(all.map((t) => t.unit ?? ""))].sort((a, b) => all.filter((t) => t.unit === b).length - all.filter((t) => t.unit === a).length);
      return all.length ? h("div", {}, ...units.map((u) => panel(all.filter((t) => (t.unit ?? "") === u), u, width))) : null;
    },
    table: () => tableOf(list()),
  }, format);
  fill();
  return [chart.node, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Targets of events, misses first" }, h("table", { class: "list events" },
    h("thead", {}, h("tr", {}, ...["Verdict", "What", "Asked", "Worlds: median, 80 %", "Unit", "Likely reason", "Source"].map((x) => h("th", { scope: "col" }, x)))), body)), h("p", { class: "buttons" }, more)];
}
