/** What the page of a class knows. Pure, as the state of the page of students. */

import { storeOf } from "../store-of.js";

/** @typedef {import("./submission.js").Submission} Submission */
/** @typedef {import("./summary.js").Refused} Refused */
/** @typedef {{column: string, down: boolean}} Sorting */
/**
 * @typedef {object} ClassState
 * @property {{done: number, of: number, name: string}|null} reading  how far it is, while files are read
 * @property {readonly Submission[]} read
 * @property {readonly Refused[]} refused
 * @property {import("./summary.js").Given|null} given  the assignment's own file, if it was opened too
 * @property {boolean} stopped  whether reading was stopped before the end
 * @property {Sorting} sorting
 */
/**
 * @typedef {{type: "files", files: readonly File[]}
 *   | {type: "reading", done: number, of: number, name: string}
 *   | {type: "read", submissions: readonly Submission[]}
 *   | {type: "refused", refused: Refused}
 *   | {type: "given", given: import("./summary.js").Given}
 *   | {type: "done"} | {type: "stop"} | {type: "clear"}
 *   | {type: "sort", column: string}
 *   | {type: "csv"}} ClassEvent
 */

/** @returns {ClassState} */
export function initialClass() {
  return {
    reading: null,
    read: [],
    refused: [],
    given: null,
    stopped: false,
    sorting: { column: "student", down: false },
  };
}

/** @param {ClassState} state @param {ClassEvent} event @returns {ClassState} */
export function updateClass(state, event) {
  switch (event.type) {
    case "reading":
      return { ...state, stopped: false, reading: { done: event.done, of: event.of, name: event.name } };
    case "read":
      // The same file again is the same submission.
      return {
        ...state,
        read: [...without(state.read, event.submissions), ...event.submissions],
        refused: without(state.refused, event.submissions),
      };
    case "refused":
      return {
        ...state,
        read: without(state.read, [event.refused]),
        refused: [...without(state.refused, [event.refused]), event.refused],
      };
    case "given":
      return { ...state, given: event.given };
    case "done":
      return { ...state, reading: null };
    case "stop":
      return { ...state, reading: null, stopped: true };
    case "clear":
      return { ...initialClass(), sorting: state.sorting };
    case "sort": {
      const { column, down } = state.sorting;
      return { ...state, sorting: { column: event.column, down: column === event.column && !down } };
    }
    default:
      return state;
  }
}

/**
 * Those of other files.
 *
 * @template {{file: string}} One
 * @param {readonly One[]} list
 * @param {readonly {file: string}[]} gone
 */
function without(list, gone) {
  const files = new Set(gone.map(({ file }) => file));
  return list.filter(({ file }) => !files.has(file));
}

export function createClass() {
  return storeOf(initialClass(), updateClass);
}

/** @typedef {ReturnType<typeof createClass>} ClassStore */
