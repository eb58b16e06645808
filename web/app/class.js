/** The page of a class: what all students of a course found, for the one who teaches it. */

import { Planner } from "./planner.js";
import { spawner } from "./spawn.js";
import { ClassFigure } from "./class/figure.js";
import { ClassFiles } from "./class/files.js";
import { ClassRefused } from "./class/refused.js";
import { ClassRunner } from "./class/runner.js";
import { createClass } from "./class/state.js";
import { ClassTable } from "./class/table.js";
import { defineElements } from "./elements/define.js";

const store = createClass();
const planner = new Planner({ spawn: spawner(new URL("./worker.js", import.meta.url)) });
new ClassRunner(store, planner);
defineElements(/** @type {any} */ (store), {
  "class-files": ClassFiles,
  "class-figure": ClassFigure,
  "class-table": ClassTable,
  "class-refused": ClassRefused,
});
