/**
 * The address bar and the page, kept the same: the study is always in the link, and a link that is typed, pasted or
 * gone back to is the study.
 */

import { fromPaste, join, split } from "./link.js";

/** @typedef {import("./store.js").Store} Store */

/** Events that change what the address says. */
const SHOWN = new Set(["described", "studied", "recorded", "studyRefused", "theme", "tab", "lesson"]);

/**
 * @param {Store} store
 * @param {Window} [view]
 * @returns {{open: (fragment: string) => void}}  opens a link without a step in the history of the tab
 */
export function bindAddress(store, view = window) {
  const ask = (fragment = view.location.hash) => {
    const { study, page, corrections } = split(fragment);
    store.send({ type: "asked", fragment: page, link: study, corrections });
  };
  ask();
  view.addEventListener("hashchange", () => ask());
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
    if (wanted !== view.location.hash && !untouched) replace(view, wanted);
  });
  return {
    open(fragment) {
      replace(view, `#${fragment.replace(/^#/, "")}`);
      ask(fragment);
    },
  };
}

/**
 * Writes the fragment. Some frames refuse that, and browsers do if it is done very often; what is shown is what counts.
 *
 * @param {Window} view
 * @param {string} hash
 */
function replace(view, hash) {
  try {
    view.history.replaceState(null, "", hash);
  } catch {
    // The link is still what "Copy link" copies.
  }
}
