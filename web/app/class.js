/** The page of a class: what all students of a course found, for the one who teaches it. */

import { scriptOf } from "./files.js";
import { Planner } from "./planner.js";
import { spawner } from "./spawn.js";
import { ClassFigure } from "./class/figure.js";
import { ClassGroups } from "./class/groups.js";
import { ClassFiles } from "./class/files.js";
import { ClassRefused } from "./class/refused.js";
import { ClassRunner } from "./class/runner.js";
import { createClass } from "./class/state.js";
import { ClassTable } from "./class/table.js";
import { defineElements } from "./elements/define.js";

const store = createClass();
const planner = new Planner({ spawn: spawner(scriptOf("app/worker.js")) });
new ClassRunner(store, planner);
customElements.define("class-figure", ClassFigure);
customElements.define("class-table", ClassTable);
defineElements(/** @type {any} */ (store), {
  "class-files": ClassFiles,
  "class-groups": ClassGroups,
  "class-refused": ClassRefused,
});
