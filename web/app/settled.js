/** Whether a view has what its layout depends on. Pure. */

import { shownView } from "./store.js";

/** @typedef {import("./store.js").State} State */

/**
 * Whether what decides on the heights of the view that is shown is known.
 *
 * @param {State} state
 */
export function isSettled(state) {
  const { page, engine, study } = state;
  const opened = !["idle", "opening"].includes(study.status);
  if (engine.status === "failed") return true;
  if (page.tab === "sandbox")
    return shownView(state) !== null || state.storedMissing !== null || engine.status === "ready";
  if (study.sheet?.refused) return true;
  if (page.tab === "study") return study.sheet !== null && (opened || page.stored);
  // A record says its verdicts before the engine has drawn its figures, and trials that are done will be reported.
  if (study.reported) return page.stored || study.reported.figures.length > 0;
  return engine.status === "ready" && opened && study.done.size === 0;
}
