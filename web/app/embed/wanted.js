/**
 * A host that asks for a run before there is anything to run is heard once there is. What it asked to be loaded before
 * is what runs: while that is being read, the set-up that is still shown stays as it is.
 */

import { canRun, canStudy } from "../store.js";

/** Events after which there may be something to run. */
const READY = new Set(["described", "studied", "engine"]);

/**
 * @param {import("../store.js").Store} store
 * @returns {{want: () => void, wait: () => void, reset: () => void}}  `wait`: for the study that is loaded; `reset`:
 *   nothing is wanted any more
 */
export function whenWanted(store) {
  let [wanted, loading] = [false, false];
  const play = () => {
    if (!wanted || loading) return;
    const { page, run, study, describing } = store.state;
    if (page.tab === "sandbox") {
      if (describing || !canRun(store.state)) return;
      wanted = false;
      if (["idle", "paused", "failed"].includes(run.status)) store.send({ type: "play" });
    } else if (canStudy(store.state)) {
      wanted = false;
      if (study.status !== "running") store.send({ type: "studyStart" });
    }
  };
  store.follow(({ type }) => {
    if (type === "studied" || type === "studyRefused") loading = false;
    // What was to run is not there.
    if (type === "undescribed" || type === "studyRefused") wanted = false;
    if (wanted && READY.has(type)) queueMicrotask(play);
  });
  return {
    want() {
      wanted = true;
      play();
    },
    wait: () => void (loading = true),
    reset: () => void ([wanted, loading] = [false, false]),
  };
}
