/**
 * The address bar and the page, kept the same: the study is always in the link, and a link that is typed, pasted or
 * gone back to is the study.
 */

import { fromPaste, join, split } from "./link.js";

/** @typedef {import("./store.js").Store} Store */

/** Events that change what the address says. */
const SHOWN = new Set([
  "described",
  "studied",
  "recorded",
  "studyRefused",
  "assigned",
  "assignmentClosed",
  "theme",
  "tab",
  "lesson",
]);

/**
 * Events that put another set-up on the page: going back leads to the one before. In a frame they do not, because going
 * back is the reader's way through the host.
 */
const STEPS = new Set(["goto", "ablate"]);

/**
 * @param {Store} store
 * @param {Window} [view]
 * @returns {{open: (fragment: string) => void}}  opens a link without a step in the history of the tab
 */
export function bindAddress(store, view = window) {
  const framed = view.parent !== view;
  // Set from such an event until what it asked for is described: only then is its canonical address known.
  let step = false;
  // What the address was when it was last read or written. If it is another by now, the reader went elsewhere and is
  // about to be followed; writing would put the set-up that was left over the one that was gone to.
  let known = "";
  const ask = (fragment = view.location.hash) => {
    step = false;
    known = view.location.hash;
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
    if (STEPS.has(event.type)) step = !framed;
    if (event.type === "undescribed") step = false;
    if (!SHOWN.has(event.type) || view.location.hash !== known) return;
    const wanted = `#${join(state.link, state.page)}`;
    // The first visit keeps its bare address: a preset that nobody chose is not worth a fragment.
    const untouched = view.location.hash === "" && state.link === state.presets[0]?.link && wanted === `#${state.link}`;
    const push = step && event.type === "described";
    if (push) step = false;
    if (wanted !== view.location.hash && !untouched) write(view, wanted, push);
    known = view.location.hash;
  });
  return {
    open(fragment) {
      write(view, `#${fragment.replace(/^#/, "")}`, false);
      ask(fragment);
    },
  };
}

/**
 * Writes the fragment. Some frames refuse that, and browsers do if it is done very often; what is shown is what counts.
 *
 * @param {Window} view
 * @param {string} hash
 * @param {boolean} push  whether going back leads to what was there
 */
function write(view, hash, push) {
  try {
    if (push) view.history.pushState(null, "", hash);
    else view.history.replaceState(null, "", hash);
  } catch {
    // The link is still what "Copy link" copies.
  }
}
