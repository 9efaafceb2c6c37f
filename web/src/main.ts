// main.ts - one long page: answers first, then what they rest on.
import { drawAll, h, type Value } from "./dom";
import { manifest, number, view } from "./view";
import { answers } from "./answers";
import { chain, concentration } from "./chain";
import { prices, shortage, stocks } from "./months";
import { trade } from "./trade";
import { facilities } from "./facilities";
import { history } from "./history";
import { method, quality } from "./method";

const format = (v: Value): string => typeof v === "number" ? number(v, 4) : (v ?? "–");

interface Section { id: string; name: string; lead: string; build: (f: typeof format) => (Node | null)[] }
const sections: Section[] = [
  { id: "answers", name: "Answers", lead: "", build: answers },
  { id: "chain", name: "Chain", lead: "Who makes what out of whose material, one element at a time.", build: chain },
  { id: "concentration", name: "Concentration", lead: "How much of each stage sits in one place.", build: concentration },
  { id: "prices", name: "Prices", lead: "Inside and outside the exporting region, asked and paid, next to what was observed.", build: prices },
  { id: "stocks", name: "Stocks", lead: "How long users could go on without a delivery.", build: stocks },
  { id: "shortage", name: "Shortage", lead: "Who wanted more than he bought.", build: shortage },
  { id: "trade", name: "Trade", lead: "Who ships what to whom.", build: trade },
  { id: "facilities", name: "Facilities", lead: "Every mine and plant of the case, and what is assumed about it.", build: facilities },
  { id: "history", name: "Model vs history", lead: "What was observed, what the model says, largest misses first.", build: history },
  { id: "quality", name: "Data quality", lead: "Where the numbers come from, and which are assumptions.", build: quality },
  { id: "method", name: "Method", lead: "What made this page, and how to make it again.", build: method },
];

function themeButton(): HTMLElement {
  const root = document.documentElement;
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const button = h("button", { type: "button", class: "quiet theme" });
  const name = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  name();
  return button;
}

function start(): void {
  const forced = new URLSearchParams(location.search).get("theme");
  if (forced === "dark" || forced === "light") document.documentElement.dataset.theme = forced;
  const title = manifest("title") ?? "Ytterby report";
  const app = document.getElementById("app")!;
  const jump = h("select", { "aria-label": "Go to section" }, ...sections.map((x) => h("option", { value: x.id }, x.name)));
  jump.addEventListener("change", () => document.getElementById(jump.value)?.scrollIntoView());
  const links = sections.map((x) => h("a", { href: `#${x.id}` }, x.name));
  const nav = h("nav", { "aria-label": "Sections" }, h("p", { class: "brand" }, "Ytterby"), ...links,
    h("span", { class: "phone" }, jump), themeButton());
  const main = h("main", {});
  main.append(h("header", {}, h("h1", {}, title),
    h("p", { class: "about" }, manifest("description") ?? "")));
  app.replaceChildren(nav, main);
  for (const x of sections) {
    const node = h("section", { id: x.id, "aria-labelledby": `${x.id}-h` }, h("h2", { id: `${x.id}-h` }, x.name),
      x.lead ? h("p", { class: "lead" }, x.lead) : null);
    main.append(node);
    try {
      node.append(...x.build(format).filter((n): n is Node => !!n));
    } catch (error) { // one broken chart must not hide the rest
      console.error(error);
      node.append(h("p", { class: "empty" }, "This part could not be drawn."));
    }
  }
  main.append(h("footer", {}, `Ytterby ${manifest("version") ?? ""} · ${view.months} months from ${view.firstYear} · nothing on this page is loaded from elsewhere`));

  const seen = new IntersectionObserver((entries) => {
    for (const e of entries) if (e.isIntersecting) {
      links.forEach((a, i) => a.toggleAttribute("aria-current", sections[i].id === e.target.id));
      jump.value = e.target.id;
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  main.querySelectorAll("section").forEach((n) => seen.observe(n));
  addEventListener("beforeprint", drawAll);
  if (new URLSearchParams(location.search).has("all")) drawAll();
  const target = location.hash.slice(1);
  if (target && !target.includes("=")) document.getElementById(target)?.scrollIntoView();
}

start();
