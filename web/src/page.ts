// page.ts - the frame of a page: sections in one long column, a list of them beside it.
import { drawAll, h, type Value } from "./dom";
import { number } from "./numbers";

export const format = (v: Value): string => typeof v === "number" ? number(v, 4) : (v ?? "–");
export interface Section { id: string; name: string; lead: string; build: (f: typeof format) => (Node | null)[] }

function themeButton(): HTMLElement {
  const root = document.documentElement;
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const button = h("button", { type: "button", class: "quiet theme" });
  const name = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  name();
  return button;
}

export function showPage(sections: Section[], title: string, about: string, foot: string): void {
  const forced = new URLSearchParams(location.search).get("theme");
  if (forced === "dark" || forced === "light") document.documentElement.dataset.theme = forced;
  const app = document.getElementById("app")!;
  const jump = h("select", { "aria-label": "Go to section" }, ...sections.map((x) => h("option", { value: x.id }, x.name)));
  jump.addEventListener("change", () => document.getElementById(jump.value)?.scrollIntoView());
  const links = sections.map((x) => h("a", { href: `#${x.id}` }, x.name));
  const nav = h("nav", { "aria-label": "Sections" }, h("p", { class: "brand" }, "Ytterby"), ...links,
    h("span", { class: "phone" }, jump), themeButton());
  const main = h("main", {});
  main.append(h("header", {}, h("h1", {}, title),
    h("p", { class: "about" }, about)));
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
  main.append(h("footer", {}, foot));

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
