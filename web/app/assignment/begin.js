/** Assignments on the page: their panel, and what is done outside for them. */

import { ScormSession, findApi } from "../scorm.js";
import { loadStyle } from "../styles.js";
import { AssignmentPanel } from "./panel.js";
import { AssignmentRunner } from "./runner.js";
import { STEPS } from "./steps/all.js";
import { WorkStore } from "./work.js";

/**
 * @param {import("../store.js").Store} store
 * @param {Pick<AssignmentRunner, "record"|"results"|"assignments"|"save">} given
 * @param {import("../store.js").Event} [event]  that it was loaded for
 */
export async function beginAssignments(store, given, event) {
  await Promise.all([loadStyle("lesson"), loadStyle("assignment")]);
  for (const { key, Element } of STEPS) customElements.define(`assignment-${key}`, Element);
  customElements.define("assignment-panel", AssignmentPanel);
  const panel = /** @type {AssignmentPanel} */ (document.createElement("assignment-panel"));
  panel.hidden = true;
  document.querySelector("notice-list")?.after(panel);
  panel.store = store;
  const api = findApi(window);
  const runner = new AssignmentRunner(store, {
    ...given,
    work: new WorkStore(),
    session: api ? new ScormSession(api) : null,
  });
  addEventListener("pagehide", () => runner.leave());
  addEventListener("pageshow", (shown) => shown.persisted && runner.comeBack());
  runner.start(event);
}
