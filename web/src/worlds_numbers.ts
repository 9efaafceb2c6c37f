// worlds_numbers.ts - ranges of numbers kept of each world: dependence, money, projects, programmes.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, select, toggle, type Frame, type Value } from "./dom";
import { number, percent } from "./numbers";
import { groupName, all, byRank, colourOf, find, regionName, SOURCE, type NumberOf } from "./worlds";

type Format = (v: Value) => string;

const tableOf = (list: NumberOf[]) => ({
  columns: ["outcome", "region", "about", "unit", "worlds", "mean", "standard error", "5 %", "25 %", "median", "75 %", "95 %"],
  rows: list.map((x): Value[] => [x.v, x.r, x.about, x.unit, x.n, x.mean, x.error, ...x.q]),
});

/** Ranges side by side: thin 5 to 95 %, thick 25 to 75 %, mark at the median, ring at the mean. */
function ranges(list: NumberOf[], width: number, look: { name: (x: NumberOf) => string; colour: (x: NumberOf) => string; scale: number; unit: string; share?: boolean }): SVGSVGElement | HTMLElement | null {
  if (list.length === 0) return null;
  const at = (i: number) => (x: NumberOf) => x.q[i] * look.scale, label = (x: NumberOf) => look.name(x);
  const show = (v: number) => look.share ? percent(v) : number(v);
  const margin = Math.min(width < 520 ? 110 : 190, 16 + 6.6 * Math.max(...list.map((x) => label(x).length)));
  const short = (t: string) => t.length * 6.6 > margin ? `${t.slice(0, Math.floor(margin / 6.6) - 2)}…` : t;
  return Plot.plot({ width, height: 64 + 25 * list.length, marginLeft: margin, marginTop: 38, marginBottom: 12, marginRight: 24,
    x: { axis: "top", grid: true, label: look.unit, labelArrow: "none", ticks: width < 520 ? 3 : 6, tickFormat: show, ...(look.share ? { domain: [0, 1] } : {}) }, y: { label: null, tickSize: 0, domain: list.map(label), tickFormat: short },
    marks: [Plot.ruleX([0]), Plot.link(list, { x1: at(0), x2: at(4), y1: label, y2: label, stroke: look.colour, strokeWidth: 1.6 }),
      Plot.link(list, { x1: at(1), x2: at(3), y1: label, y2: label, stroke: look.colour, strokeWidth: 8, strokeOpacity: 0.5 }),
      Plot.tickX(list, { x: at(2), y: label, stroke: "currentColor", strokeWidth: 2.4, insetTop: 4, insetBottom: 4 }),
      Plot.dot(list, { x: (x: NumberOf) => x.mean * look.scale, y: label, r: 3.6, fill: "var(--panel)", stroke: "currentColor" }),
      Plot.tip(list, Plot.pointer({ x: at(2), y: label, maxRadius: 60, title: (x: NumberOf) => `${label(x)}\nmedian ${show(x.q[2] * look.scale)}, 9 of 10 worlds ${show(x.q[0] * look.scale)} to ${show(x.q[4] * look.scale)}\nmean ${show(x.mean * look.scale)} ± ${show((x.error ?? 0) * look.scale)}` }))] });
}
const READ = "Line 5 to 95 % of worlds, bar 25 to 75 %, tick the median, ring the mean.";

// ------------------------------------------------------------------------------------ dependence

export function dependence(format: Format): Node[] {
  const years = [...new Set(all.numbers.filter((x) => x.v.startsWith("dependence_")).map((x) => x.v.slice(11)))].sort();
  if (years.length === 0) return [h("p", { class: "empty" }, "No year of it was kept.")];
  let year = years[years.length - 1];
  const list = () => all.groups.map((g) => find(`dependence_${year}`, "", g.id)).filter((x): x is NumberOf => !!x);
  const chart: Frame = frame({
    id: "dependence-ranges",
    title: () => { const most = [...list()].sort((a, b) => b.q[2] - a.q[2])[0]; return most ? `In ${year} most of all ${groupName(most.about).toLowerCase()}: ${percent(most.q[2])} straight from ${regionName(all.incumbent)} (median)` : "Dependence by kind of goods"; },
    subtitle: () => `Share of what other regions use of each kind of goods that comes straight from ${regionName(all.incumbent)}, December ${year}. ${READ}`,
    source: SOURCE, height: 300,
    controls: [select("Year", years.map((y) => ({ value: y, label: y })), year, (v) => { year = v; chart.update(); })],
    draw: (width) => ranges(list(), width, { name: (x) => groupName(x.about), colour: () => "var(--c0)", scale: 1, unit: "share", share: true }),
    table: () => tableOf(all.numbers.filter((x) => x.v.startsWith("dependence_"))),
  }, format);
  return [chart.node];
}

// ----------------------------------------------------------------------------------------- money

const MONEY: { value: string; label: string; said: string }[] = [
  { value: "public_cost", label: "Public", said: "Public money spent by programmes" }, { value: "private_cost", label: "Private", said: "Money of investors put into plants" },
  { value: "private_loss", label: "Lost", said: "Money of investors in plants that were mothballed" }, { value: "consumer_cost", label: "Users", said: "What users paid above reference prices; below 0: less" }];

export function costs(format: Format): Node[] {
  let which = MONEY[0];
  const list = () => all.numbers.filter((x) => x.v === which.value && x.q[4] !== x.q[0] || x.v === which.value && x.mean !== 0).sort((a, b) => byRank(a.r, b.r));
  const chart: Frame = frame({
    id: "cost-ranges",
    title: () => { const most = [...list()].sort((a, b) => b.mean - a.mean)[0]; return most ? `${which.said}: most in ${regionName(most.r)}, ${number(most.q[2] / 1e9)} billion USD (median)` : `${which.said}: none`; },
    subtitle: () => `${which.said}, all months together, billion USD of ${all.baseYear || "the base year"}, not discounted. ${READ}`,
    source: SOURCE, height: 320,
    controls: [toggle("Whose", MONEY.map(({ value, label }) => ({ value, label })), which.value, (v) => { which = MONEY.find((x) => x.value === v)!; chart.update(); })],
    draw: (width) => ranges(list(), width, { name: (x) => regionName(x.r), colour: (x) => colourOf(x.r), scale: 1e-9, unit: "billion USD" }),
    table: () => tableOf(all.numbers.filter((x) => MONEY.some((m) => m.value === x.v))),
  }, format);
  let what = "shortage";
  const short = () => all.numbers.filter((x) => x.v === what && x.q[4] > 0).sort((a, b) => byRank(a.r, b.r));
  const lack: Frame = frame({
    id: "shortage-ranges",
    title: () => { const most = [...short()].sort((a, b) => b.mean - a.mean)[0]; return most ? `Critical use goes short most in ${regionName(most.r)}: ${percent(most.mean)} ${what === "shortage" ? "over all months" : "in the worst month"} (mean)` : "No critical use goes short"; },
    subtitle: () => `Share of critical use that was not served, ${what === "shortage" ? "mean over the months" : "in the worst month"}. ${READ}`,
    source: SOURCE, height: 300,
    controls: [toggle("Of", [{ value: "shortage", label: "All months" }, { value: "shortage_worst", label: "Worst month" }], what, (v) => { what = v; lack.update(); })],
    draw: (width) => ranges(short(), width, { name: (x) => regionName(x.r), colour: (x) => colourOf(x.r), scale: 100, unit: "percent" }),
    table: () => tableOf(all.numbers.filter((x) => x.v === "shortage" || x.v === "shortage_worst")),
  }, format);
  return [chart.node, lack.node];
}

// --------------------------------------------------------------------------------------- projects

interface Lane { v: string; label: string; bad?: boolean }
const ROAD: Lane[] = [{ v: "project_begun", label: "set out" }, { v: "gate_political", label: "politics" }, { v: "gate_environmental", label: "environment" }, { v: "gate_local", label: "local" }, { v: "gate_legal", label: "legal" },
  { v: "gate_capital", label: "finance" }, { v: "construction_begun", label: "building" }, { v: "plant_opened", label: "opened" }, { v: "plant_enlarged", label: "enlarged" }];
const FAILED: Record<string, string> = { gate_political: "failed_political", gate_environmental: "failed_environmental", gate_local: "failed_local", gate_legal: "failed_legal", gate_capital: "failed_capital", construction_begun: "project_abandoned", plant_opened: "plant_mothballed" };
const WORD: Record<string, string> = { construction_begun: "given up", plant_opened: "mothballed" };

/** Gates as swim-lanes: how many pass, how many end there. */
export function gates(format: Format): Node[] {
  const places = [...new Set(all.numbers.filter((x) => x.v === "project_begun" && x.q[4] > 0).map((x) => x.r))].sort(byRank);
  if (places.length === 0) return [h("p", { class: "empty" }, "No project sets out: nothing is decided in these worlds.")];
  let by = "share";
  const cells = () => places.flatMap((r) => ROAD.map((g) => {
    const pass = find(g.v, r), end = FAILED[g.v] ? find(FAILED[g.v], r) : undefined, begun = find("project_begun", r)!;
    return { r, g, pass, end, share: pass ? Math.min(1, pass.mean / begun.mean) : 0 };
  }));
  const chart: Frame = frame({
    id: "gate-lanes",
    title: () => {
      const b = find("project_begun", places[0])!, o = find("plant_opened", places[0]);
      return `${regionName(places[0])[0].toUpperCase()}${regionName(places[0]).slice(1)}: of ${number(b.mean, 2)} projects a world ${number(o?.mean ?? 0, 2)} open (means)`;
    },
    subtitle: () => `Each lane a region; in each box how many projects of a world pass (mean), below it ✕ how many end there, ± standard error in the table. Darker: a larger share of those that set out. A project meets the gates that its country and stage ask for; one that enlarges a plant opens none. Plants already dated by the case are not projects.`,
    source: SOURCE, height: 60 + 44 * places.length,
    controls: [toggle("Numbers", [{ value: "share", label: "Projects" }, { value: "percent", label: "Percent of those that set out" }], by, (v) => { by = v; chart.update(); })],
    draw: (width) => {
      const small = width < 640, list = cells(), margin = small ? 84 : 150;
      const name = (r: string) => { const t = regionName(r), most = Math.floor((margin - 8) / 6.2); return t.length > most ? `${t.slice(0, most - 1)}…` : t; };
      const show = (mean: number, r: string) => by === "percent" ? percent(mean / find("project_begun", r)!.mean) : mean >= 9.95 ? mean.toFixed(0) : mean.toFixed(1);
      const plot = Plot.plot({ width: small ? Math.max(width, 640) : width, height: 40 + 42 * places.length, marginLeft: margin, marginTop: 30, marginBottom: 4, padding: 0.06,
        x: { type: "band", domain: ROAD.map((g) => g.label), label: null, axis: "top", tickSize: 0 }, y: { type: "band", domain: places, label: null, tickFormat: name, tickSize: 0 },
        marks: [Plot.cell(list, { x: (d) => d.g.label, y: "r", fill: (d) => `color-mix(in srgb, ${colourOf(d.r)} ${Math.round(8 + 48 * d.share)}%, var(--panel))`, rx: 4 }),
          Plot.text(list, { x: (d) => d.g.label, y: "r", dy: -7, text: (d) => d.pass ? show(d.pass.mean, d.r) : "", fontWeight: 600, fontSize: 12.5, fill: "var(--ink)" }),
          Plot.text(list.filter((d) => d.end && d.end.mean > 0.004), { x: (d) => d.g.label, y: "r", dy: 9, text: (d) => `✕ ${show(d.end!.mean, d.r)}${!small && WORD[d.g.v] ? ` ${WORD[d.g.v]}` : ""}`, fontSize: 10.5, fill: "var(--ink)" }),
          Plot.tip(list, Plot.pointer({ x: (d) => d.g.label, y: "r", title: (d) => `${regionName(d.r)}, ${d.g.label}\n${d.pass ? `pass: mean ${number(d.pass.mean)} ± ${number(d.pass.error ?? 0, 2)}, 9 of 10 worlds ${d.pass.q[0]} to ${d.pass.q[4]}` : ""}${d.end ? `\n${WORD[d.g.v] ?? "end there"}: mean ${number(d.end.mean)} ± ${number(d.end.error ?? 0, 2)}, 9 of 10 worlds ${d.end.q[0]} to ${d.end.q[4]}` : ""}` }))] });
      return small ? h("div", { class: "scroll", tabindex: "0" }, plot) : plot;
    },
    table: () => tableOf(all.numbers.filter((x) => [...ROAD.map((g) => g.v), ...Object.values(FAILED), "project_waits", "restart_begun", "plant_restarted"].includes(x.v))),
  }, format);
  return [chart.node];
}

// ------------------------------------------------------------------------------------- programmes

const LIVES = [{ v: "programme_launched", label: "launched", colour: "var(--c1)" }, { v: "programme_weakened", label: "weakened", colour: "var(--c4)" }, { v: "programme_ended", label: "ended early", colour: "var(--c0)" },
  { v: "programme_superseded", label: "superseded", colour: "var(--c3)" }, { v: "programme_expired", label: "ran out as planned", colour: "var(--c2)" }];

export function programmes(format: Format): Node[] {
  const places = [...new Set(all.numbers.filter((x) => LIVES.some((l) => l.v === x.v) && x.mean > 0).map((x) => x.r))].sort(byRank).filter((x) => x !== "outside");
  if (places.length === 0) return [h("p", { class: "empty" }, "No programme is launched in these worlds.")];
  const list = () => places.flatMap((r) => LIVES.map((l) => ({ r, l, x: find(l.v, r) }))).filter((d) => d.x && d.x.mean > 0);
  const chart: Frame = frame({
    id: "programme-lives",
    title: () => { const most = places.map((r) => ({ r, a: find("programme_launched", r)?.mean ?? 0, e: find("programme_ended", r)?.mean ?? 0 })).filter((x) => x.a > 0).sort((a, b) => b.e / b.a - a.e / a.a)[0]; return most ? `Programmes are ended early most often in ${regionName(most.r)}: ${percent(most.e / most.a)} of those launched` : "Lives of programmes"; },
    subtitle: () => "How many programmes of a world begin, are weakened, end early, are replaced or run out, by region; means, with two standard errors. Those of the record that were in force before decisions begin may end without having been launched.",
    source: SOURCE, height: 320,
    legend: () => legendOf(LIVES.map(({ label, colour }) => ({ label, colour }))),
    draw: (width) => Plot.plot({ width, height: 70 + 16 * list().length + 8 * places.length, marginLeft: width < 520 ? 96 : 150, marginTop: 38, marginRight: 24,
      x: { axis: "top", grid: true, label: "programmes a world", labelArrow: "none", ticks: width < 520 ? 3 : 6 }, y: { axis: null, domain: LIVES.map((l) => l.label) }, fy: { domain: places, label: null, axis: "left", tickFormat: (r: string) => regionName(r).slice(0, width < 520 ? 14 : 22), padding: 0.18 },
      marks: [Plot.barX(list(), { x: (d) => d.x!.mean, y: (d) => d.l.label, fy: "r", fill: (d) => d.l.colour }),
        Plot.link(list(), { x1: (d) => Math.max(0, d.x!.mean - 2 * (d.x!.error ?? 0)), x2: (d) => d.x!.mean + 2 * (d.x!.error ?? 0), y1: (d) => d.l.label, y2: (d) => d.l.label, fy: "r", stroke: "currentColor" }),
        Plot.ruleX([0])] }),
    table: () => tableOf(all.numbers.filter((x) => LIVES.some((l) => l.v === x.v))),
  }, format);
  return [chart.node];
}
