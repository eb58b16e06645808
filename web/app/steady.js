/**
 * Nothing moves under the eye while a view is drawn for the first time. What stands below something whose height is not
 * known yet is not shown before it is: a view says `data-drawing` on the body until its data are there and drawn, and
 * the style sheets hide what would move. Its title and what is awaited are shown at once.
 */

import { drawn } from "./scheduler.js";
import { isSettled } from "./settled.js";

/** @typedef {import("./store.js").State} State */

/** Milliseconds after which a view is shown as it is: none is kept back by what never comes. */
const PATIENCE = 4000;

/**
 * Keeps each view back until it is settled and drawn, the first time that it is shown.
 *
 * @param {import("./store.js").Store} store
 * @param {HTMLElement} body
 * @param {() => Promise<unknown>} [whole]  what else has to be there
 */
export function keepSteady(store, body, whole = async () => {}) {
  /** @type {Set<string>} */
  const shown = new Set();
  /** @type {Set<string>} */
  const awaited = new Set();
  const show = (/** @type {string} */ tab) => {
    shown.add(tab);
    mark(store.state);
  };
  const mark = (/** @type {State} */ state) => {
    const { tab } = state.page;
    if (shown.has(tab)) return body.removeAttribute("data-drawing");
    body.dataset.drawing = tab;
    if (!awaited.has(tab)) setTimeout(() => show(tab), PATIENCE);
    awaited.add(tab);
    if (isSettled(state))
      void whole()
        .then(drawn)
        .then(() => show(tab));
  };
  return store.listen(mark);
}
