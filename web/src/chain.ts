// chain.ts - the chain as a Sankey by year and element, and how concentrated its stages are.
import * as Plot from "@observablehq/plot";
import { sankey, sankeyLinkHorizontal } from "d3-sankey";
import { frame, h, legendOf, s, select, yearSlider, type Value } from "./dom";
import { number, nowIndex, percent, regionColour, regionName, regionOrder, view, years } from "./view";

type Format = (v: Value) => string;
const END = view.stages.length;    // as a target: end use
const STOCK = view.stages.length;  // as a source: stocks and scrap

interface Link { from: number; origin: number; to: number; place: number; t: number }
function linksOf(year: number, element: number): Link[] {
  const flat = view.links[year]?.[element] ?? [];
  const links: Link[] = [];
  for (let i = 0; i + 4 < flat.length; i += 5)
    links.push({ from: flat[i], origin: flat[i + 1], to: flat[i + 2], place: flat[i + 3], t: flat[i + 4] });
  return links;
}

/** Column of each stage: their order, but a stage that mostly feeds earlier ones stands before them. */
const columnOf: number[] = (() => {
  const column = view.stages.map((_, i) => i);
  const out = view.stages.map(() => new Map<number, number>());
  view.links.forEach((elements) => elements.forEach((flat) => {
    for (let i = 0; i + 4 < flat.length; i += 5)
      if (flat[i] < END && flat[i + 2] < END) out[flat[i]].set(flat[i + 2], (out[flat[i]].get(flat[i + 2]) ?? 0) + flat[i + 4]);
  }));
  view.stages.forEach((_, i) => {
    let back = 0, all = 0, first = i;
    out[i].forEach((t, to) => {
      all += t;
      if (to < i) back += t;
    });
    out[i].forEach((t, to) => { if (t > 0.05 * all && to < first) first = to; });
    if (all > 0 && back > all / 2) column[i] = Math.max(0, first - 1);
  });
  return column;
})();

interface Node { key: string; stage: number; region: number; column: number; label: string; hidden?: boolean }

const MOST_REGIONS = 7;
/** Narrower than this the chain is scrolled: names of stages would meet. */
const NARROWEST = 900;

function drawSankey(year: number, element: number, width: number): SVGElement | null {
  let links = linksOf(year, element);
  if (links.length === 0) return null;
  const weight = new Map<number, number>();
  for (const l of links) {
    weight.set(l.origin, (weight.get(l.origin) ?? 0) + l.t);
    weight.set(l.place, (weight.get(l.place) ?? 0) + l.t);
  }
  const kept = new Set([...weight.keys()].sort((a, b) => weight.get(b)! - weight.get(a)!).slice(0, MOST_REGIONS));
  const column = (stage: number) => stage === END ? END : columnOf[stage];
  const nodes = new Map<string, Node>();
  const node = (stage: number, region: number, col: number, role: string): Node => {
    const r = kept.has(region) ? region : -1;
    const key = `${role}${stage}/${r}`;
    if (!nodes.has(key))
      nodes.set(key, { key, stage, region: r, column: col, label: r < 0 ? "Others" : regionName(r) });
    return nodes.get(key)!;
  };
  const sums = new Map<string, { source: Node; target: Node; t: number }>();
  for (const l of links) {
    const to = column(l.to);
    // what comes out of stock stands just before its user; what goes back to an earlier column leaves the picture
    const source = l.from === STOCK ? node(-1, l.origin, Math.max(0, to - 1), `s${to}-`) : node(l.from, l.origin, columnOf[l.from], "");
    const back = l.from !== STOCK && to <= columnOf[l.from];
    const target = l.to === END ? node(END, l.place, END, "") : back ? node(-2, l.place, END, "back") : node(l.to, l.place, to, "");
    const key = `${source.key}>${target.key}`;
    const sum = sums.get(key);
    if (sum) sum.t += l.t;
    else sums.set(key, { source, target, t: l.t });
  }
  // columns that are used, one after the other
  const used = [...new Set([...nodes.values()].map((n) => n.column))].sort((a, b) => a - b);
  const place = new Map(used.map((c, i) => [c, i]));
  const hidden: Node[] = used.map((_, i) => ({ key: `h${i}`, stage: -9, region: -9, column: used[i], label: "", hidden: true }));
  const w = Math.max(width, NARROWEST), height = 480, top = 47;
  const rank = (n: Node) => n.hidden ? 1e6 : (n.stage === -2 ? 2000 : n.stage === -1 ? 1000 : 10 * Math.max(0, n.stage)) + (n.region < 0 ? 99 : regionOrder.indexOf(n.region) / 10);
  const layout = sankey<Node, { t: number }>()
    .nodeId((n) => n.key).nodeAlign((n) => place.get(n.column)!).nodeWidth(12).nodePadding(9)
    .nodeSort((a, b) => rank(a) - rank(b)).extent([[1, top], [w - 1, height - 6]]);
  const graph = layout({
    nodes: [...nodes.values(), ...hidden].map((n) => ({ ...n })),
    links: [
      ...[...sums.values()].map((l) => ({ source: l.source.key, target: l.target.key, value: l.t, t: l.t })),
      ...hidden.slice(1).map((n, i) => ({ source: hidden[i].key, target: n.key, value: 1e-9, t: 0 })),
    ] as never,
  });
  const svg = s("svg", { viewBox: `0 0 ${w} ${height}`, width: w, height, class: "sankey" });
  const shapes = s("g", { fill: "none" });
  for (const l of graph.links) {
    if (l.t === 0) continue;
    const from = l.source as unknown as Node, to = l.target as unknown as Node;
    const path = s("path", {
      d: sankeyLinkHorizontal()(l as never) ?? "", "stroke-width": Math.max(0.6, l.width ?? 0),
      style: `stroke:${from.region < 0 ? "var(--o0)" : regionColour(from.region)}`, class: "link",
    }, s("title", {}, `${from.label}, ${stageName(from.stage)} → ${to.label}, ${stageName(to.stage)}: ${number(l.t)} t`));
    shapes.append(path);
  }
  svg.append(shapes);
  used.forEach((c, i) => {
    const here = graph.nodes.filter((n) => !n.hidden && n.column === c && n.stage >= 0);
    const names = [...new Set(here.map((n) => stageName(n.stage)))];
    const step = (w - 2 - 12) / Math.max(1, used.length - 1), x = 1 + i * step;
    const anchor = i === 0 ? "start" : i === used.length - 1 ? "end" : "middle";
    const at = anchor === "middle" ? x + 6 : anchor === "end" ? x + 12 : x;
    const lines = wrap(names.join(" / ") || "From stock", Math.floor((anchor === "middle" ? step - 8 : 0.72 * step) / 6.1));
    lines.forEach((line, k) => svg.append(s("text", { x: at, y: 12 + 13 * (k + 2 - lines.length), "text-anchor": anchor, class: "column" }, line)));
    const t = here.reduce((sum, n) => sum + (n.value ?? 0), 0);
    if (t > 0) svg.append(s("text", { x: at, y: 39, "text-anchor": anchor, class: "amount" }, `${number(t)} t`));
  });
  for (const n of graph.nodes) {
    if (n.hidden) continue;
    const x0 = n.x0 ?? 0, x1 = n.x1 ?? 0, y0 = n.y0 ?? 0, y1 = n.y1 ?? 0;
    const colour = n.region < 0 ? "var(--o0)" : regionColour(n.region);
    svg.append(s("rect", { x: x0, y: y0, width: x1 - x0, height: Math.max(1, y1 - y0), rx: 1.5,
      style: n.stage < 0 ? `fill:none;stroke:${colour};stroke-width:1.5` : `fill:${colour}` },
      s("title", {}, `${n.label}, ${stageName(n.stage)}: ${number(n.value)} t`)));
    if (y1 - y0 > 11) {
      const end = x1 > w - 40;
      const label = n.stage === -1 ? `${n.label} (stock)` : n.stage === -2 ? `${n.label} (scrap)` : n.label;
      svg.append(s("text", { x: end ? x0 - 5 : x1 + 5, y: (y0 + y1) / 2, dy: "0.35em", "text-anchor": end ? "end" : "start", class: "node" }, shorten(label, 22)));
    }
  }
  return svg;
}

/** At most two lines of about `most` letters. */
function wrap(text: string, most: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines[lines.length - 1] && (lines[lines.length - 1] + " " + word).length > Math.max(most, 8)) lines.push("");
    lines[lines.length - 1] += (lines[lines.length - 1] ? " " : "") + word;
  }
  return lines.length <= 2 ? lines : [lines[0], `${lines[1].slice(0, Math.max(6, most - 1))}…`];
}
const shorten = (text: string, most = 26) => text.length > most ? `${text.slice(0, most - 1)}…` : text;
export function stageName(stage: number): string {
  return stage === END ? "End use" : stage === -1 ? "from stock or scrap" : stage === -2 ? "scrap, back into the chain" : view.stages[stage]?.name ?? "";
}

export function chain(format: Format): HTMLElement[] {
  // start with the element that moves through most stages of value: the largest mean share of the exporter after the mine
  let element = bestElement(), year = nowIndex;
  const slider = yearSlider(years[0], years[years.length - 1], years[year], (y) => {
    year = y - years[0];
    chart.update();
  });
  const chart = frame({
    id: "sankey",
    title: () => {
      const links = linksOf(year, element);
      const total = links.reduce((t, l) => t + (l.to === END ? l.t : 0), 0);
      const own = links.reduce((t, l) => t + (l.to === END && l.origin === view.exporter ? l.t : 0), 0);
      const name = view.elements[element]?.name ?? "";
      return total > 0 && view.exporter >= 0
        ? `${name} in ${years[year]}: ${percent(own / total)} of what end users bought came from ${regionName(view.exporter)}`
        : `${name} in ${years[year]}`;
    },
    subtitle: () => "Tonnes of contained element in the year. Colour: where it came from. What was used is split over origins in proportion; hollow boxes are drawn from stock, or go back as scrap.",
    source: "simulation; links under 0.2 % of the largest stage are left out",
    height: 470,
    controls: [
      select("Element", view.elements.map((e, i) => ({ value: String(i), label: e.name })), String(element), (v) => {
        element = Number(v);
        chart.update();
      }), slider.node],
    draw: (width) => {
      const svg = drawSankey(year, element, width);
      return svg && width < NARROWEST ? h("div", { class: "scroll", tabindex: "0" }, svg) : svg;
    },
    table: () => ({
      columns: ["year", "element", "from stage", "from region", "to stage", "to region", "t"],
      rows: linksOf(year, element).sort((a, b) => b.t - a.t).map((l) => [years[year], view.elements[element].id,
        l.from === STOCK ? "stock or scrap" : view.stages[l.from].id, view.regions[l.origin].id,
        l.to === END ? "end use" : view.stages[l.to].id, view.regions[l.place].id, l.t]),
    }),
  }, format);
  return [chart.node];
}

function bestElement(): number {
  let best = 0, most = -1;
  view.elements.forEach((_, e) => {
    const stages = new Set<number>();
    let end = 0;
    for (const l of linksOf(nowIndex, e)) {
      if (l.from < END) stages.add(l.from);
      if (l.to === END) end += l.t;
    }
    const score = stages.size + (end > 0 ? Math.log10(1 + end) / 10 : -5);
    if (score > most) [most, best] = [score, e];
  });
  return best;
}

// ---------------------------------------------------------------------------------- concentration

export function concentration(format: Format): HTMLElement[] {
  const active = view.stages.map((_, i) => i).filter((i) => view.shares[i]?.made.length);
  const shares = frame({
    id: "shares",
    title: () => {
      if (view.exporter < 0) return "Shares of each stage";
      const most = active.filter((i) => shareOf(i, view.exporter, nowIndex) > 0.5).length;
      return `${regionName(view.exporter)} makes more than half of ${most} of ${active.length} stages in ${years[nowIndex]}`;
    },
    subtitle: () => `Share of the world's activity of each stage, ${years[0]}–${years[years.length - 1]}, percent of tonnes`,
    source: "simulation, plants by plant",
    height: 480,
    legend: () => legendOf([...regionOrder.slice(0, 8).map((r) => ({ label: regionName(r), colour: regionColour(r) })),
      ...(regionOrder.length > 8 ? [{ label: "Others", colour: "var(--o0)" }] : [])]),
    draw: (width) => {
      const columns = width > 900 ? 3 : width > 520 ? 2 : 1;
      const w = Math.floor((width - 20 * (columns - 1)) / columns);
      return h("div", { class: "multiples", style: `--columns:${columns}` }, ...active.map((i) => {
        const data = [] as { year: number; region: number; share: number; rank: number }[];
        for (const y of years.keys()) {
          const total = view.shares[i].made.reduce((t, m) => t + m.d[y], 0);
          if (total <= 0) continue;
          let rest = 0;
          for (const m of view.shares[i].made) {
            const rank = regionOrder.indexOf(m.r);
            if (rank < 8) data.push({ year: years[y], region: m.r, share: m.d[y] / total, rank });
            else rest += m.d[y] / total;
          }
          data.push({ year: years[y], region: -1, share: rest, rank: 99 });
        }
        return h("div", {}, h("h4", {}, view.stages[i].name), Plot.plot({
          width: w, height: 170, marginLeft: 34, marginTop: 6, marginBottom: 22, marginRight: 14,
          x: { tickFormat: "d", ticks: w < 260 ? 3 : 5, label: null }, y: { percent: true, ticks: 3, label: null, domain: [0, 100] },
          marks: [
            Plot.areaY(data, { x: "year", y: "share", z: "region", order: "rank", fill: (d) => d.region < 0 ? "var(--o0)" : regionColour(d.region), curve: "monotone-x", title: (d) => d.region < 0 ? "Others" : regionName(d.region) }),
            Plot.ruleX([years[nowIndex]], { stroke: "currentColor", strokeOpacity: 0.35, strokeDasharray: "2,3" }),
            Plot.tip(data, Plot.pointerX(Plot.stackY({ x: "year", y: "share", z: "region", order: "rank", title: (d: { year: number; region: number; share: number }) => `${d.region < 0 ? "Others" : regionName(d.region)}, ${d.year}: ${percent(d.share)}` }))),
          ],
        }));
      }));
    },
    table: () => ({
      columns: ["stage", "region", "year", "t of activity", "share"],
      rows: active.flatMap((i) => view.shares[i].made.flatMap((m) => m.d.map((v, y): Value[] =>
        [view.stages[i].id, view.regions[m.r].id, years[y], v, v / view.shares[i].made.reduce((t, x) => t + x.d[y], 0)]))),
    }),
  }, format);
  const hhi = frame({
    id: "hhi",
    title: () => {
      const worst = [...active].sort((a, b) => (view.shares[b].hhi[nowIndex] ?? 0) - (view.shares[a].hhi[nowIndex] ?? 0))[0];
      return worst === undefined ? "Concentration" : `${view.stages[worst].name} is the most concentrated stage: ${number(view.shares[worst].hhi[nowIndex])} of 10,000 in ${years[nowIndex]}`;
    },
    subtitle: () => "Herfindahl-Hirschman index: the sum of squared percentage shares of regions. 10,000 is one producer; above 2,500 (dashed) counts as highly concentrated.",
    source: "simulation",
    height: 320,
    draw: (width) => {
      const data = active.flatMap((i) => years.map((year, y) => ({ year, stage: view.stages[i].name, i, hhi: view.shares[i].hhi[y] })));
      const last = spread(active.map((i) => ({ i, stage: view.stages[i].name, label: shorten(view.stages[i].name, 27), hhi: [...view.shares[i].hhi].reverse().find((v) => v !== null) ?? 0 })), "hhi", 640);
      const narrow = width < 560;
      return Plot.plot({
        width, height: 340, marginRight: narrow ? 12 : 164, marginLeft: 44,
        x: { tickFormat: "d", label: null }, y: { domain: [0, 10000], grid: true, label: null, ticks: 5 },
        color: { legend: narrow, domain: active.map((i) => view.stages[i].name), range: active.map((_, k) => `var(--c${k % 8})`) },
        marks: [
          Plot.ruleY([2500], { strokeDasharray: "4,4", strokeOpacity: 0.6 }),
          // past eight stages colours come again, dashed
          Plot.line(data.filter((d) => active.indexOf(d.i) < 8), { x: "year", y: "hhi", z: "stage", stroke: "stage", strokeWidth: 2 }),
          Plot.line(data.filter((d) => active.indexOf(d.i) >= 8), { x: "year", y: "hhi", z: "stage", stroke: "stage", strokeWidth: 2, strokeDasharray: "5,3" }),
          ...(narrow ? [] : [Plot.text(last, { x: years[years.length - 1], y: "at", text: "label", fill: "stage", textAnchor: "start", dx: 8, className: "direct" })]),
          Plot.tip(data, Plot.pointer({ x: "year", y: "hhi", title: (d) => `${d.stage}, ${d.year}: ${number(d.hhi)}` })),
        ],
      });
    },
    table: () => ({ columns: ["stage", "year", "HHI"], rows: active.flatMap((i) => years.map((y, k): Value[] => [view.stages[i].id, y, view.shares[i].hhi[k]])) }),
  }, format);
  return [shares.node, hhi.node];
}

function shareOf(stage: number, region: number, year: number): number {
  const total = view.shares[stage].made.reduce((t, m) => t + m.d[year], 0);
  return total > 0 ? (view.shares[stage].made.find((m) => m.r === region)?.d[year] ?? 0) / total : 0;
}

/** Labels that would lie on one another are moved apart. */
function spread<T extends Record<string, unknown>>(items: T[], key: keyof T, gap: number): (T & { at: number })[] {
  const sorted = items.map((x) => ({ ...x, at: x[key] as number })).sort((a, b) => a.at - b.at);
  for (let round = 0; round < 60; round++)
    for (let i = 1; i < sorted.length; i++) {
      const short = gap - (sorted[i].at - sorted[i - 1].at);
      if (short > 0) {
        sorted[i - 1].at -= short / 2;
        sorted[i].at += short / 2;
      }
    }
  const below = Math.min(0, ...sorted.map((x) => x.at));
  return sorted.map((x) => ({ ...x, at: x.at - below }));
}
