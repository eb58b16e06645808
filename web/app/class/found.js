/** What the class found, of what the page knows; it is asked for by several elements and computed once. */

import { seedOf } from "../assignment/student.js";
import { classOf } from "./summary.js";

/** @typedef {import("./state.js").ClassState} ClassState */

/** @type {{read: unknown, givens: unknown, found: ReturnType<typeof classOf>}} */
let last = { read: null, givens: null, found: { groups: [], refused: [] } };

/** @param {Pick<ClassState, "read"|"givens">} state */
export function foundIn({ read, givens }) {
  if (last.read !== read || last.givens !== givens) last = { read, givens, found: classOf(read, givens, seedOf) };
  return last.found;
}

/**
 * The group of an assignment; `null` if there is none.
 *
 * @param {Pick<ClassState, "read"|"givens">} state
 * @param {string} id
 */
export function groupIn(state, id) {
  return foundIn(state).groups.find(({ assignment }) => assignment === id) ?? null;
}
