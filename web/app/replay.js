/**
 * A reader who does nothing sees the stored result pass through its steps once: reference, ablated, fine-tuned,
 * retrained. The style sheet moves what is drawn already, from when the body says so; nothing waits for it, and the
 * first touch ends it.
 */

import { storedView } from "./store.js";

/** Milliseconds from the first mark to the last: the delays in `first-view.css`. */
const LASTS = 4200;

/**
 * @param {import("./store.js").Store} store
 * @param {HTMLElement} body
 * @param {boolean} still  whether motion is not wanted
 */
export function replayOnce(store, body, still) {
  if (still || store.state.page.tab !== "sandbox") return;
  body.dataset.replay = "";
  let begun = false;
  const end = () => {
    delete body.dataset.replay;
    leave();
    for (const name of ["pointerdown", "keydown"]) body.removeEventListener(name, end, true);
  };
  const leave = store.listen((state) => {
    if (state.view || state.run.status !== "idle" || state.page.tab !== "sandbox") queueMicrotask(end);
    if (begun || (storedView(state)?.contrast.disruption ?? null) === null) return;
    begun = true;
    setTimeout(end, LASTS);
  });
  for (const name of ["pointerdown", "keydown"]) body.addEventListener(name, end, true);
}
