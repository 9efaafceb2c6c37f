// months.ts - monthly lines: prices with what was observed, permits, stocks; and shortage by year.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, toggle, type Choice, type Value } from "./dom";
import { commodityName, dateOf, monthText, number, percent, regionColour, regionName, valueAt, view, yearIndexOf, years,
  type HistoryRow, type Series, nowIndex } from "./view";

type Format = (v: Value) => string;

function commodityChoices(of: Set<number>): Choice[] {
  const first = view.favourites.filter((c) => of.has(c));
  const favourites = first.slice(0, 8).map((c) => ({ value: String(c), label: commodityName(c), group: "Most traded" }));
  const rest = view.groups.flatMap((g, i) => first.slice(8).filter((c) => view.commodities[c].g === i)
    .map((c) => ({ value: String(c), label: commodityName(c), group: g.name })));
  return [...favourites, ...rest];
}

// ---------------------------------------------------------------------------------------- prices

type Money = "constant" | "nominal" | "local";
/** USD/t of the base year, without tax, as USD/kg of the money asked for. */
function convert(value: number | null, month: number, money: Money): number | null {
  if (value === null) return null;
  const y = yearIndexOf(month);
  const kg = value / 1000;
  if (money === "constant") return kg;
  const nominal = kg * (view.money.level[y] ?? 1);
  if (money === "nominal") return nominal;
  const rate = view.money.rate?.[y];
  return rate ? nominal * rate * (1 + (view.money.tax?.[y] ?? 0)) : null;
}
function unitOf(money: Money): string {
  return money === "constant" ? `constant ${view.money.base || ""} USD/kg without tax`.replace("  ", " ") : money === "nominal" ? "nominal USD/kg without tax"
    : `nominal ${view.money.currency}/kg with value added tax`;
}

const words: Record<string, string> = {
  price: "market", price_export: "at the border", price_paid: "paid, contracts included", price_contract: "contract", price_import: "import",
};
const dashes: Record<string, string | undefined> = { price_export: "6,3", price_paid: "2,3", price_contract: "1,4", price_import: "8,3,2,3" };
const seriesLabel = (x: Series) => `${regionName(x.r)}, ${words[x.v] ?? x.v}`;

interface Span { label: string; from: number; to: number }
function spans(): Span[] {
  const last = years[years.length - 1];
  return [{ label: "All", from: years[0], to: last }, { label: "2008–2014", from: 2008, to: 2014 }, { label: "2019–2026", from: 2019, to: 2026 }]
    .filter((x) => x.label === "All" || (x.from >= years[0] && x.from < last));
}

export function prices(format: Format): (Node | null)[] {
  const have = new Set(view.prices.map((x) => x.c));
  const hint = view.cards.find((c) => c.id === "gap")?.commodity;
  let c = hint !== undefined && have.has(hint) ? hint : view.favourites.find((x) => have.has(x)) ?? -1;
  let money: Money = "constant", log = true, span = spans()[0];
  const mine = () => view.prices.filter((x) => x.c === c && (money !== "local" || x.r === view.exporter) && !(money === "local" && x.v === "price_export"));
  const inSpan = (m: number) => { const y = years[0] + yearIndexOf(m); return y >= span.from && y <= span.to; };
  const observed = () => view.history.filter((x): x is HistoryRow & { first: number; last: number; low: number; high: number } =>
    x.c === c && x.first !== undefined && x.low !== undefined && x.series === "price" && inSpan(x.first)
    && (money !== "local" || (x.r === view.exporter && x.v === "price")));
  const chart = frame({
    id: "price",
    title: () => {
      const inside = view.prices.find((x) => x.c === c && x.r === view.exporter && x.v === "price");
      const outside = view.prices.find((x) => x.c === c && x.r !== view.exporter && x.v === "price");
      if (!inside || !outside) return `${commodityName(c)}: prices`;
      const { best, at } = widest(inside, outside, inSpan);
      return best > 1.2 ? `${commodityName(c)} cost ${number(best, 2)} times as much in ${regionName(outside.r)} as in ${regionName(inside.r)} around ${monthText(at)}`
        : `${commodityName(c)} cost about the same inside and outside ${regionName(inside.r)}`;
    },
    subtitle: () => `Monthly, ${unitOf(money)}${log ? ", logarithmic scale" : ""}. Points: observed, with their range; filled inside ${regionName(view.exporter)}, hollow outside.`,
    source: "simulation; observations as listed under Model vs history",
    height: 400,
    controls: [
      select("Commodity", commodityChoices(have), String(c), (v) => { c = Number(v); chart.update(); gap.update(); }),
      toggle("Money", [{ value: "constant", label: "Constant USD" }, { value: "nominal", label: "Nominal USD" },
        ...(view.money.currency ? [{ value: "local", label: view.money.currency }] : [])], money, (v) => { money = v as Money; chart.update(); }),
      toggle("Scale", [{ value: "log", label: "Log" }, { value: "linear", label: "Linear" }], "log", (v) => { log = v === "log"; chart.update(); }),
      toggle("Years", spans().map((x, i) => ({ value: String(i), label: x.label })), "0", (v) => { span = spans()[Number(v)]; chart.update(); }),
    ],
    legend: () => legendOf([...mine().map((x) => ({ label: seriesLabel(x), colour: regionColour(x.r), dash: x.v !== "price" })),
      ...(observed().length ? [{ label: "Observed", colour: "currentColor", dot: true }] : [])]),
    draw: (width) => {
      const data = mine().flatMap((x) => x.d.map((v, i) => ({ date: dateOf(x.s + i), m: x.s + i, v: convert(v, x.s + i, money), key: `${x.v}${x.r}`, x })))
        .filter((d) => inSpan(d.m)).map((d) => log && d.v !== null && d.v <= 0 ? { ...d, v: null } : d);
      if (!data.some((d) => d.v !== null)) return null;
      // a price of next to nothing would flatten all the rest
      const top = Math.max(...data.map((d) => d.v ?? 0));
      const least = Math.max(Math.min(...data.map((d) => d.v ?? top)), top * 1e-4);
      const points = observed().map((x) => {
        const m = Math.round((x.first + x.last) / 2);
        return { date: dateOf(m), from: dateOf(x.first), to: dateOf(x.last), low: convert(x.low, m, money), high: convert(x.high, m, money),
          mid: convert((x.low + x.high) / 2, m, money), inside: x.v === "price" && x.r === view.exporter, x };
      }).filter((p) => p.mid !== null && (!log || p.low! > 0));
      const marks: Plot.Markish[] = [Plot.gridY({ strokeOpacity: 0.12 })];
      for (const x of mine()) {
        const line = data.filter((d) => d.x === x);
        marks.push(Plot.lineY(line, { x: "date", y: "v", stroke: regionColour(x.r), strokeWidth: x.v === "price" ? 1.9 : 1.3, strokeDasharray: dashes[x.v], clip: true }));
      }
      marks.push(
        Plot.ruleX(points.filter((p) => p.high !== p.low), { x: "date", y1: "low", y2: "high", strokeOpacity: 0.8 }),
        Plot.link(points.filter((p) => p.to.getTime() - p.from.getTime() > 60 * 864e5), { x1: "from", x2: "to", y1: "mid", y2: "mid", strokeOpacity: 0.5 }),
        Plot.dot(points, { x: "date", y: "mid", r: 3.2, stroke: "currentColor", strokeWidth: 1.3, fill: (p) => p.inside ? "currentColor" : "var(--paper)" }),
        Plot.tip([...data.map((d) => ({ date: d.date, v: d.v, text: `${seriesLabel(d.x)}\n${monthText(d.m)}: ${number(d.v)}` })),
          ...points.map((p) => ({ date: p.date, v: p.mid, text: `Observed ${p.x.place}, ${p.x.period}\n${number(p.low)}${p.high !== p.low ? `–${number(p.high)}` : ""} (grade ${p.x.grade})` }))],
        Plot.pointer({ x: "date", y: "v", title: "text" })));
      return Plot.plot({ width, height: width < 520 ? 320 : 400, marginLeft: 48, x: { type: "utc", label: null }, y: { type: log ? "log" : "linear", label: null, ticks: log ? 5 : 6, tickFormat: (v: number) => number(v), ...(log ? { domain: [0.93 * Math.min(least, ...points.map((p) => p.low ?? least)), 1.08 * Math.max(top, ...points.map((p) => p.high ?? 0))] } : { zero: true }) }, marks });
    },
    table: () => ({
      columns: ["month", "commodity", "region", "price", unitOf(money)],
      rows: mine().flatMap((x) => x.d.map((v, i): Value[] => [monthText(x.s + i), view.commodities[c].id, view.regions[x.r].id, x.v, convert(v, x.s + i, money)])),
    }),
  }, format);
  const gap = gapChart(format, () => c);
  return [chart.node, gap.node, permits(format), eventsNode()];
}

/** Largest ratio of three-month means; months in which it is as good as given away inside do not count. */
function widest(inside: Series, outside: Series, counts: (m: number) => boolean): { best: number; at: number } {
  const mean = (x: Series, m: number) => {
    const v = [m - 1, m, m + 1].map((k) => valueAt(x, k)).filter((k): k is number => k !== null);
    return v.length ? v.reduce((a, b) => a + b, 0) / v.length : null;
  };
  const all = inside.d.filter((v): v is number => v !== null);
  const usual = all.reduce((a, b) => a + b, 0) / Math.max(1, all.length);
  let best = 0, at = 0;
  for (let m = 1; m + 1 < view.months; m++) {
    const a = mean(inside, m), b = mean(outside, m);
    if (counts(m) && a && b && a > 0.05 * usual && b / a > best) [best, at] = [b / a, m];
  }
  return { best, at };
}

/** Outside over inside price of the most traded commodities. */
function gapChart(format: Format, chosen: () => number) {
  const pairs = view.favourites.map((c) => ({
    c, inside: view.prices.find((x) => x.c === c && x.r === view.exporter && x.v === "price"),
    outside: view.prices.find((x) => x.c === c && x.r !== view.exporter && x.v === "price"),
  })).filter((p): p is { c: number; inside: Series; outside: Series } => !!p.inside && !!p.outside);
  const shown = () => {
    const first = pairs.slice(0, 7);
    const extra = pairs.find((p) => p.c === chosen());
    return extra && !first.includes(extra) ? [...first, extra] : first;
  };
  const rows = () => shown().flatMap((p) => p.inside.d.map((a, i) => {
    const m = p.inside.s + i, b = valueAt(p.outside, m);
    return { c: p.c, m, date: dateOf(m), ratio: a && b && a > 0 && b > 0 ? b / a : null };
  }));
  const colour = (c: number) => `var(--c${shown().findIndex((p) => p.c === c) % 8})`;
  return frame({
    id: "gap",
    title: () => {
      const most = shown().map((p) => ({ c: p.c, ...widest(p.inside, p.outside, () => true) })).sort((a, b) => b.best - a.best)[0];
      return most ? `The gap was widest for ${commodityName(most.c)}: ${number(most.best, 2)} times around ${monthText(most.at)}` : "Price outside over price inside";
    },
    subtitle: () => `Market price of the largest buyer outside over the price inside ${regionName(view.exporter)}, a ratio, logarithmic scale`,
    source: "simulation",
    height: 300,
    legend: () => legendOf(shown().map((p) => ({ label: `${commodityName(p.c)} (${view.regions[p.outside.r].id})`, colour: colour(p.c) }))),
    draw: (width) => pairs.length === 0 ? null : Plot.plot({
      width, height: 300, marginLeft: 48, x: { type: "utc", label: null }, y: { type: "log", label: null, grid: true, ticks: 5, tickFormat: (v: number) => `×${number(v)}`, domain: [0.5, 1.3 * Math.max(2, ...shown().map((p) => widest(p.inside, p.outside, () => true).best))] },
      marks: [Plot.ruleY([1], { strokeOpacity: 0.6 }),
        Plot.lineY(rows(), { clip: true, x: "date", y: "ratio", z: "c", stroke: (d) => colour(d.c), strokeWidth: 1.5 }),
        Plot.tip(rows(), Plot.pointer({ x: "date", y: "ratio", title: (d) => `${commodityName(d.c)}\n${monthText(d.m)}: ×${number(d.ratio)}` }))],
    }),
    table: () => ({ columns: ["month", "commodity", "outside over inside"], rows: rows().map((r): Value[] => [monthText(r.m), view.commodities[r.c].id, r.ratio]) }),
  }, format);
}

function permits(format: Format): Node | null {
  const ids = [...new Set(view.permitSeries.map((x) => x.c - view.commodities.length))]
    .sort((a, b) => (view.permits[a].kind === "export" ? 0 : 1) - (view.permits[b].kind === "export" ? 0 : 1) || a - b);
  if (ids.length === 0) return null;
  let p = ids[0];
  const of = (v: string) => view.permitSeries.find((x) => x.c - view.commodities.length === p && x.v === v);
  const sum = (x: Series | undefined) => x ? x.d.reduce((t: number, v) => t + (v ?? 0), 0) : 0;
  const active = (x: Series | undefined, y: number) => x ? x.d.reduce((t: number, v, i) => t + (yearIndexOf(x.s + i) === y ? v ?? 0 : 0), 0) : 0;
  const chart = frame({
    id: "permits",
    title: () => {
      const used = sum(of("permit_used")), issued = sum(of("permit_issued")), price = of("permit_price");
      const peak = price ? Math.max(...price.d.map((v) => v ?? 0)) / 1000 : 0;
      return issued > 0 ? `${view.permits[p].name}: ${percent(used / issued)} used over its life, permit price up to ${number(peak)} USD/kg`
        : `${view.permits[p].name}: permit price up to ${number(peak)} USD/kg`;
    },
    subtitle: () => `Above: price of a permit and what its holders ask, constant ${view.money.base || ""} USD/kg. Below: tonnes issued (outline) and used (filled), by year.`,
    source: "simulation; issued tonnes are inputs",
    height: 420,
    controls: [select("Permit", ids.map((i) => ({ value: String(i), label: view.permits[i].name })), String(p), (v) => { p = Number(v); chart.update(); })],
    legend: () => legendOf([{ label: "Permit price", colour: "var(--c0)" }, { label: "Asked by holders", colour: "var(--c1)", dash: true }, { label: "Used", colour: "var(--c2)" }, { label: "Issued", colour: "var(--o0)" }]),
    draw: (width) => {
      const line = (v: string) => (of(v)?.d ?? []).map((value, i) => ({ date: dateOf(of(v)!.s + i), v: value === null ? null : value / 1000 }));
      const yearly = years.map((year, y) => ({ year, used: active(of("permit_used"), y), issued: active(of("permit_issued"), y) })).filter((d) => d.used > 0 || d.issued > 0);
      if (!line("permit_price").length && !yearly.length) return null;
      return h("div", {}, Plot.plot({
        width, height: 210, marginLeft: 56, x: { type: "utc", label: null }, y: { grid: true, label: null, ticks: 4 },
        marks: [Plot.areaY(line("permit_price"), { x: "date", y: "v", fill: "var(--c0)", fillOpacity: 0.15 }),
          Plot.lineY(line("permit_price"), { x: "date", y: "v", stroke: "var(--c0)", strokeWidth: 1.8 }),
          Plot.lineY(line("permit_ask"), { x: "date", y: "v", stroke: "var(--c1)", strokeDasharray: "5,3" }),
          Plot.ruleY([0])],
      }), yearly.length ? Plot.plot({
        width, height: 180, marginLeft: 56, x: { type: "band", tickFormat: "d", label: null, ticks: width < 520 ? yearly.filter((_, i) => i % 4 === 0).map((d) => d.year) : undefined }, y: { grid: true, label: null, ticks: 4, tickFormat: (v: number) => number(v) },
        marks: [Plot.barY(yearly, { x: "year", y: "used", fill: "var(--c2)" }),
          Plot.barY(yearly, { x: "year", y: "issued", fill: "none", stroke: "var(--o0)", strokeWidth: 1.3 }),
          Plot.ruleY([0]),
          Plot.tip(yearly, Plot.pointerX({ x: "year", y: (d) => Math.max(d.used, d.issued), title: (d) => `${d.year}: used ${number(d.used)} t${d.issued ? ` of ${number(d.issued)} t (${percent(d.used / d.issued)})` : ""}` }))],
      }) : null);
    },
    table: () => ({
      columns: ["month", "permit", "variable", "value", "unit"],
      rows: view.permitSeries.filter((x) => x.c - view.commodities.length === p).flatMap((x) => x.d.map((v, i): Value[] => [monthText(x.s + i), view.permits[p].id, x.v, v, /price|ask/.test(x.v) ? "USD/t" : "t/month"])),
    }),
  }, format);
  return chart.node;
}

function eventsNode(): Node | null {
  if (view.events.length === 0) return null;
  return h("details", { class: "box" }, h("summary", {}, `What happened: ${view.events.length} dated events`),
    h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, h("tr", {}, ...["Month", "Kind", "About", "What"].map((x) => h("th", { scope: "col" }, x)))),
      h("tbody", {}, ...view.events.map((e) => h("tr", {}, ...e.map((x) => h("td", {}, x))))))));
}

// ---------------------------------------------------------------------------------------- stocks

export function stocks(format: Format): Node[] {
  const have = new Set(view.stocks.map((x) => x.c));
  const hint = view.cards.find((x) => x.id === "cover")?.commodity;
  let c = hint !== undefined && have.has(hint) ? hint : view.favourites.find((x) => have.has(x)) ?? -1;
  const mine = () => view.stocks.filter((x) => x.c === c);
  // cover of those who hardly use it runs to thousands of months: that is no news
  const most = () => {
    const all = mine().flatMap((x) => x.d).filter((v): v is number => v !== null).sort((a, b) => a - b);
    return Math.max(2, Math.min((all[all.length - 1] ?? 6) * 1.05, 36));
  };
  const chart = frame({
    id: "cover",
    title: () => {
      let low = Infinity, at = 0, where = -1;
      for (const x of mine()) if (x.r !== view.exporter) x.d.forEach((v, i) => { if (v !== null && x.s + i >= 12 && yearIndexOf(x.s + i) <= nowIndex && v < low) [low, at, where] = [v, x.s + i, x.r]; });
      return where < 0 ? `${commodityName(c)}: stock cover` : `${commodityName(c)}: ${regionName(where)} was down to ${number(low, 2)} months in ${monthText(at)}`;
    },
    subtitle: () => `Stock over monthly use, months of cover, all holders together${Math.max(0, ...mine().flatMap((x) => x.d.map((v) => v ?? 0))) > most() ? `; more than ${number(most())} months is cut off` : ""}`,
    source: "simulation; stocks of the first month are assumptions",
    height: 320,
    controls: [select("Commodity", commodityChoices(have), String(c), (v) => { c = Number(v); chart.update(); })],
    legend: () => legendOf(mine().map((x) => ({ label: regionName(x.r), colour: regionColour(x.r) }))),
    draw: (width) => {
      const data = mine().flatMap((x) => x.d.map((v, i) => ({ date: dateOf(x.s + i), m: x.s + i, v, r: x.r })));
      if (!data.length) return null;
      return Plot.plot({ width, height: 320, marginLeft: 44, x: { type: "utc", label: null }, y: { grid: true, domain: [0, most()], label: null, ticks: 5 },
        marks: [Plot.ruleY([0]), Plot.lineY(data, { x: "date", y: "v", z: "r", clip: true, stroke: (d) => regionColour(d.r), strokeWidth: 1.7 }),
          Plot.tip(data, Plot.pointer({ x: "date", y: "v", title: (d) => `${regionName(d.r)}\n${monthText(d.m)}: ${number(d.v)} months` }))] });
    },
    table: () => ({ columns: ["month", "commodity", "region", "months of cover"], rows: mine().flatMap((x) => x.d.map((v, i): Value[] => [monthText(x.s + i), view.commodities[c].id, view.regions[x.r].id, v])) }),
  }, format);
  return [chart.node];
}

// -------------------------------------------------------------------------------------- shortage

export function shortage(format: Format): Node[] {
  let tier = "all";
  const rows = () => view.endUses.flatMap((use, u) => years.map((year, y) => {
    const parts = view.shortage.filter((x) => x.u === u && (tier === "all" || view.tiers[x.tier] === tier));
    const wanted = parts.reduce((t, x) => t + x.wanted[y], 0), served = parts.reduce((t, x) => t + x.served[y], 0);
    return { use: use.name, id: use.id, year, wanted, served, share: wanted > 0 ? Math.max(0, 1 - served / wanted) : null };
  })).filter((d) => d.share !== null) as { use: string; id: string; year: number; wanted: number; served: number; share: number }[];
  const chart = frame({
    id: "unserved",
    title: () => {
      const worst = rows().filter((r) => r.year <= view.now).reduce((b, r) => r.share > (b?.share ?? 0.005) ? r : b, null as { use: string; year: number; share: number } | null);
      return worst ? `${worst.use} went shortest until ${view.now}: ${percent(worst.share)} of what was wanted was not bought in ${worst.year}` : `Nobody went short until ${view.now}`;
    },
    subtitle: () => `Share of what users wanted at reference prices that they did not buy, percent of tonnes, ${tier === "all" ? "all tiers" : `${tier} tier`}, all regions`,
    source: "simulation; a shortage is use given up because the price was too high",
    controls: [toggle("Tier", [{ value: "all", label: "All" }, ...view.tiers.map((t) => ({ value: t, label: t }))], "all", (v) => { tier = v; chart.update(); })],
    height: 280,
    draw: (width) => {
      const data = rows();
      if (!data.length) return null;
      const uses = [...new Set(data.map((d) => d.use))];
      const margin = Math.min(width < 520 ? 110 : 190, 20 + 6.4 * Math.max(...uses.map((x) => x.length)));
      return Plot.plot({
        width, height: 70 + 24 * uses.length, marginLeft: margin, marginBottom: 28, padding: 0.04,
        x: { type: "band", tickFormat: "d", label: null, ticks: years.filter((y) => y % (width < 620 ? 10 : 5) === 0) },
        y: { label: null, domain: uses, tickFormat: (d: string) => d.length * 6.4 > margin ? `${d.slice(0, Math.floor(margin / 6.4) - 2)}…` : d },
        color: { type: "linear", domain: [0, Math.max(0.1, ...data.map((d) => d.share))], range: ["var(--heat0)", "var(--heat1)"], interpolate: (a: string, b: string) => (t: number) => `color-mix(in oklab, ${b} ${Math.round(100 * Math.sqrt(t))}%, ${a})` } as never,
        marks: [Plot.cell(data, { x: "year", y: "use", fill: "share", rx: 1 }),
          Plot.tip(data, Plot.pointer({ x: "year", y: "use", title: (d) => `${d.use}, ${d.year}\nnot bought: ${percent(d.share)}\nwanted ${number(d.wanted)} t, bought ${number(d.served)} t` }))],
      });
    },
    table: () => ({ columns: ["end use", "tier", "year", "wanted t", "bought t", "share not bought"], rows: rows().map((d): Value[] => [d.id, tier, d.year, d.wanted, d.served, d.share]) }),
  }, format);
  return [chart.node];
}
