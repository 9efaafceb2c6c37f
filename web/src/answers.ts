// answers.ts - the cards of the first screen.
import { h } from "./dom";
import { percent, regionColour, regionName, view, type Card } from "./view";

function shareRow(row: NonNullable<Card["rows"]>[number]): HTMLElement {
  const [stage, leader, share, former, before] = row;
  return h("tr", {},
    h("th", { scope: "row" }, view.stages[stage].name),
    h("td", {}, h("span", { class: "bar", style: `--w:${100 * share}%;--key:${regionColour(leader)}` }),
      h("span", { class: "bar-text" }, `${regionName(leader)} ${percent(share)}`)),
    h("td", { class: "then" }, before === null || former < 0 ? "–" : `${regionName(former)} ${percent(before)}`));
}

export function answers(): Node[] {
  const cards = view.cards.map((c) => {
    const then = Math.max(view.firstYear, view.now - 15);
    const card = h("article", { class: c.rows ? "card wide" : "card" },
      h("h3", {}, c.question), h("p", { class: "answer" }, c.answer), h("p", { class: "detail" }, c.detail));
    if (c.rows)
      card.append(h("table", { class: "shares" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Stage"),
        h("th", { scope: "col" }, `Largest in ${view.now}`), h("th", { scope: "col" }, String(then)))),
        h("tbody", {}, ...c.rows.map(shareRow))));
    card.append(h("a", { class: "go", href: `#${c.section}` }, "See the numbers", h("span", { class: "hidden" }, ` on: ${c.question}`)));
    return card;
  });
  return [h("div", { class: "cards" }, ...cards),
    h("p", { class: "caution" }, "One simulated history under one set of assumptions: no interval can be given from a single run. ",
      "How far such answers were off is shown under ", h("a", { href: "#history" }, "Model vs history"), ".")];
}
