/**
 * A host that asks for a run before there is anything to run is heard once there is. What it asked to be loaded before
 * is what runs: while that is being read, the set-up that is still shown stays as it is.
 */

import { canRun, canStudy } from "../store.js";

/** Events after which there may be something to run. */
const READY = new Set(["described", "studied", "engine"]);

/**
 * @param {import("../store.js").Store} store
 * @returns {{want: () => void, forget: () => void, load: (loads: boolean) => void}}  `forget`: nothing is wanted any
 *   more; `load`: whether the record of a study is on its way
 */
export function whenWanted(store) {
  let wanted = false;
  /** Whether a record is on its way, and whether it is being read. */
  let [loading, reading] = [false, false];
  const play = () => {
    if (!wanted) return;
    const { page, run, study, describing } = store.state;
    if (page.tab === "sandbox") {
      if (describing || !canRun(store.state)) return;
      wanted = false;
      if (["idle", "paused", "failed"].includes(run.status)) store.send({ type: "play" });
    } else if (!loading && canStudy(store.state)) {
      wanted = false;
      if (study.status !== "running") store.send({ type: "studyStart" });
    }
  };
  store.follow(({ type }) => {
    if (loading && type === "studyFile") reading = true;
    // What is studied before is what the page showed already.
    if (reading && (type === "studied" || type === "studyRefused")) {
      [loading, reading] = [false, false];
      if (type === "studyRefused") wanted = false;
    }
    if (type === "undescribed") wanted = false;
    if (wanted && READY.has(type)) queueMicrotask(play);
  });
  return {
    want() {
      wanted = true;
      play();
    },
    forget() {
      wanted = false;
    },
    load(loads) {
      [loading, reading] = [loads, false];
    },
  };
}
