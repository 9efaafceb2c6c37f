// main.ts - which page it is: of one run, or of an ensemble.
import { showRun } from "./single";
import { isEnsemble } from "./view";
import { showWorlds } from "./worlds_page";

if (isEnsemble) showWorlds();
else showRun();
