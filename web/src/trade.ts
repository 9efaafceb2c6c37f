// trade.ts - who ships what to whom in a year: on a map, and as a table of origins and destinations.
import * as Plot from "@observablehq/plot";
import { frame, h, s, select, yearSlider, type Value } from "./dom";
import { commodityName, nowIndex, number, percent, regionColour, regionName, regionOrder, view, years } from "./view";
import { mapSource, worldMap } from "./world";

export function trade(format: (v: Value) => string): Node[] {
  const have = new Set(view.trade.map((x) => x.c));
  const first = view.favourites.filter((c) => have.has(c));
  let c = first[0] ?? -1, year = nowIndex;
  const rows = () => view.trade.filter((x) => x.c === c && x.o !== x.t && x.d[year] > 0).sort((a, b) => b.d[year] - a.d[year]);
  const total = () => rows().reduce((t, x) => t + x.d[year], 0);
  const choices = [...first.slice(0, 8).map((x) => ({ value: String(x), label: commodityName(x), group: "Most traded" })),
    ...view.groups.flatMap((g, i) => first.slice(8).filter((x) => view.commodities[x].g === i).map((x) => ({ value: String(x), label: commodityName(x), group: g.name })))];
  const slider = yearSlider(years[0], years[years.length - 1], years[year], (y) => { year = y - years[0]; map.update(); matrix.update(); });
  const table = () => ({
    columns: ["year", "commodity", "origin", "destination", "kind", "t"],
    rows: rows().map((x): Value[] => [years[year], view.commodities[c].id, view.regions[x.o].id, view.regions[x.t].id, x.x ? "without permit" : "open", x.d[year]]),
  });
  const map = frame({
    id: "trade-map",
    title: () => {
      const top = rows()[0];
      return top ? `${commodityName(c)}, ${years[year]}: the largest flow is ${regionName(top.o)} to ${regionName(top.t)}, ${percent(top.d[year] / total())} of trade` : `${commodityName(c)}, ${years[year]}: no trade`;
    },
    subtitle: () => `Tonnes shipped between regions in the year, ${number(total())} t in all. Colour: origin; dashed: without permit.`,
    source: `simulation; ${mapSource}`,
    height: 420,
    controls: [select("Commodity", choices, String(c), (v) => { c = Number(v); map.update(); matrix.update(); }), slider.node],
    draw: (width) => {
      if (c < 0) return null;
      const { svg, over, place } = worldMap(width);
      const list = rows().slice(0, 40);
      const most = Math.max(1, ...list.map((x) => x.d[year]));
      for (const x of [...list].reverse()) {
        const a = view.regions[x.o], b = view.regions[x.t];
        if (a.lat === null || b.lat === null || a.lon === null || b.lon === null) continue;
        const p = place([a.lon, a.lat]), q = place([b.lon, b.lat]);
        if (!p || !q) continue;
        // bent to the left of its way, so that there and back do not cover one another
        const bend = 0.18, mx = (p[0] + q[0]) / 2 + bend * (q[1] - p[1]), my = (p[1] + q[1]) / 2 - bend * (q[0] - p[0]);
        const d = `M${p[0].toFixed(1)},${p[1].toFixed(1)}Q${mx.toFixed(1)},${Math.max(4, my).toFixed(1)} ${q[0].toFixed(1)},${q[1].toFixed(1)}`;
        over.append(s("path", { d, class: "arc", style: `stroke:${regionColour(x.o)}`, "stroke-width": (0.7 + 9 * Math.sqrt(x.d[year] / most) * Math.min(1, width / 900)).toFixed(1), "stroke-dasharray": x.x ? "5,4" : undefined },
          s("title", {}, `${regionName(x.o)} to ${regionName(x.t)}: ${number(x.d[year])} t${x.x ? " without permit" : ""}`)));
      }
      const named: [number, number][] = [];
      for (const r of regionOrder.filter((k) => list.some((x) => x.o === k || x.t === k))) {
        const at = view.regions[r].lat === null ? null : place([view.regions[r].lon!, view.regions[r].lat!]);
        if (!at) continue;
        over.append(s("circle", { cx: at[0], cy: at[1], r: 4, style: `fill:${regionColour(r)}`, class: "place" }));
        if (width < 560 || named.some(([x, y]) => Math.abs(x - at[0]) < 70 && Math.abs(y - at[1]) < 13)) continue;
        named.push([at[0], at[1]]);
        over.append(s("text", { x: at[0] + 6, y: at[1] - 5, class: "map-label" }, regionName(r).split(" and ")[0]));
      }
      return svg;
    },
    table,
  }, format);
  const matrix = frame({
    id: "trade-matrix",
    title: () => {
      const sent = new Map<number, number>();
      rows().forEach((x) => sent.set(x.o, (sent.get(x.o) ?? 0) + x.d[year]));
      const top = [...sent].sort((a, b) => b[1] - a[1])[0];
      return top ? `${regionName(top[0])} sent ${percent(top[1] / total())} of all ${commodityName(c)} traded in ${years[year]}` : `${commodityName(c)}: no trade in ${years[year]}`;
    },
    subtitle: () => "Tonnes in the year, origin down, destination across",
    source: "simulation",
    height: 300,
    draw: (width) => {
      const list = rows();
      if (!list.length) return null;
      const sum = new Map<string, { o: number; t: number; v: number }>();
      for (const x of list) {
        const key = `${x.o}/${x.t}`;
        if (sum.has(key)) sum.get(key)!.v += x.d[year];
        else sum.set(key, { o: x.o, t: x.t, v: x.d[year] });
      }
      const data = [...sum.values()];
      const origins = regionOrder.filter((r) => data.some((d) => d.o === r)), ends = regionOrder.filter((r) => data.some((d) => d.t === r));
      const most = Math.max(...data.map((d) => d.v));
      const w = Math.max(width, 60 + 44 * ends.length);
      const plot = Plot.plot({
        width: w, height: 50 + 26 * origins.length, marginLeft: 54, marginTop: 26, marginBottom: 4,
        x: { axis: "top", domain: ends, tickFormat: (r: number) => view.regions[r].id, label: null },
        y: { domain: origins, tickFormat: (r: number) => view.regions[r].id, label: null },
        marks: [
          Plot.cell(data, { x: "t", y: "o", inset: 0.5, rx: 2, fill: (d) => regionColour(d.o), fillOpacity: (d) => 0.12 + 0.75 * Math.sqrt(d.v / most) }),
          Plot.text(data, { x: "t", y: "o", text: (d) => number(d.v, 2), fill: "currentColor", fontSize: 10.5 }),
          Plot.tip(data, Plot.pointer({ x: "t", y: "o", title: (d) => `${regionName(d.o)} to ${regionName(d.t)}\n${number(d.v)} t` })),
        ],
        color: { type: "identity" }, opacity: { type: "identity" } as never,
      });
      return w > width ? h("div", { class: "scroll", tabindex: "0" }, plot) : plot;
    },
    table,
  }, format);
  return [map.node, matrix.node];
}
