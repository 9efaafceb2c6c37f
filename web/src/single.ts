// single.ts - the page of one run: answers first, then what they rest on.
import { showPage, type Section } from "./page";
import { manifest, view } from "./view";
import { answers } from "./answers";
import { chain, concentration } from "./chain";
import { prices, shortage, stocks } from "./months";
import { trade } from "./trade";
import { facilities } from "./facilities";
import { lanes } from "./lanes";
import { history } from "./history";
import { method, quality } from "./method";

const sections: Section[] = [
  { id: "answers", name: "Answers", lead: "", build: answers },
  { id: "chain", name: "Chain", lead: "Who makes what out of whose material, one element at a time.", build: chain },
  { id: "concentration", name: "Concentration", lead: "How much of each stage sits in one place.", build: concentration },
  { id: "prices", name: "Prices", lead: "Inside and outside the exporting region, asked and paid, next to what was observed.", build: prices },
  { id: "stocks", name: "Stocks", lead: "How long users could go on without a delivery.", build: stocks },
  { id: "shortage", name: "Shortage", lead: "Who wanted more than he bought.", build: shortage },
  { id: "trade", name: "Trade", lead: "Who ships what to whom.", build: trade },
  { id: "facilities", name: "Facilities", lead: "Every mine and plant of the case, and what is assumed about it.", build: facilities },
  ...(lanes ? [{ id: "gates", name: "Gates", lead: "What became of each project: five approvals in a row, then a plant or not.", build: lanes }] : []),
  { id: "history", name: "Model vs history", lead: "What was observed, what the model says, largest misses first.", build: history },
  { id: "quality", name: "Data quality", lead: "Where the numbers come from, and which are assumptions.", build: quality },
  { id: "method", name: "Method", lead: "What made this page, and how to make it again.", build: method },
];

export function showRun(): void {
  showPage(sections, manifest("title") ?? "Ytterby report", manifest("description") ?? "",
    `Ytterby ${manifest("version") ?? ""} · ${view.months} months from ${view.firstYear} · nothing on this page is loaded from elsewhere`);
}
