// lanes.ts - a world that decides: each project's road through the five gates, country by country.
import * as Plot from "@observablehq/plot";
import { frame, legendOf, select, type Value } from "./dom";
import { regionColour, regionName, view } from "./view";

export const GATES = ["political", "environmental", "local", "legal", "capital"];
const PHASES: { kind: string; label: string; colour: string }[] = [
  ...GATES.map((g, i) => ({ kind: g, label: { political: "Political negotiation", environmental: "Environmental assessment", local: "Local approval", legal: "Legal review", capital: "Finance" }[g]!, colour: `var(--c${[7, 2, 4, 5, 1][i]})` })),
  { kind: "gate", label: "At a gate when the months end", colour: "var(--o3)" },
  { kind: "waiting", label: "Waiting for better prices", colour: "var(--o1)" },
  { kind: "building", label: "Construction", colour: "var(--c6)" },
  { kind: "running", label: "Running", colour: "var(--c0)" },
];
const phase = (kind: string) => PHASES.find((p) => p.kind === kind)!;

interface Bar { plant: string; name: string; r: number; from: number; to: number; kind: string }
interface End { plant: string; name: string; r: number; at: number; text: string; good: boolean }

const time = (month: string) => Number(month.slice(0, 4)) + (Number(month.slice(5, 7)) - 1) / 12;
const end = view.firstYear + view.years;
const plants = new Map(view.facilities.map((f) => [f.id, f]));
const mine = view.events.filter(([, kind, subject]) => plants.has(subject) && /^(project|gate|failed|construction|plant|restart)_/.test(kind));

/** Events in order become bars: each passed gate ends the one before it. */
function roads(): { bars: Bar[]; ends: End[] } {
  const bars: Bar[] = [], ends: End[] = [];
  const open = new Map<string, { kind: string; from: number }>(), working = new Set<string>();
  for (const [month, kind, id, text] of mine) {
    const f = plants.get(id)!, at = time(month), now = open.get(id);
    const close = (as: string | undefined) => { if (now && as) bars.push({ plant: id, name: f.name, r: f.r, from: now.from, to: at, kind: as }); open.delete(id); };
    const begin = (next: string) => open.set(id, { kind: next, from: at });
    // an expansion's road stands in the place of the plant's running, and gives way to it again
    const resume = () => { if (working.has(id)) begin("running"); };
    if (kind === "project_begun") { close(now?.kind === "running" ? "running" : undefined); begin("gate"); }
    else if (kind.startsWith("gate_")) { close(kind.slice(5)); begin(kind === "gate_capital" ? "building" : "gate"); }
    else if (kind.startsWith("failed_")) { close(kind.slice(7)); resume(); ends.push({ plant: id, name: f.name, r: f.r, at, text, good: false }); }
    else if (kind === "project_waits") { close(now?.kind === "gate" ? "capital" : now?.kind); begin("waiting"); }
    else if (kind === "project_abandoned") { close(now?.kind === "gate" ? "capital" : now?.kind); resume(); ends.push({ plant: id, name: f.name, r: f.r, at, text, good: false }); }
    else if (kind === "construction_begun" || kind === "restart_begun") { close(now?.kind === "building" ? "building" : now?.kind === "gate" ? "capital" : now?.kind); begin("building"); }
    else if (/^plant_(opened|restarted|enlarged)$/.test(kind)) { close("building"); working.add(id); begin("running"); if (kind === "plant_opened") ends.push({ plant: id, name: f.name, r: f.r, at, text, good: true }); }
    else if (kind === "plant_mothballed") { close(now?.kind === "gate" ? undefined : now?.kind); working.delete(id); ends.push({ plant: id, name: f.name, r: f.r, at, text, good: false }); }
  }
  for (const [id, now] of open) {
    const f = plants.get(id)!;
    bars.push({ plant: id, name: f.name, r: f.r, from: now.from, to: end, kind: now.kind });
  }
  return { bars: bars.filter((b) => b.to > b.from), ends };
}

/** Whole years, at most so many. */
function tickYears(list: Bar[], most: number): number[] {
  const from = Math.ceil(Math.min(...list.map((b) => b.from))), to = Math.floor(Math.max(...list.map((b) => b.to))), step = Math.max(1, Math.ceil((to - from) / most));
  return Array.from({ length: Math.max(0, Math.floor((to - from) / step)) + 1 }, (_, i) => from + i * step);
}

function build(format: (v: Value) => string): Node[] {
  const { bars, ends } = roads();
  const regions = [...new Set(mine.map(([, , id]) => plants.get(id)!.r))].sort((a, b) => a - b);
  const projects = (x: number) => new Set(bars.filter((b) => b.r === x).map((b) => b.plant)).size;
  let r = [...regions].sort((a, b) => Number(a === view.exporter) - Number(b === view.exporter) || projects(b) - projects(a))[0];
  const rows = () => bars.filter((b) => b.r === r);
  const chart = frame({
    id: "lanes",
    title: () => {
      const here = ends.filter((e) => e.r === r);
      return `${regionName(r)}: ${new Set(rows().map((b) => b.plant)).size} projects, ${here.filter((e) => e.good).length} plants opened, ${here.filter((e) => !e.good).length} times failed, given up or mothballed`;
    },
    subtitle: () => "Each line a project, each colour the step it was in, by year; ● the first tonne, ✕ failed, given up or mothballed",
    source: "what was decided in this world; view event",
    controls: [select("Region", regions.map((x) => ({ value: String(x), label: regionName(x) })), String(r), (v) => { r = Number(v); chart.update(); })],
    legend: () => legendOf(PHASES.filter((p) => rows().some((b) => b.kind === p.kind)).map((p) => ({ label: p.label, colour: p.colour }))),
    draw: (width) => {
      const list = rows();
      if (!list.length) return null;
      const order = [...new Set(list.sort((a, b) => a.from - b.from).map((b) => b.plant))];
      const name = (id: string) => { const n = plants.get(id)!.name, most = width < 520 ? 16 : 28; return n.length > most ? `${n.slice(0, most - 1)}…` : n; };
      const here = ends.filter((e) => e.r === r);
      return Plot.plot({
        width, height: 50 + 18 * order.length, marginLeft: width < 520 ? 112 : 200, marginTop: 24,
        x: { axis: "top", tickFormat: "d", label: null, grid: true, ticks: tickYears(list, width < 520 ? 4 : 8) }, y: { domain: order, label: null, tickFormat: name, tickSize: 0 },
        marks: [Plot.barX(list, { x1: "from", x2: "to", y: "plant", fill: (b: Bar) => phase(b.kind)?.colour ?? "var(--o0)", insetTop: 3, insetBottom: 3, title: (b: Bar) => `${b.name}\n${phase(b.kind)?.label ?? b.kind}: ${b.from.toFixed(1)} to ${b.to.toFixed(1)}` }),
          Plot.dot(here.filter((e) => e.good), { x: "at", y: "plant", r: 4, fill: regionColour(r), stroke: "var(--panel)" }),
          Plot.text(here.filter((e) => !e.good), { x: "at", y: "plant", text: () => "✕", fontSize: 12, fontWeight: "bold", title: (e: End) => `${e.name}: ${e.text}` })],
      });
    },
    table: () => ({ columns: ["plant", "region", "step", "from", "to"], rows: bars.map((b): Value[] => [b.plant, view.regions[b.r]?.id, phase(b.kind)?.label ?? b.kind, b.from, b.to]) }),
  }, format);
  return [chart.node];
}

/** Null for a world in which nothing is decided. */
export const lanes = mine.length > 0 ? build : null;
