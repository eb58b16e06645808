/** What the page of a class knows. Pure, as the state of the page of students. */

import { isolated } from "../format.js";
import { storeOf } from "../store-of.js";

/** @typedef {import("./submission.js").Submission} Submission */
/** @typedef {import("./summary.js").Refused} Refused */
/** @typedef {{column: string, down: boolean}} Sorting */
/**
 * @typedef {object} ClassState
 * @property {{done: number, of: number, name: string}|null} reading  how far it is, while files are read
 * @property {readonly Submission[]} read
 * @property {readonly Refused[]} refused
 * @property {readonly import("./summary.js").Given[]} givens  the assignments' own files, one an id
 * @property {boolean} stopped  whether reading was stopped before the end
 * @property {ReadonlyMap<string, Sorting>} sortings  by the id of the assignment
 */
/**
 * @typedef {{type: "files", files: readonly File[]}
 *   | {type: "reading", done: number, of: number, name: string}
 *   | {type: "read", submissions: readonly Submission[]}
 *   | {type: "refused", refused: Refused}
 *   | {type: "given", given: import("./summary.js").Given}
 *   | {type: "done"} | {type: "stop"} | {type: "clear"}
 *   | {type: "sort", assignment: string, column: string}
 *   | {type: "csv", assignment: string}} ClassEvent
 */

/** @returns {ClassState} */
export function initialClass() {
  return {
    reading: null,
    read: [],
    refused: [],
    givens: [],
    stopped: false,
    sortings: new Map(),
  };
}

/** @type {Sorting} */
const BY_STUDENT = { column: "student", down: false };

/** How the table of an assignment is sorted. @param {Pick<ClassState, "sortings">} state @param {string} assignment */
export function sortingOf({ sortings }, assignment) {
  return sortings.get(assignment) ?? BY_STUDENT;
}

/** @param {ClassState} state @param {ClassEvent} event @returns {ClassState} */
export function updateClass(state, event) {
  switch (event.type) {
    case "reading":
      return { ...state, stopped: false, reading: { done: event.done, of: event.of, name: event.name } };
    case "read":
      return event.submissions.reduce(withSubmission, state);
    case "refused":
      return { ...state, refused: withRefused(state.refused, event.refused) };
    case "given":
      return withGiven(state, event.given);
    case "done":
      return { ...state, reading: null };
    case "stop":
      return { ...state, reading: null, stopped: true };
    case "clear":
      return { ...initialClass(), sortings: state.sortings };
    case "sort": {
      const { assignment } = event;
      const { column, down } = sortingOf(state, assignment);
      const sorting = { column: event.column, down: column === event.column && !down };
      return { ...state, sortings: new Map([...state.sortings, [assignment, sorting]]) };
    }
    default:
      return state;
  }
}

/**
 * The state with one submission more. The same text again is the same submission; another file of the same name is not,
 * and takes the place of none.
 *
 * @param {ClassState} state
 * @param {Submission} one
 * @returns {ClassState}
 */
function withSubmission(state, one) {
  const same = state.read.find(({ digest }) => digest === one.digest);
  if (same) {
    if (same.path === one.path) return state;
    const { digest } = one;
    const refused = {
      file: one.path,
      why: `It is the same file as ${isolated(same.file)}, which counts once.`,
      digest,
    };
    return { ...state, refused: withRefused(state.refused, refused) };
  }
  const taken = new Set(state.read.map(({ file }) => file));
  let file = one.path;
  for (let number = 2; taken.has(file); number++) file = `${one.path} (${number})`;
  return { ...state, read: [...state.read, { ...one, file }] };
}

/**
 * The state with the file of an assignment. A student can hand in an edited one among the submissions: the first that
 * was opened counts, and another of its id is left out and named.
 *
 * @param {ClassState} state
 * @param {import("./summary.js").Given} given
 * @returns {ClassState}
 */
function withGiven(state, given) {
  const { id } = given.assignment;
  const first = state.givens.find(({ assignment }) => assignment.id === id);
  if (!first) return { ...state, givens: [...state.givens, given] };
  if (first.hash === given.hash) return state;
  const counts = `${isolated(first.file)}, which was opened first and counts`;
  const why =
    `It is another version of the assignment "${id}" than ${counts}. Where this one is right, start over and open it ` +
    "first.";
  return { ...state, refused: withRefused(state.refused, { file: given.file, why, digest: given.hash }) };
}

/**
 * What is left out, with one file more. The same text again is the same file; another of its name and reason is not.
 *
 * @param {readonly Refused[]} refused
 * @param {Refused} one
 */
function withRefused(refused, one) {
  const known = refused.some(({ file, why, digest }) => file === one.file && why === one.why && digest === one.digest);
  return known ? refused : [...refused, one];
}

export function createClass() {
  return storeOf(initialClass(), updateClass);
}

/** @typedef {ReturnType<typeof createClass>} ClassStore */
