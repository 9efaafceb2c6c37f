// screen_page.ts - the table of exposures: every element, every origin, 3 to 24 months.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { showPage, type Section } from "./page";
import { big, cards, fact, method, money, nameOf, regionName, short, study, type Format, type Study } from "./study";

interface Cell { element: string; origin: string; months: number; usual: number; loss: number | null; weighted: number | null; unmet: number | null }
interface Screen extends Study { from: string; goods: string; weights: string; felt: string; worlds: number; broken: number; cells: Cell[]; uses: { element: string; origin: string; months: number; endUse: string; loss: number }[]; ranks: Rank[] }
interface Rank { published: string; element: string; rank: number; note: string | null; study: string; finding: string; tolerance: string | null; source: string | null; grade: string | null }
const screen = study as Screen;
const SOURCE = `simulation of ${screen.worlds} ${screen.worlds > 1 ? "worlds" : "world, that of the modes"}, each stop a branch of its own`;
const lengths = [...new Set((screen.cells ?? []).map((c) => c.months))].sort((a, b) => a - b);

function answers(): Node[] {
  return [cards(), h("p", { class: "caution" }, `From ${screen.from} on, ${screen.goods === "embodied" ? "all goods that contain the element stop" : "what is mostly the element stops (its oxide and metal, not what is made of them)"}; loss of users ${screen.felt ? `in ${screen.felt.split(",").map(regionName).join(", ")}` : "outside the origin"}, until six months after.${screen.weights ? ` Ranked with weights ${screen.weights.replace(/;/g, ", ")}.` : ""}`)];
}

// ----------------------------------------------------------------------------------------- ranking

const usesOf = new Map<string, Map<string, number>>();
for (const u of screen.uses ?? []) {
  const key = `${u.element}|${u.origin}|${u.months}`;
  if (!usesOf.has(key)) usesOf.set(key, new Map());
  usesOf.get(key)!.set(u.endUse, u.loss);
}
const ends = study.endUses.filter((u) => (screen.uses ?? []).some((x) => x.endUse === u.id));
/** The reader's own weights, 1 for everybody at first. */
const own = new Map(ends.map((u) => [u.id, 1]));

/** Whose loss counts: everybody's, as asked, by own weights, or that of one end use. */
function lossOf(c: Cell, who: string): number | null {
  if (c.loss === null) return null;
  if (who === "own") return [...usesOf.get(`${c.element}|${c.origin}|${c.months}`) ?? []].reduce((t, [u, loss]) => t + (own.get(u) ?? 0) * loss, 0);
  return who === "all" ? c.loss : who === "asked" ? c.weighted : usesOf.get(`${c.element}|${c.origin}|${c.months}`)?.get(who) ?? 0;
}
const PER = [{ value: "loss", label: "USD" }, { value: "kg", label: "USD per kg stopped" }, { value: "unmet", label: "Critical unserved" }];

interface State { months: number; who: string; per: string; felt: string }
function valueOf(c: Cell, s: State): number | null {
  if (s.per === "unmet") return c.unmet;
  const loss = lossOf(c, s.who);
  return loss === null ? null : s.per === "kg" ? (c.usual > 0 ? loss / (1000 * c.usual * c.months) : null) : loss;
}
const show = (v: number | null, per: string): string => v === null ? "not known" : per === "unmet" ? percent(v) : per === "kg" ? `${number(v)} USD/kg` : money(v);
/** Inside a cell of the map: what is little beside the largest is 0. */
const brief = (v: number | null, per: string, top: number): string => v === null ? "?" : per === "unmet" ? (v < 5e-4 ? "0" : (100 * v).toFixed(1)) : per === "kg" ? number(v, 2) : Math.abs(v) < 1e-3 * top ? "0" : number(v / 1e6, 2);

/** One number for each end use: how much its loss counts. */
function weightBox(change: () => void): HTMLElement {
  return h("fieldset", { class: "weights" }, h("legend", {}, "How much a dollar lost by each end use counts"), ...ends.map((u) => {
    const id = `weight-${u.id}`, input = h("input", { type: "number", id, min: 0, max: 100, step: 0.1, value: 1 });
    input.addEventListener("input", () => { own.set(u.id, Math.max(0, Number(input.value) || 0)); change(); });
    return h("span", { class: "control" }, h("label", { for: id }, u.name), input);
  }));
}

function ranking(format: Format): (Node | null)[] {
  const state: State = { months: lengths.includes(12) ? 12 : lengths[0], who: screen.weights ? "asked" : "all", per: "loss", felt: "" };
  const cells = () => screen.cells.filter((c) => c.months === state.months);
  const worst = (of: (c: Cell) => string) => { const best = new Map<string, number>(); cells().forEach((c) => best.set(of(c), Math.max(best.get(of(c)) ?? -Infinity, valueOf(c, state) ?? 0))); return [...best].sort((a, b) => b[1] - a[1]).map(([id]) => id); };
  const sorted = () => [...cells()].sort((a, b) => (valueOf(b, state) ?? -Infinity) - (valueOf(a, state) ?? -Infinity));
  const body = h("tbody", {}), more = h("button", { type: "button", class: "quiet" }, "Show all");
  let most = 15;
  const fill = () => {
    const list = sorted();
    body.replaceChildren(...list.slice(0, most).map((c, i) => h("tr", {}, h("td", { class: "number" }, String(i + 1)), h("th", { scope: "row" }, nameOf(c.element)), h("td", {}, regionName(c.origin)), h("td", { class: "number" }, number(c.usual)),
      ...lengths.map((m) => { const x = screen.cells.find((d) => d.element === c.element && d.origin === c.origin && d.months === m); return h("td", { class: "number" }, x ? show(valueOf(x, state), state.per) : "–"); }))));
    more.hidden = list.length <= most;
  };
  const weights = weightBox(() => update()), update = () => { weights.hidden = state.who !== "own"; map.update(); fill(); };
  weights.hidden = true;
  const who = () => state.per === "unmet" ? "critical use" : state.who === "all" ? "all users" : state.who === "asked" ? "the users that count" : state.who === "own" ? "own weights" : nameOf(state.who).toLowerCase();
  const map: Frame = frame({
    id: "exposure-map",
    title: () => { const c = sorted()[0]; return c ? `${nameOf(c.element)} from ${regionName(c.origin)} ranks first: ${show(valueOf(c, state), state.per)} (${who()}, ${state.months} months)` : "Nothing is shipped"; },
    subtitle: () => `${state.per === "unmet" ? "Share of critical use, by worth, that is not served, percent" : state.per === "kg" ? "Loss of users for each kg that would have left, USD/kg" : "Loss of users, million USD"}, when the origin ships none of the element for ${state.months} months. Darker: more (root scale), below 0 users gain; worst elements on top, worst origins at the left. Blank: it ships none.`,
    source: SOURCE, height: 420,
    controls: [toggle("Months", lengths.map((m) => ({ value: String(m), label: String(m) })), String(state.months), (v) => { state.months = Number(v); update(); }),
      select("Users", [{ value: "all", label: "All" }, ...(screen.weights ? [{ value: "asked", label: `Weights of the screen (${screen.weights.replace(/;/g, ", ")})` }] : []), ...(ends.length > 1 ? [{ value: "own", label: "Own weights" }] : []), ...ends.map((u) => ({ value: u.id, label: u.name }))], state.who, (v) => { state.who = v; update(); }),
      select("Measure", PER, state.per, (v) => { state.per = v; update(); }), weights],
    legend: () => legendOf([{ label: "nothing", colour: "var(--heat0)" }, { label: "most", colour: "var(--heat1)" }]),
    draw: (width) => {
      const list = cells(), top = Math.max(1e-12, ...list.map((c) => valueOf(c, state) ?? 0)), rows = worst((c) => c.element), columns = worst((c) => c.origin), small = width < 640, wide = small ? Math.max(width, 90 + 52 * columns.length) : width;
      if (!list.length) return null;
      const heat = (c: Cell) => `color-mix(in srgb, var(--heat1) ${Math.round(100 * Math.sqrt(Math.max(0, valueOf(c, state) ?? 0) / top))}%, var(--heat0))`;
      const plot = Plot.plot({ width: wide, height: 74 + 28 * rows.length, marginLeft: small ? 90 : 130, marginTop: 62, marginBottom: 4, padding: 0.05, x: { type: "band", axis: "top", domain: columns, label: null, tickFormat: (r: string) => short(regionName(r), 90), tickRotate: -35, tickSize: 0 }, y: { type: "band", domain: rows, label: null, tickSize: 0, tickFormat: (e: string) => short(nameOf(e), small ? 82 : 122) },
        marks: [Plot.cell(list, { x: "origin", y: "element", fill: heat, rx: 3 }), Plot.text(list, { x: "origin", y: "element", text: (c: Cell) => brief(valueOf(c, state), state.per, top), fill: (c: Cell) => Math.sqrt(Math.max(0, valueOf(c, state) ?? 0) / top) > 0.55 ? "var(--panel)" : "var(--ink)", fontSize: 11 }),
          Plot.tip(list, Plot.pointer({ x: "origin", y: "element", title: (c: Cell) => `${nameOf(c.element)} from ${regionName(c.origin)}, ${c.months} months\nusually ${number(c.usual)} t a month\nloss of all users ${money(c.loss)}\ncritical use unserved ${percent(c.unmet)}` }))] });
      return small ? h("div", { class: "scroll", tabindex: "0" }, plot) : plot;
    },
    table: () => ({ columns: ["element", "origin", "months", "usual t a month", "loss of all users USD", "weighted USD", "critical unserved", ...ends.map((u) => `loss ${u.id} USD`)],
      rows: screen.cells.map((c): Value[] => [c.element, c.origin, c.months, c.usual, c.loss, c.weighted, c.unmet, ...ends.map((u) => lossOf(c, u.id))]) }),
  }, format);
  more.addEventListener("click", () => { most = Infinity; fill(); });
  fill();
  return [map.node, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Ranking" }, h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...["Rank", "Element", "Origin", "Usually t a month", ...lengths.map((m) => `${m} months`)].map((x) => h("th", { scope: "col" }, x)))), body)), h("p", { class: "buttons" }, more), byElement(format)];
}

/** Elements by their worst origin, for everybody and for one kind of user beside each other. */
function byElement(format: Format): HTMLElement | null {
  const months = lengths.includes(12) ? 12 : lengths[0];
  let who = ends.find((u) => screen.weights.split(/[=;]/).includes(u.id))?.id ?? ends[0]?.id ?? "all"; // first of those that count
  const worst = (e: string, w: string) => Math.max(0, ...screen.cells.filter((c) => c.element === e && c.months === months).map((c) => lossOf(c, w) ?? 0));
  const rank = (w: string) => [...new Set(screen.cells.map((c) => c.element))].sort((a, b) => worst(b, w) - worst(a, w));
  if (ends.length === 0) return null;
  const chart: Frame = frame({
    id: "element-ranks",
    title: () => { const r = rank(who); return `For ${nameOf(who).toLowerCase()} ${nameOf(r[0]).toLowerCase()} ranks first, for all users ${nameOf(rank("all")[0]).toLowerCase()}`; },
    subtitle: () => `Rank of each element by the loss at its worst origin, a stop of ${months} months; left all users, right ${nameOf(who).toLowerCase()}.`,
    source: SOURCE, height: 360,
    controls: [select("Users", ends.map((u) => ({ value: u.id, label: u.name })), who, (v) => { who = v; chart.update(); })],
    draw: (width) => {
      const left = rank("all"), right = rank(who), wide = Math.min(width, 620);
      const list = left.map((e, i) => ({ e, a: i + 1, b: right.indexOf(e) + 1 }));
      return Plot.plot({ width: wide, height: 40 + 24 * list.length, marginLeft: 120, marginRight: 120, marginTop: 26, x: { domain: [0, 1], axis: "top", ticks: [0, 1], tickFormat: (v: number) => v === 0 ? "all users" : short(nameOf(who), 150), label: null, tickSize: 0 }, y: { domain: [0.4, list.length + 0.6], reverse: true, axis: null },
        marks: [Plot.link(list, { x1: 0, x2: 1, y1: "a", y2: "b", stroke: (d) => d.b < d.a ? "var(--c0)" : d.b > d.a ? "var(--c1)" : "var(--o0)", strokeWidth: 1.8 }), Plot.dot(list, { x: 0, y: "a", r: 3, fill: "currentColor" }), Plot.dot(list, { x: 1, y: "b", r: 3, fill: "currentColor" }),
          Plot.text(list, { x: 0, y: "a", text: (d) => `${short(nameOf(d.e), 96)} ${d.a}`, textAnchor: "end", dx: -8 }), Plot.text(list, { x: 1, y: "b", text: (d) => `${d.b} ${short(nameOf(d.e), 96)}`, textAnchor: "start", dx: 8 })] });
    },
    table: () => ({ columns: ["element", "all users: loss USD", "rank", `${who}: loss USD`, "rank"], rows: rank("all").map((e, i): Value[] => [e, worst(e, "all"), i + 1, worst(e, who), rank(who).indexOf(e) + 1]) }),
  }, format);
  return chart.node;
}

// ------------------------------------------------------------------------------------- others' ranks

/** An element's exposure: a year's stop by the origin whose stop costs most. */
function exposureOf(element: string, who: string, per: string): number {
  const months = lengths.includes(12) ? 12 : lengths[0], list = screen.cells.filter((c) => c.element === element && c.months === months).sort((a, b) => (lossOf(b, who) ?? 0) - (lossOf(a, who) ?? 0));
  return list.length ? valueOf(list[0], { months, who, per, felt: "" }) ?? 0 : 0;
}

/** Published rankings, pair by pair: do both put the one element over the other? */
function others(format: Format): Node[] {
  const ids = [...new Set(screen.ranks.map((r) => r.published))];
  let who = screen.weights ? "asked" : "all", per = "loss";
  const pairs = (id: string) => { const l = screen.ranks.filter((r) => r.published === id); return l.flatMap((a) => l.filter((b) => a.rank < b.rank).map((b) => ({ a, b, same: exposureOf(a.element, who, per) > exposureOf(b.element, who, per) }))); };
  const judged = () => ids.map((id) => ({ id, r: screen.ranks.find((x) => x.published === id)!, p: pairs(id) }));
  const chart: Frame = frame({
    id: "published-ranks",
    title: () => { const p = judged().flatMap((x) => x.p), same = p.filter((x) => x.same).length; return `The screen puts ${same} of ${p.length} pairs of elements in the order of published rankings`; },
    subtitle: () => `Pairs of elements that a ranking holds to differ; ${per === "kg" ? "loss for each kg stopped" : "loss"}, ${who === "all" ? "all users" : who === "asked" ? "the users that count" : who === "own" ? "own weights" : nameOf(who).toLowerCase()}, a year's stop by the worst origin. Rankings ask about users of one kind, in one country, at one time.`,
    source: `${SOURCE}; table published_rank of the case`, height: 160,
    controls: [select("Users", [{ value: "all", label: "All" }, ...(screen.weights ? [{ value: "asked", label: "Weights of the screen" }] : []), ...ends.map((u) => ({ value: u.id, label: u.name }))], who, (v) => { who = v; chart.update(); }), select("Measure", PER.slice(0, 2), per, (v) => { per = v; chart.update(); })],
    draw: () => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Published rankings" }, h("table", { class: "list times" }, h("thead", {}, h("tr", {}, ...["Ranking", "Same order", "Put the other way round here", "Agreement means", "Source"].map((x) => h("th", { scope: "col" }, x)))),
      h("tbody", {}, ...judged().map(({ r, p }) => h("tr", {}, h("th", { scope: "row" }, r.study, h("span", { class: "sub" }, r.finding)), h("td", { class: "number" }, `${p.filter((x) => x.same).length} of ${p.length}`), h("td", {}, p.filter((x) => !x.same).map((x) => `${x.b.element} over ${x.a.element}`).join(", ") || "none"), h("td", {}, r.tolerance ?? ""), h("td", {}, r.source ?? "", r.grade ? h("span", { class: "sub" }, `grade ${r.grade}`) : null)))))),
    table: () => ({ columns: ["published", "study", "first", "second", "same order here"], rows: judged().flatMap(({ id, r, p }) => p.map((x): Value[] => [id, r.study, x.a.element, x.b.element, x.same ? "yes" : "no"])) }),
  }, format);
  return [chart.node];
}

const METHOD = "A world is simulated to the month before; from there every element is stopped by every origin that usually ships it, for 3, 6, 12 and 24 months, and the loss of users is what goods were worth to them less what they paid, without the stop less with it, until six months after. Third countries may sell on, plants, stocks and users adapt. Rankings rest on where the case sees each element pass today and on the money its users put into it.";

const sections: Section[] = [
  { id: "answers", name: "Answers", lead: "", build: answers },
  { id: "ranking", name: "Ranking", lead: "Which stop costs whom how much; the length and the users that count are yours to choose.", build: ranking },
  ...((screen.ranks ?? []).length ? [{ id: "others", name: "Published rankings", lead: "What others hold to be critical, beside this screen.", build: others }] : []),
  { id: "method", name: "Method", lead: "What made this page, and how to make it again.", build: method(METHOD) },
];

export function showScreen(): void {
  showPage(sections, "Exposure: what if an origin ships no more?", `${fact("title")}. ${big(`${number((screen.cells ?? []).length)} stops from ${screen.from}`)}.`,
    `Ytterby ${fact("version")} · nothing on this page is loaded from elsewhere`);
}
