// main.ts - which page it is: of one run, of an ensemble, or of a study.
import { showBacktest } from "./backtest_page";
import { showScreen } from "./screen_page";
import { showShock } from "./shock_page";
import { showRun } from "./single";
import { raw } from "./view";
import { showWorlds } from "./worlds_page";

const pages: Record<string, () => void> = {
  "ytterby/ensemble/1": showWorlds, "ytterby/backtest/1": showBacktest, "ytterby/shock/1": showShock, "ytterby/screen/1": showScreen,
};
(pages[raw.schema] ?? showRun)();
