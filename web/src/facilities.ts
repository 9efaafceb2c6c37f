// facilities.ts - every mine and plant: map, table, and a page of its own with what is assumed.
import * as Plot from "@observablehq/plot";
import { frame, h, legendOf, s, select, type Value } from "./dom";
import { nowIndex, number, percent, regionColour, regionName, regionOrder, view, years, type Cell, type Facility } from "./view";
import { mapSource, worldMap } from "./world";

/** Yearly numbers are stored as [first year, value, value, ...]. */
const at = (list: number[] | undefined, y: number): number => list && list.length ? list[1 + y - list[0]] ?? 0 : 0;
const factsOf = (i: number) => view.facts.filter((f) => f[0] === i);
const unsized = new Set(view.facilities.map((_, i) => i));
for (const f of view.facts) if (f[1] === "capacity") unsized.delete(f[0] as number);

const gradeWords: Record<string, string> = { A: "official", B: "published", C: "recalled", D: "assumed" };
const gradeMark = (grade: Cell) => h("span", { class: `grade g${grade ?? ""}`, title: gradeWords[String(grade)] ?? "" }, String(grade ?? "–"));

function sourceCell(ids: Cell): HTMLElement {
  const cell = h("span", {});
  String(ids ?? "").split(";").map((x) => x.trim()).filter(Boolean).forEach((id, k) => {
    const source = view.sources.find((x) => x.id === id);
    if (k) cell.append("; ");
    cell.append(source ? `${source.title}${source.year ? ` (${source.year})` : ""}` : id);
  });
  return cell;
}

/** [value, unit, low, high, sources, grade, note] as cells of a row. */
function factCells(f: Cell[]): (HTMLElement | string)[] {
  const [value, unit, low, high, sources, grade, note] = f;
  return [`${typeof value === "number" ? number(value, 4) : value ?? "–"} ${unit === "1" ? "" : unit ?? ""}`,
    low === null && high === null ? "certain or not given" : `${typeof low === "number" ? number(low, 4) : "?"} – ${typeof high === "number" ? number(high, 4) : "?"}`,
    gradeMark(grade) as HTMLElement, sourceCell(sources), note === null ? "" : view.notes[note as number] ?? ""];
}

const words = (item: string) => item.replace(/_/g, " ").replace(/^./, (c) => c.toUpperCase());

/** Rules speak of a stage, a recipe, a region, an owner; blank means any. Of those that apply the one that names most wins. */
function rulesFor(f: Facility): { what: string; from: Cell; cells: Cell[]; names: number }[] {
  const stage = view.stages[f.s]?.id, region = view.regions[f.r]?.id;
  const recipes = recipesOf(f).map((r) => r[0]);
  const fits = (want: Cell, have: string | undefined) => !want || want === have;
  const found: { what: string; from: Cell; cells: Cell[]; names: number }[] = [];
  for (const r of view.rules.operating_rate ?? []) {
    const [rs, rr, rg, ro, from, ...cells] = r;
    if (fits(rs, stage) && (!rr || recipes.includes(String(rr))) && fits(rg, region) && fits(ro, f.ownerType))
      found.push({ what: "Operating rate", from, cells, names: [rs, rr, rg, ro].filter(Boolean).length });
  }
  for (const r of view.rules.unit_cost ?? []) {
    const [item, rs, rr, rg, from, ...cells] = r;
    if (fits(rs, stage) && (!rr || recipes.includes(String(rr))) && fits(rg, region))
      found.push({ what: words(String(item)), from, cells, names: [rs, rr, rg].filter(Boolean).length });
  }
  return found.filter((x) => x.names === Math.max(...found.filter((y) => y.what === x.what).map((y) => y.names)));
}
const recipesOf = (f: Facility) => view.recipes.filter((r) => r[0] === f.recipe || (f.recipe && r[2] === f.recipe));

function factTable(head: string[], rows: (HTMLElement | string)[][]): HTMLElement {
  return h("div", { class: "scroll", tabindex: "0" }, h("table", { class: "facts" },
    h("thead", {}, h("tr", {}, ...head.map((x) => h("th", { scope: "col" }, x)))),
    h("tbody", {}, ...rows.map((r) => h("tr", {}, ...r.map((x, i) => i === 0 ? h("th", { scope: "row" }, x) : h("td", {}, x)))))));
}

function page(i: number): HTMLElement {
  const f = view.facilities[i];
  const stage = view.stages[f.s];
  const facts = factsOf(i), own = new Set(facts.map((x) => x[1]));
  const rules = rulesFor(f).filter((x) => !own.has(x.what.toLowerCase().replace(/ /g, "_")));
  const grades = [...facts.map((x) => x[8]), ...rules.map((x) => x.cells[5])];
  const weak = grades.filter((g) => g === "D").length;
  const node = h("article", { class: "plant", id: "plant", tabindex: "-1" },
    h("a", { href: "#facilities", class: "go" }, "Back to all facilities"),
    h("h3", {}, f.name),
    h("p", { class: "subtitle" }, [stage?.name, f.country || regionName(f.r), f.owner, `${f.ownerType} owner`, `today: ${f.status.replace(/_/g, " ")}`].filter(Boolean).join(" · ")),
    f.note ? h("p", {}, f.note) : null);
  if (f.out && f.cap) {
    const data = years.map((year, y) => ({ year, out: at(f.out, y), cap: at(f.cap, y) })).filter((d) => d.cap > 0 || d.out > 0);
    const chart = h("div", { class: "plot" });
    node.append(h("h4", {}, `Output and what could run, t a year (${stage?.unit ?? ""})`), chart);
    requestAnimationFrame(() => data.length && chart.append(Plot.plot({
      width: Math.max(280, chart.clientWidth), height: 200, marginLeft: 56, x: { tickFormat: "d", label: null }, y: { grid: true, zero: true, label: null, ticks: 4, tickFormat: (v: number) => number(v) },
      marks: [Plot.ruleY([0]), Plot.areaY(data, { x: "year", y: "out", fill: regionColour(f.r), fillOpacity: 0.35, curve: "step" }), Plot.lineY(data, { x: "year", y: "cap", stroke: "currentColor", strokeDasharray: "4,3", curve: "step" })],
      ariaLabel: `Output and capacity of ${f.name} by year`,
    })));
    chart.after(legendOf([{ label: "Output", colour: regionColour(f.r) }, { label: "Could run", colour: "currentColor", dash: true }]));
  } else {
    node.append(h("p", { class: "caution" }, unsized.has(i) ? "No capacity is known, so it never runs: listed as unsized, not guessed." : "It does not run in the simulated months."));
  }
  node.append(h("h4", {}, "What is assumed about this plant"),
    h("p", { class: "lead" }, `${grades.length} numbers decide how it runs; ${weak} of them are assumptions (grade D). Wrong? Change the row in the case's tables and run again.`),
    factTable(["Item", "From", "Value", "Range (p5–p95)", "Grade", "Source", "Note"],
      [...facts.map((x) => [words(String(x[1])), String(x[2] || "always"), ...factCells(x.slice(3))]),
        ...rules.map((x) => [`${x.what} (by rule)`, String(x.from || "always"), ...factCells(x.cells)])]));
  const recipes = recipesOf(f).map((r) => r[0]);
  const flows = (view.rules.recipe_flow ?? []).filter((x) => recipes.includes(String(x[0])));
  if (flows.length)
    node.append(h("details", { class: "box" }, h("summary", {}, `Recipe: ${flows.length} yields and inputs per tonne of activity`),
      factTable(["Recipe", "Commodity", "t per t", "Range (p5–p95)", "Grade", "Source", "Note"],
        flows.map((x) => [String(x[0]), view.commodities.find((c) => c.id === x[1])?.name ?? String(x[1]), ...factCells(x.slice(2))]))));
  return node;
}

export function facilities(format: (v: Value) => string): Node[] {
  let stage = "", region = "", status = "", words_ = "", most = 25;
  const detail = h("div", { "aria-live": "polite" });
  const body = h("tbody", {});
  const count = h("p", { class: "subtitle", role: "status" });
  const more = h("button", { type: "button", class: "quiet" }, "Show all");
  const chosen = () => view.facilities.map((f, i) => ({ f, i })).filter(({ f }) =>
    (!stage || String(f.s) === stage) && (!region || String(f.r) === region) && (!status || f.status === status)
    && (!words_ || `${f.name} ${f.owner ?? ""} ${f.country ?? ""} ${f.site} ${f.id}`.toLowerCase().includes(words_)))
    .sort((a, b) => at(b.f.out, nowIndex) - at(a.f.out, nowIndex) || at(b.f.cap, nowIndex) - at(a.f.cap, nowIndex) || a.f.name.localeCompare(b.f.name));
  const fill = () => {
    const list = chosen();
    count.textContent = `${list.length} of ${view.facilities.length} facilities; ${list.filter(({ i }) => unsized.has(i)).length} unsized`;
    more.hidden = list.length <= most;
    body.replaceChildren(...list.slice(0, most).map(({ f, i }) => {
      const out = at(f.out, nowIndex), cap = at(f.cap, nowIndex), grades = factsOf(i).map((x) => x[8]);
      return h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#facility=${encodeURIComponent(f.id)}` }, f.name)),
        h("td", { class: "nowrap" }, h("span", { class: "dot", style: `--key:${regionColour(f.r)}` }), regionName(f.r)), h("td", {}, view.stages[f.s]?.name ?? ""),
        h("td", {}, f.status.replace(/_/g, " ")),
        h("td", { class: "number" }, unsized.has(i) ? "unsized" : number(out)), h("td", { class: "number" }, unsized.has(i) ? "" : number(cap)),
        h("td", { class: "number" }, cap > 0 ? percent(out / cap) : "–"),
        h("td", {}, ...["A", "B", "C", "D"].filter((g) => grades.includes(g)).map(gradeMark)));
    }));
    map.update();
  };
  more.addEventListener("click", () => { most = Infinity; fill(); });
  const search = h("input", { type: "search", id: "facility-search", placeholder: "name, owner, place" });
  search.addEventListener("input", () => { words_ = search.value.trim().toLowerCase(); fill(); });
  const any = { value: "", label: "Any" };
  const controls = h("div", { class: "controls" },
    h("span", { class: "control" }, h("label", { for: "facility-search" }, "Find"), search),
    select("Stage", [any, ...view.stages.map((x, i) => ({ value: String(i), label: x.name }))], "", (v) => { stage = v; fill(); }),
    select("Region", [any, ...regionOrder.filter((r) => view.facilities.some((f) => f.r === r)).map((r) => ({ value: String(r), label: regionName(r) }))], "", (v) => { region = v; fill(); }),
    select("Status", [any, ...[...new Set(view.facilities.map((f) => f.status))].sort().map((x) => ({ value: x, label: x.replace(/_/g, " ") }))], "", (v) => { status = v; fill(); }));

  const map = frame({
    id: "facility-map",
    title: () => {
      const running = view.facilities.filter((f) => at(f.out, nowIndex) > 0).length;
      return `${running} facilities ran in ${years[nowIndex]}; ${unsized.size} of ${view.facilities.length} have no known capacity`;
    },
    subtitle: () => `One circle a facility: area is output in ${years[nowIndex]} in t of its stage's activity, hollow when it did not run. The filters below apply.`,
    source: `case tables and simulation; ${mapSource}`,
    height: 420,
    draw: (width) => {
      const { svg, over, place } = worldMap(width);
      const list = chosen().filter(({ f }) => f.lat !== undefined && f.lon !== undefined);
      const largest = new Map<number, number>();
      view.facilities.forEach((f) => largest.set(f.s, Math.max(largest.get(f.s) ?? 1, at(f.out, nowIndex))));
      for (const { f } of list) {
        const p = place([f.lon!, f.lat!]);
        if (!p) continue;
        const out = at(f.out, nowIndex);
        const link = s("a", { href: `#facility=${encodeURIComponent(f.id)}`, tabindex: -1 }, s("circle", {
          cx: p[0].toFixed(1), cy: p[1].toFixed(1), r: (2.2 + 11 * Math.sqrt(out / largest.get(f.s)!) * Math.min(1, width / 800)).toFixed(1),
          class: out > 0 ? "plant-dot" : "plant-dot hollow", style: `--key:${regionColour(f.r)}` },
          s("title", {}, `${f.name}, ${view.stages[f.s]?.name ?? ""}: ${number(out)} t in ${years[nowIndex]}`)));
        over.append(link);
      }
      return svg;
    },
    table: () => ({
      columns: ["id", "name", "site", "stage", "region", "country", "owner", "owner type", "status", "lat", "lon", "recipe", ...years.map((y) => `output t ${y}`)],
      rows: chosen().map(({ f }): Value[] => [f.id, f.name, f.site, view.stages[f.s]?.id, view.regions[f.r]?.id, f.country, f.owner, f.ownerType, f.status, f.lat, f.lon, f.recipe, ...years.map((_, y) => at(f.out, y))]),
    }),
  }, format);

  const byHash = () => {
    const match = location.hash.match(/^#facility=(.+)$/);
    if (!match) return detail.replaceChildren();
    let id = match[1];
    try { id = decodeURIComponent(id); } catch { /* as it stands */ }
    const i = view.facilities.findIndex((f) => f.id === id);
    detail.replaceChildren(i < 0 ? h("p", { class: "empty" }, "There is no such facility in this result.") : page(i));
    requestAnimationFrame(() => { detail.scrollIntoView({ block: "start" }); (detail.firstElementChild as HTMLElement | null)?.focus({ preventScroll: true }); });
  };
  addEventListener("hashchange", byHash);
  requestAnimationFrame(byHash);
  fill();
  return [detail, map.node, controls, count,
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Facilities" }, h("table", { class: "list" },
      h("thead", {}, h("tr", {}, ...["Facility", "Region", "Stage", "Status", `Output ${years[nowIndex]}, t`, "Could run, t", "Used", "Grades"].map((x) => h("th", { scope: "col" }, x)))), body)), more];
}
