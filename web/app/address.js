/**
 * The address bar and the page, kept the same: the study is always in the link, and a link that is typed, pasted or
 * gone back to is the study.
 */

import { fromPaste, join, split } from "./link.js";

/** @typedef {import("./store.js").Store} Store */

/** Events that change what the address says. */
const SHOWN = new Set(["described", "studied", "recorded", "studyRefused", "theme", "tab"]);

/** Events that put another set-up on the page: going back leads to the one before. */
const STEPS = new Set(["goto", "ablate"]);

/**
 * @param {Store} store
 * @param {Window} [view]
 */
export function bindAddress(store, view = window) {
  // Set from such an event until what it asked for is described: only then is its canonical address known.
  let step = false;
  const ask = () => {
    step = false;
    const { study, page, corrections } = split(view.location.hash);
    store.send({ type: "asked", fragment: page, link: study, corrections });
  };
  ask();
  view.addEventListener("hashchange", ask);
  view.addEventListener("paste", (event) => {
    const target = /** @type {Element|null} */ (event.target);
    const fragment = target?.closest?.("input, textarea")
      ? null
      : fromPaste(event.clipboardData?.getData("text") ?? "");
    if (fragment) view.location.hash = fragment;
  });
  store.follow((event, state) => {
    if (STEPS.has(event.type)) step = true;
    if (!SHOWN.has(event.type)) return;
    const wanted = `#${join(state.link, state.page)}`;
    // The first visit keeps its bare address: a preset that nobody chose is not worth a fragment.
    const untouched = view.location.hash === "" && state.link === state.presets[0]?.link && wanted === `#${state.link}`;
    const push = step && event.type === "described";
    if (push) step = false;
    if (wanted === view.location.hash || untouched) return;
    if (push) view.history.pushState(null, "", wanted);
    else view.history.replaceState(null, "", wanted);
  });
}
