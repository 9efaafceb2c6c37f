// shock_page.ts - the shock desk: who runs short, when, of what, and what helps.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { showPage, type Section } from "./page";
import { all, find, key, many, meanOf, middle, named, pathOf, Q10, Q50, Q90, shock, SOURCE, total, users, where, type NumberOf } from "./shock";
import { clocks, monthsOf, monthTick, prices, timeText } from "./shock_clock";
import { big, cards, fact, method, money, nameOf, regionName, short, type Format } from "./study";

const TIERS = [{ v: "critical", label: "critical", colour: "var(--c0)" }, { v: "normal", label: "normal", colour: "var(--c4)" }, { v: "flexible", label: "flexible", colour: "var(--c5)" }];

function answers(): Node[] {
  return [h("p", { class: "headline" }, shock.headline),
    shock.explanation ? h("p", { class: "why" }, h("strong", {}, "Why so little: "), `${shock.explanation}.`) : h("span", {}),
    cards(), h("p", { class: "caution" }, many ? `${number(shock.worlds)} worlds, each simulated twice with the same draws: with the shock and without it. All numbers are differences between the two. ` : "One world, that of the modes, simulated twice: with the shock and without it. It has no interval; -n 200 draws worlds. ",
      "A time that never came while worlds were watched is counted as such, not dropped. What is not in the model: panic beyond hoarding on news, priorities by decree, goods outside the chain.")];
}

// ------------------------------------------------------------------------------------------- users

/** Unmet demand month by month: tiers of one user stacked, or of all by worth. */
function unmet(format: Format): HTMLElement | null {
  const shown = users.filter((u) => TIERS.some((t) => pathOf(`missing_${t.v}`, u.r, u.about)));
  if (shown.length === 0) return null;
  let which = key(shown[0]), by = "share";
  const now = () => shown.find((u) => key(u) === which)!;
  const due = () => new Map(monthsOf(pathOf("due", now().r, now().about)).map((d) => [d.at, d.mean]));
  const rows = () => { const of = due(); return TIERS.flatMap((t) => monthsOf(pathOf(`missing_${t.v}`, now().r, now().about)).map((d) => ({ t: t.v, at: d.at, mean: d.mean, share: (of.get(d.at) ?? 0) > 0 ? d.mean / of.get(d.at)! : 0 }))); };
  const worst = () => { const sums = new Map<number, number>(); rows().forEach((d) => sums.set(d.at, (sums.get(d.at) ?? 0) + d.share)); return [...sums].sort((a, b) => b[1] - a[1])[0] ?? [0, 0]; };
  const chart: Frame = frame({
    id: "unmet",
    title: () => { const [at, share] = worst(); return `${big(named(now().r, now().about))}: at worst ${percent(share)} of what it would have bought is missing (${monthTick(at)})`; },
    subtitle: () => `${by === "share" ? "Percent of what would have been bought" : "Tonnes a month"}, mean over ${many ? "the worlds" : "the world"}, stacked by tier: the critical one is served first and misses last. Grey: months of the shock.`,
    source: SOURCE, height: 340,
    controls: [select("User", shown.map((u) => ({ value: key(u), label: named(u.r, u.about) })), which, (v) => { which = v; chart.update(); }), toggle("In", [{ value: "share", label: "Percent" }, { value: "mean", label: "Tonnes" }], "share", (v) => { by = v; chart.update(); })],
    legend: () => legendOf(TIERS.map(({ label, colour }) => ({ label: `${label} tier`, colour }))),
    draw: (width) => {
      const list = rows(), top = Math.max(by === "share" ? 0.02 : 0.001, ...[...new Set(list.map((d) => d.at))].map((at) => list.filter((d) => d.at === at).reduce((t, d) => t + (by === "share" ? d.share : d.mean), 0))) * 1.08;
      return Plot.plot({ width, height: 320, marginLeft: 52, marginRight: 28, marginTop: 24, marginBottom: 26, x: { domain: [0, total], label: null, ticks: Array.from({ length: Math.floor(total / 12) + 1 }, (_, i) => 12 * i), tickFormat: (k: number) => width < 420 ? monthTick(k).slice(0, 4) : monthTick(k) }, y: { grid: true, label: by === "share" ? "percent" : "t a month", labelArrow: "none", percent: by === "share", domain: by === "share" ? [0, 100 * top] : [0, top], ticks: 5 },
        marks: [Plot.rect([0], { x1: 0, x2: shock.months, y1: 0, y2: top, fill: "currentColor", fillOpacity: 0.06 }),
          Plot.rectY(list, Plot.stackY({ order: TIERS.map((t) => t.v) }, { x1: (d: { at: number }) => d.at, x2: (d: { at: number }) => d.at + 1, y: by, fill: (d: { t: string }) => TIERS.find((t) => t.v === d.t)!.colour, insetRight: 0.6, title: (d: { t: string; at: number; mean: number; share: number }) => `${monthTick(d.at)}, ${d.t} tier\n${percent(d.share)}, ${number(d.mean)} t a month` })), Plot.ruleY([0])] });
    },
    table: () => ({ columns: ["end use", "region", "tier", "month", "missing, mean t a month", "10 %", "median", "90 %", "worlds"], rows: TIERS.flatMap((t) => { const p = pathOf(`missing_${t.v}`, now().r, now().about); return monthsOf(p).map((d): Value[] => [now().about, now().r, t.v, monthTick(d.at), d.mean, d.low, d.middle, d.high, p!.worlds]); }) }),
  }, format);
  return chart.node;
}

interface Strip { u: NumberOf; at: number; share: number }
/** Every user: a strip of months, darker where more is missing. */
function strips(format: Format): HTMLElement | null {
  const shown = users.filter((u) => pathOf("due", u.r, u.about)).slice(0, 20);
  if (shown.length === 0) return null;
  const cells = shown.flatMap((u) => { const of = new Map(monthsOf(pathOf("due", u.r, u.about)).map((d) => [d.at, d.mean])), sum = new Map<number, number>();
    TIERS.forEach((t) => monthsOf(pathOf(`missing_${t.v}`, u.r, u.about)).forEach((d) => sum.set(d.at, (sum.get(d.at) ?? 0) + d.mean)));
    return [...of].map(([at, due]) => ({ u, at, share: due > 0 ? (sum.get(at) ?? 0) / due : 0 })); });
  const top = Math.max(0.05, ...cells.map((d) => d.share));
  return frame({
    id: "unmet-strips",
    title: () => { const hit = new Set(cells.filter((d) => d.share > 0.05).map((d) => key(d.u))); return hit.size ? `${hit.size} of ${shown.length} users miss more than 5 % in some month` : "No user misses more than 5 % in any month"; },
    subtitle: () => `Share of what would have been bought that is missing, by month, mean over ${many ? "the worlds" : "the world"}; darkest: ${percent(top)}, root scale. Largest loss first; line: the shock ends.`,
    source: SOURCE, height: 80 + 24 * shown.length,
    draw: (width) => { const margin = width < 520 ? 120 : 250; return Plot.plot({ width, height: 50 + 24 * shown.length, marginLeft: margin, marginTop: 30, marginRight: 26, marginBottom: 6, x: { axis: "top", domain: [0, total], label: null, ticks: Array.from({ length: Math.floor(total / 12) + 1 }, (_, i) => 12 * i), tickFormat: (k: number) => width < 520 ? monthTick(k).slice(0, 4) : monthTick(k) }, y: { type: "band", domain: shown.map(key), label: null, tickSize: 0, tickFormat: (k: string) => { const u = shown.find((x) => key(x) === k)!; return short(named(u.r, u.about), margin - 8); } },
      marks: [Plot.rect(cells, { x1: "at", x2: (d: Strip) => d.at + 1, y: (d: Strip) => key(d.u), fill: (d: Strip) => `color-mix(in srgb, var(--heat1) ${Math.round(100 * Math.sqrt(d.share / top))}%, var(--heat0))`, inset: 0.5, title: (d: Strip) => `${named(d.u.r, d.u.about)}, ${monthTick(d.at)}\n${percent(d.share)} missing` } as never), Plot.ruleX([shock.months], { strokeDasharray: "4,3" })] }); },
    table: () => ({ columns: ["end use", "region", "month", "share missing"], rows: cells.map((d): Value[] => [d.u.about, d.u.r, monthTick(d.at), d.share]) }),
  }, format).node;
}

const millions = (v: number | null | undefined): string => v === null || v === undefined ? "–" : Math.abs(v) < 5e3 ? "0" : number(v / 1e6);

function userTable(): HTMLElement {
  const body = h("tbody", {}), more = h("button", { type: "button", class: "quiet" }, "Show all"), tonnes = (t: string, r: string, a: string) => number(meanOf(`unmet_${t}`, r, a));
  let most = 14;
  const fill = () => {
    body.replaceChildren(...users.slice(0, most).map((u) => h("tr", {}, h("th", { scope: "row" }, named(u.r, u.about)), h("td", { class: "number" }, timeText(find("short_after", u.r, u.about), "never")), h("td", { class: "number" }, percent(middle("short_worst", u.r, u.about))),
      ...TIERS.map((t) => h("td", { class: "number" }, tonnes(t.v, u.r, u.about))), h("td", { class: "number" }, millions(find("unmet_worth", u.r, u.about)?.mean)), h("td", { class: "number" }, millions(u.mean), many ? h("span", { class: "sub" }, `${millions(u.q[Q10])} to ${millions(u.q[Q90])}`) : null))));
    more.hidden = users.length <= most;
  };
  more.addEventListener("click", () => { most = Infinity; fill(); });
  fill();
  return h("details", { class: "box", open: true }, h("summary", {}, "Who loses, by end use"), h("p", { class: "more" }, `Means over worlds until watching ends; short after: median months${many ? " (10 to 90 % of worlds)" : ""}; worst month: median.`),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Who loses" }, h("table", { class: "list times" }, h("thead", {}, h("tr", {}, ...["User", "Short after", "Worst month", "Critical, t", "Normal, t", "Flexible, t", "Worth missing, million USD", "Loss, million USD"].map((x) => h("th", { scope: "col" }, x)))), body)), h("p", { class: "buttons" }, more));
}

function whoLoses(format: Format): (Node | null)[] {
  return users.length ? [strips(format), unmet(format), userTable()] : [h("p", { class: "empty" }, "No user misses anything.")];
}

// --------------------------------------------------------------------------------------- materials

function materials(format: Format): Node[] {
  const list = [...all("element_short")].sort((a, b) => meanOf("element_worth", "", b.about) - meanOf("element_worth", "", a.about));
  if (list.length === 0) return [h("p", { class: "empty" }, "The shock is about no element.")];
  const worth = (x: string) => find("element_worth", "", x), share = (x: string) => find("element_short_share", "", x);
  const chart = frame({
    id: "materials-table",
    title: () => { const x = list[0]; return `${nameOf(x.about)}: ${number(x.mean)} t are missing, worth ${money(worth(x.about)?.mean)}`; },
    subtitle: () => `In goods that users in ${where} did without until watching ends; share: while the shock lasts. Dollars as the element's first refined good at the case's reference price. Means${many ? ", 80 % of worlds below" : ""}.`,
    source: SOURCE, height: 120,
    draw: () => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Shortfall by material" }, h("table", { class: "list times" }, h("thead", {}, h("tr", {}, ...["Material", "Missing, t", "Of what users would have bought", "Worth"].map((x) => h("th", { scope: "col" }, x)))),
      h("tbody", {}, ...list.map((x) => h("tr", {}, h("th", { scope: "row" }, nameOf(x.about)), h("td", { class: "number" }, number(x.mean), many ? h("span", { class: "sub" }, `${number(x.q[Q10])} to ${number(x.q[Q90])}`) : null),
        h("td", { class: "number" }, percent(share(x.about)?.mean)), h("td", { class: "number" }, money(worth(x.about)?.mean), many ? h("span", { class: "sub" }, `${money(worth(x.about)?.q[Q10])} to ${money(worth(x.about)?.q[Q90])}`) : null)))))),
    table: () => ({ columns: ["element", "missing t", "10 %", "90 %", "share", "worth USD", "10 %", "90 %"], rows: list.map((x): Value[] => [x.about, x.mean, x.q[Q10], x.q[Q90], share(x.about)?.mean, worth(x.about)?.mean, worth(x.about)?.q[Q10], worth(x.about)?.q[Q90]]) }),
  }, format);
  return [chart.node];
}

// ----------------------------------------------------------------------------------------- instead

const PARTS: [string, string][] = [["by_other_lanes", "other origins and third countries"], ["by_routes", "routes without permit"], ["by_exports_kept", "less shipped on"], ["by_mines", "more mined"], ["by_scrap", "more old goods returned"], ["by_stocks", "stocks of traders and users"], ["by_reserve", "the reserve"], ["by_use", "users did without"]];

function instead(format: Format): Node[] {
  const lost = find("lost_on_lanes")?.mean ?? 0, list = PARTS.map(([v, label]) => ({ v, label, x: find(v) })).filter((d) => d.x);
  const rest = lost - list.reduce((t, d) => t + (d.x!.mean ?? 0), 0);
  const bars = [...list.map((d) => ({ label: d.label, mean: d.x!.mean ?? 0, low: d.x!.q[Q10] ?? 0, high: d.x!.q[Q90] ?? 0 })), { label: "less waste, and what is on its way", mean: rest, low: rest, high: rest }];
  const most = [...bars].sort((a, b) => b.mean - a.mean)[0];
  const chart = frame({
    id: "instead-bars",
    title: () => lost > 1e-3 ? `${number(lost)} t no longer come; ${most.label}: ${percent(most.mean / lost)}` : "The lanes it touches carry no less than they would have",
    subtitle: () => `What made up for it, t of the elements in the months of the shock; means${many ? ", lines 80 % of worlds" : ""}; below 0: it made matters worse.`,
    source: SOURCE, height: 280,
    draw: (width) => { const margin = width < 520 ? 130 : 230; return Plot.plot({ width, height: 50 + 26 * bars.length, marginLeft: margin, marginTop: 30, marginRight: 56, x: { axis: "top", grid: true, label: "t of elements", labelArrow: "none", ticks: width < 520 ? 3 : 6, tickFormat: (v: number) => number(v) }, y: { domain: bars.map((b) => b.label), label: null, tickSize: 0, tickFormat: (t: string) => short(t, margin - 8) },
      marks: [Plot.barX(bars, { x: "mean", y: "label", fill: (b) => b.label === "users did without" ? "var(--c0)" : "var(--c1)", insetTop: 4, insetBottom: 4 }), many ? Plot.link(bars, { x1: "low", x2: "high", y1: "label", y2: "label", stroke: "currentColor", strokeWidth: 1.4 }) : null,
        Plot.text(bars, { x: (b) => Math.max(b.high, b.mean, 0), y: "label", text: (b) => lost > 0 ? percent(b.mean / lost) : number(b.mean), textAnchor: "start", dx: 6 }), Plot.ruleX([0])] }); },
    table: () => ({ columns: ["what made up for it", "t, mean", "10 %", "90 %", "share"], rows: [["no longer came", lost, find("lost_on_lanes")?.q[Q10], find("lost_on_lanes")?.q[Q90], 1], ...bars.map((b): Value[] => [b.label, b.mean, b.low, b.high, lost > 0 ? b.mean / lost : null])] }),
  }, format);
  return [chart.node];
}

// ---------------------------------------------------------------------------------------- measures

function measures(format: Format): (Node | null)[] {
  if (shock.measures.length + shock.stocks.length === 0) return [h("p", { class: "empty" }, "No measure was asked for: shock --measures tries eight of them, --limit 0.05 looks for the smallest stock.")];
  return [stockCurve(format), shock.measures.length ? measureBars(format) : null];
}

function measureBars(format: Format): HTMLElement {
  const list = shock.measures, loss = find("loss")?.mean ?? 0;
  return frame({
    id: "measure-bars",
    title: () => list[0].avoided > 0 ? `${big(list[0].what)}: avoids ${money(list[0].avoided)}${loss > 0 ? `, ${percent(list[0].avoided / loss)} of the loss` : ""}` : "No single measure helps",
    subtitle: () => "Loss of users that each measure alone avoids, million USD, mean over the same worlds; below 0: it costs them. What a measure costs, and priorities by decree, are not modelled.",
    source: SOURCE, height: 320,
    draw: (width) => { const margin = width < 520 ? 130 : 380; return Plot.plot({ width, height: 50 + 28 * list.length, marginLeft: margin, marginTop: 30, marginRight: 30, x: { axis: "top", grid: true, label: "million USD avoided", labelArrow: "none", ticks: width < 520 ? 3 : 6 }, y: { domain: list.map((m) => m.measure), label: null, tickSize: 0, tickFormat: (k: string) => short(list.find((m) => m.measure === k)!.what, margin - 8) },
      marks: [Plot.barX(list, { x: (m) => m.avoided / 1e6, y: "measure", fill: (m) => m.avoided >= 0 ? "var(--c2)" : "var(--c0)", insetTop: 4, insetBottom: 4 }), Plot.ruleX([0]), Plot.tip(list, Plot.pointerY({ x: (m: { avoided: number }) => m.avoided / 1e6, y: "measure", title: (m: typeof list[0]) => `${m.what}\navoids ${money(m.avoided)}, leaves ${money(m.loss)}\ncritical use unserved ${percent(m.unmet)}` } as never))] }); },
    table: () => ({ columns: ["measure", "what", "loss USD", "avoided USD", "critical use unserved"], rows: list.map((m): Value[] => [m.measure, m.what, m.loss, m.avoided, m.unmet]) }),
  }, format).node;
}

/** In how many worlds a stock of so many months holds. */
function stockCurve(format: Format): HTMLElement | null {
  const n = shock.stocks.length, wanted = Number(fact("probability") || 0.9), limit = Number(fact("limit"));
  if (n === 0) return null;
  const known = shock.stocks.filter((x) => x.months !== null).map((x) => x.months!), steps = [{ months: 0, share: 0 }, ...known.map((months, i) => ({ months, share: (i + 1) / n }))];
  const at = shock.stocks[Math.max(0, Math.ceil(wanted * n) - 1)].months, top = Math.max(6, ...known) * 1.05;
  return frame({
    id: "stockpile-curve",
    title: () => at === null ? `No stock of up to five years holds in ${percent(wanted)} of worlds` : at > 0 ? `${number(at)} months of critical use hold in ${percent(wanted)} of worlds` : `Without any stock critical use is kept in ${percent(wanted)} of worlds`,
    subtitle: () => `Share of worlds in which a stock of so many months keeps the unserved share of critical use below ${percent(limit)} in the months of the shock; laid in before, of the elements it is about. Dashed: the probability asked for.`,
    source: SOURCE, height: 260,
    draw: (width) => Plot.plot({ width, height: 260, marginLeft: 52, marginBottom: 40, marginTop: 20, x: { domain: [0, top], label: "months of critical use in stock", labelAnchor: "center", labelArrow: "none" }, y: { percent: true, domain: [0, 100], grid: true, label: "percent of worlds", labelArrow: "none", ticks: 5 }, marks: [Plot.lineY([...steps, { months: top, share: known.length / n }], { x: "months", y: "share", curve: "step-after", stroke: "var(--c1)", strokeWidth: 2 }), Plot.ruleY([wanted], { strokeDasharray: "4,4" }), Plot.ruleY([0])] }),
    table: () => ({ columns: ["world, by rank", "months of critical use"], rows: shock.stocks.map((x, i): Value[] => [i + 1, x.months]) }),
  }, format).node;
}

// ------------------------------------------------------------------------------------------- lines

function lines(format: Format): Node[] {
  const list = all("line_runs"), goodOf = (product: string) => { const number = middle("line_short_of", find2(product), product); return shock.parts.find((p) => p.product === product && p.number === Math.round(number ?? -1))?.good; };
  const row = (x: typeof list[0]) => { const good = goodOf(x.about); return h("tr", {}, h("th", { scope: "row" }, x.about, h("span", { class: "sub" }, regionName(x.r))), h("td", { class: "number" }, timeText(x, "always")), h("td", { class: "number" }, percent(1 - x.censored / x.n)), h("td", { class: "number" }, percent(find("line_worst", x.r, x.about)?.q[Q50])), h("td", {}, good ? nameOf(good) : "–"),
    h("td", {}, shock.parts.filter((p) => p.product === x.about).map((p) => `${nameOf(p.good)} ${number(p.stock)} months`).join(", "))); };
  const chart = frame({
    id: "own-lines",
    title: () => { const first = [...list].filter((x) => x.q[Q50] !== null).sort((a, b) => a.q[Q50]! - b.q[Q50]!)[0]; return first ? `${big(first.about)} is the first that no longer runs whole, after ${timeText(first, "")} months` : "All lines run on in most worlds"; },
    subtitle: () => `Months until a line misses 5 % of its output for want of something, median${many ? " (10 to 90 % of worlds)" : ""}. Each line buys its share of what there is and lives on its own stock for the rest.`,
    source: `${SOURCE}; the user's bill of materials`, height: 120,
    draw: () => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Own lines" }, h("table", { class: "list times" }, h("thead", {}, h("tr", {}, ...["Line", "Runs whole for, months", "Stops in", "Output in the worst month", "Short of", "Own stocks"].map((x) => h("th", { scope: "col" }, x)))), h("tbody", {}, ...list.map(row)))),
    table: () => ({ columns: ["product", "region", "worlds", "never stops in", "10 %", "median", "90 %", "worst month", "short of"], rows: list.map((x): Value[] => [x.about, x.r, x.n, x.censored, x.q[Q10], x.q[Q50], x.q[Q90], find("line_worst", x.r, x.about)?.q[Q50], goodOf(x.about)]) }),
  }, format);
  return [chart.node];
}
const find2 = (product: string): string => all("line_runs").find((x) => x.about === product)?.r ?? "";

// -------------------------------------------------------------------------------------------- page

const METHOD = "Worlds are simulated to the month before the shock, copied, and go on twice with the same draws: with the shock and without it. What is missing is use there would have been and is not, by month: thrift, dear prices and empty markets alike; it is taken from the flexible tier first and from the critical one last. Lanes that are closed are so for whoever obeys: third countries sell on and routes without permit stay open, both at their cost. What each number means stands in docs/man/shock.md and docs/model.md, Shocks.";

const sections: Section[] = [
  { id: "answers", name: "Answers", lead: "", build: answers },
  { id: "users", name: "Who runs short", lead: "Unmet demand by end use, tier and month.", build: whoLoses },
  { id: "clock", name: "Stock-out clock", lead: "How long markets survive, when stocks are empty, when all is back.", build: clocks },
  { id: "prices", name: "Prices and stocks", lead: "Month by month, with the shock and without it.", build: prices },
  { id: "materials", name: "Shortfall by material", lead: "Tonnes and dollars, as official stockpile reports count them.", build: materials },
  { id: "instead", name: "Where from instead", lead: "What made up for what no longer came.", build: instead },
  { id: "measures", name: "What helps", lead: "Single measures, and the smallest stock that holds.", build: measures },
  ...(all("line_runs").length ? [{ id: "lines", name: "My lines", lead: "How long the lines of the bill of materials run.", build: lines }] : []),
  { id: "method", name: "Method", lead: "What made this page, and how to make it again.", build: method(METHOD) },
];

export function showShock(): void {
  showPage(sections, `${big(shock.what)}`, `${shock.months} months from ${shock.from}, watched for ${shock.watched} more. ${fact("title")}.`,
    `Ytterby ${fact("version")} · ${number(shock.worlds)} ${many ? "worlds" : "world"}, twice each · nothing on this page is loaded from elsewhere`);
}
