/**
 * The address bar and the page, kept the same: the study is always in the link, and a link that is typed, pasted or
 * gone back to is the study.
 */

import { fromPaste, join, split } from "./link.js";

/** @typedef {import("./store.js").Store} Store */

/** Events that change what the address says. */
const SHOWN = new Set(["described", "studied", "recorded", "studyRefused", "theme", "tab"]);

/**
 * @param {Store} store
 * @param {Window} [view]
 */
export function bindAddress(store, view = window) {
  const ask = () => {
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
    if (!SHOWN.has(event.type)) return;
    const wanted = `#${join(state.link, state.page)}`;
    // The first visit keeps its bare address: a preset that nobody chose is not worth a fragment.
    const untouched = view.location.hash === "" && state.link === state.presets[0]?.link && wanted === `#${state.link}`;
    if (wanted !== view.location.hash && !untouched) view.history.replaceState(null, "", wanted);
  });
}
