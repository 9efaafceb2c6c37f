// dom.ts - elements, controls and the frame every chart stands in.
// Text from data only ever becomes text nodes: nothing is parsed as markup.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | EventListener | undefined>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== false).map((c) =>
    typeof c === "number" ? String(c) : (c as Node | string)));
  return node;
}

export function s<K extends keyof SVGElementTagNameMap>(
  tag: K, attributes: Record<string, string | number | undefined> = {}, ...children: (Node | string)[]) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

// -------------------------------------------------------------------------------------- controls

let controls = 0;
export interface Choice { value: string; label: string; group?: string }

export function select(label: string, choices: Choice[], value: string,
  change: (value: string) => void): HTMLElement {
  const id = `control-${controls++}`;
  const box = h("select", { id });
  let group = h("optgroup", {});
  for (const c of choices) {
    if (c.group && group.label !== c.group) box.append(group = h("optgroup", { label: c.group }));
    (c.group ? group : box).append(h("option", { value: c.value, selected: c.value === value }, c.label));
  }
  box.value = value;
  box.addEventListener("change", () => change(box.value));
  return h("span", { class: "control" }, h("label", { for: id }, label), box);
}

/** Two or three words of which one holds. */
export function toggle(label: string, choices: Choice[], value: string,
  change: (value: string) => void): HTMLElement {
  const name = `control-${controls++}`;
  const set = h("fieldset", { class: "toggle" }, h("legend", {}, label));
  for (const c of choices) {
    const input = h("input", { type: "radio", name, value: c.value, id: `${name}-${c.value}`, checked: c.value === value });
    input.addEventListener("change", () => input.checked && change(c.value));
    set.append(input, h("label", { for: `${name}-${c.value}` }, c.label));
  }
  return set;
}

export interface Slider { node: HTMLElement; set(value: number): void }

/** A year, by slider, by keys, or running on its own. */
export function yearSlider(first: number, last: number, value: number,
  change: (year: number) => void): Slider {
  const id = `control-${controls++}`;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const range = h("input", { type: "range", id, min: first, max: last, step: 1, value });
  const shown = h("output", { for: id }, String(value));
  const set = (year: number) => {
    range.value = String(year);
    shown.textContent = String(year);
    range.setAttribute("aria-valuetext", String(year));
    change(year);
  };
  range.addEventListener("input", () => set(Number(range.value)));
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
  };
  const play = h("button", { type: "button", class: "quiet", "aria-pressed": "false" }, "Play");
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(range.value) >= last) set(first);
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
    timer = window.setInterval(() => Number(range.value) >= last ? stop() : set(Number(range.value) + 1), 700);
  });
  const node = h("span", { class: "control year" }, h("label", { for: id }, "Year"), range, shown, still ? null : play);
  return { node, set };
}

// ----------------------------------------------------------------------------------------- tables

export type Value = string | number | null | undefined;
export interface Table { columns: string[]; rows: Value[][] }

export function tableNode(table: Table, format: (v: Value) => string, most = 400): HTMLElement {
  const body = h("tbody", {});
  for (const row of table.rows.slice(0, most))
    body.append(h("tr", {}, ...row.map((v) => h("td", { class: typeof v === "number" ? "number" : undefined }, format(v)))));
  const node = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, ...table.columns.map((c) => h("th", { scope: "col" }, c)))), body));
  if (table.rows.length > most)
    node.append(h("p", { class: "more" }, `The first ${most} of ${table.rows.length} rows; the CSV has them all.`));
  return node;
}

function csvCell(value: Value): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  // a text that a spreadsheet would take for a formula is marked as text
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

function save(name: string, blob: Blob): void {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function download(name: string, table: Table): void {
  const text = [table.columns, ...table.rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
  save(`${name}.csv`, new Blob([text], { type: "text/csv" }));
}

// --------------------------------------------------------------------------------------- pictures

/** Lines of at most so many letters. */
function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The drawings of a chart as one SVG that stands alone: title above, source below, colours as they are now. */
function picture(chart: Chart, plot: HTMLElement, legend: HTMLElement): { text: string; width: number; height: number } | null {
  const root = getComputedStyle(document.documentElement);
  const drawings = [...plot.querySelectorAll("svg")].filter((x) => !x.parentElement!.closest("svg") && x.clientWidth > 40);
  if (drawings.length === 0) return null;
  const box = plot.getBoundingClientRect();
  const width = Math.max(box.width, ...drawings.map((x) => x.clientWidth)) + 32;
  const most = Math.floor(width / 6.4);
  const all = s("svg", { xmlns: "http://www.w3.org/2000/svg", width, "font-family": "system-ui, sans-serif", "font-size": 11, fill: "var(--ink)", color: "var(--ink)" });
  let y = 14;
  const write = (text: string, size: number, weight: string) => {
    for (const line of wrap(text, most * 11 / size)) {
      y += size * 1.35;
      all.append(s("text", { x: 16, y, "font-size": size, "font-weight": weight }, line));
    }
  };
  write(chart.title(), 15, "600");
  write(chart.subtitle(), 11, "400");
  y += 6;
  let x = 16;
  for (const item of legend.querySelectorAll("li")) {
    const label = item.textContent ?? "", key = item.querySelector<HTMLElement>(".key");
    if (x + label.length * 6.4 + 24 > width) { x = 16; y += 16; }
    all.append(s("rect", { x, y: y + 4, width: 10, height: 7, fill: key?.style.getPropertyValue("--key") || "currentColor" }),
      s("text", { x: x + 15, y: y + 11 }, label));
    x += label.length * 6.4 + 34;
  }
  if (legend.querySelector("li")) y += 20;
  // as they stand on the page: one, or several side by side with a heading each
  let bottom = 0;
  for (const drawing of drawings) {
    const copy = drawing.cloneNode(true) as SVGSVGElement, at = drawing.getBoundingClientRect();
    copy.querySelectorAll("[aria-label='tip']").forEach((tip) => tip.remove());
    copy.setAttribute("x", String(16 + at.left - box.left));
    copy.setAttribute("y", String(y + at.top - box.top));
    copy.setAttribute("width", String(drawing.clientWidth));
    copy.setAttribute("height", String(drawing.clientHeight));
    all.append(copy);
    bottom = Math.max(bottom, at.bottom - box.top);
  }
  for (const heading of plot.querySelectorAll("h4")) {
    const at = heading.getBoundingClientRect();
    all.append(s("text", { x: 16 + at.left - box.left, y: y + at.bottom - box.top - 4, "font-size": 12, "font-weight": 600 }, heading.textContent ?? ""));
  }
  y += bottom + 6;
  write(`Source: ${chart.source}`, 10, "400");
  const height = y + 12;
  all.setAttribute("height", String(height));
  all.setAttribute("viewBox", `0 0 ${width} ${height}`);
  all.prepend(s("rect", { width, height, fill: "var(--panel)" }));
  const text = new XMLSerializer().serializeToString(all).replace(/var\((--[\w-]+)\)/g, (_, name: string) => root.getPropertyValue(name).trim() || "currentColor");
  return { text, width, height };
}

function saveSvg(chart: Chart, plot: HTMLElement, legend: HTMLElement): void {
  const made = picture(chart, plot, legend);
  if (made) save(`${chart.id}.svg`, new Blob([made.text], { type: "image/svg+xml" }));
}

function savePng(chart: Chart, plot: HTMLElement, legend: HTMLElement): void {
  const made = picture(chart, plot, legend);
  if (!made) return;
  const image = new Image();
  image.addEventListener("load", () => {
    const canvas = h("canvas", { width: made.width * 2, height: Math.round(made.height * 2) });
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && save(`${chart.id}.png`, blob));
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(made.text)}`;
}

// ----------------------------------------------------------------------------------------- charts

export interface Chart {
  id: string;
  title: () => string;
  subtitle: () => string;      // with the unit
  source: string;
  controls?: (HTMLElement | null)[];
  draw: (width: number) => Element | null; // null: nothing to show
  table: () => Table;
  height?: number;             // room kept until it is drawn
  legend?: () => HTMLElement | null;
}

const drawn = new Set<() => void>();
export interface Frame { node: HTMLElement; update(): void }

export function frame(chart: Chart, format: (v: Value) => string): Frame {
  const title = h("h3", { id: `${chart.id}-title` });
  const subtitle = h("p", { class: "subtitle" });
  const legend = h("div", { class: "legend-box" });
  const plot = h("div", { class: "plot", style: `min-height:${chart.height ?? 320}px` });
  const table = h("div", { class: "table-box", hidden: true });
  const tableButton = h("button", { type: "button", class: "quiet", "aria-expanded": "false" }, "Table");
  const csvButton = h("button", { type: "button", class: "quiet" }, "CSV");
  const svgButton = h("button", { type: "button", class: "quiet" }, "SVG");
  const pngButton = h("button", { type: "button", class: "quiet" }, "PNG");
  const node = h("figure", { class: "chart", id: chart.id, "aria-labelledby": `${chart.id}-title` },
    title, subtitle, chart.controls?.length ? h("div", { class: "controls" }, ...chart.controls) : null, legend, plot, table,
    h("figcaption", {}, h("span", {}, `Source: ${chart.source}`), h("span", { class: "buttons" }, tableButton, csvButton, svgButton, pngButton)));
  let visible = false;
  let width = 0;

  const fillTable = () => {
    if (!table.hidden) table.replaceChildren(tableNode(chart.table(), format));
  };
  const draw = () => {
    width = plot.clientWidth;
    if (width === 0) return;
    title.textContent = chart.title();
    subtitle.textContent = chart.subtitle();
    legend.replaceChildren(...[chart.legend?.()].filter((x): x is HTMLElement => !!x));
    const drawing = chart.draw(width);
    // a table is read as it stands; a picture is told in words
    const isPicture = !!drawing && (drawing.matches("svg") || !!drawing.querySelector("svg"));
    if (drawing && isPicture) {
      drawing.setAttribute("role", "img");
      drawing.setAttribute("aria-label", `${chart.title()} ${chart.subtitle()} The button Table shows the numbers.`);
    }
    svgButton.hidden = pngButton.hidden = !isPicture;
    plot.replaceChildren(drawing ?? h("p", { class: "empty" }, "The result has no such numbers."));
    plot.style.minHeight = "";
    fillTable();
  };
  const show = () => {
    if (visible) return;
    visible = true;
    draw();
  };
  drawn.add(show);
  title.textContent = chart.title();
  subtitle.textContent = chart.subtitle();
  new IntersectionObserver((entries, self) => {
    if (entries.some((e) => e.isIntersecting)) {
      self.disconnect();
      show();
    }
  }, { rootMargin: "600px" }).observe(node);
  new ResizeObserver(() => {
    // in the next frame: drawing inside the observer would make it fire again
    requestAnimationFrame(() => { if (visible && Math.abs(plot.clientWidth - width) > 2) draw(); });
  }).observe(plot);

  tableButton.addEventListener("click", () => {
    table.hidden = !table.hidden;
    tableButton.setAttribute("aria-expanded", String(!table.hidden));
    fillTable();
  });
  csvButton.addEventListener("click", () => download(chart.id, chart.table()));
  svgButton.addEventListener("click", () => saveSvg(chart, plot, legend));
  pngButton.addEventListener("click", () => savePng(chart, plot, legend));
  return { node, update: () => (visible ? draw() : undefined) };
}

/** Charts are drawn when they come near; before printing all are. */
export function drawAll(): void {
  for (const show of drawn) show();
}

export function legendOf(entries: { label: string; colour: string; dash?: boolean; dot?: boolean }[]): HTMLElement {
  return h("ul", { class: "legend" }, ...entries.map((e) => h("li", {},
    h("span", { class: e.dash ? "key dash" : e.dot ? "key dot" : "key", style: `--key:${e.colour}` }), e.label)));
}
