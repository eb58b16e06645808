/**
 * What the page knows of the assignment that is open: what it asks, who works on it, and what was answered so far.
 * Pure, as all of the state. What was typed is kept as it was typed, a number that is none among it.
 */

import { ASSIGNED } from "../link.js";

/** @typedef {import("./file.js").Assignment} Assignment */
/** @typedef {import("../link.js").PageKeys} PageKeys */
/**
 * @typedef {object} AssignmentState
 * @property {Assignment} assignment
 * @property {string} hash  SHA-256 of its canonical JSON
 * @property {string} student  who works on it, as typed; empty before that is said
 * @property {string} offered  a name that a learning management system gave
 * @property {number|null} seed  root seed of the student's study
 * @property {Readonly<Record<string, string>>} typed  answers by the id of their question
 * @property {boolean} kept  whether what is typed is there when the tab is opened again
 * @property {import("./work.js").Saved|null} saved  the file that was handed in last
 * @property {Lms} lms
 * @property {boolean} early  whether the questions are answered before the study is done, which was asked for
 */
/**
 * What a learning management system has been told; `off` where there is none, `ended` where it begins no session again
 * after one was ended; `unscored` where it did not take the score.
 *
 * @typedef {{status: "off"|"on"|"failed"|"ended", cut: readonly string[], score: string, unscored: boolean}} Lms
 */
/**
 * @typedef {{type: "assignmentFile", text: string, name: string}
 *   | {type: "assigned", assignment: Assignment, hash: string, named: string, offered: string}
 *   | {type: "assignmentClosed"}
 *   | {type: "student", name: string}
 *   | {type: "working", student: string, seed: number, typed: Record<string, string>, saved: AssignmentState["saved"]}
 *   | {type: "typed", question: string, text: string}
 *   | {type: "answerEarly"}
 *   | {type: "workLost"}
 *   | {type: "handIn"}
 *   | {type: "handedIn", saved: import("./work.js").Saved}
 *   | {type: "lms", lms: Lms}
 *   | {type: "guessed", id: string, guess: import("../predict.js").Guess}} AssignmentEvent
 */

/** Controls of a study that nobody changes in an assignment, whatever it says. */
const ALWAYS_LOCKED = ["components", "protocol", "study-source"];

/** @type {Lms} */
export const NO_LMS = { status: "off", cut: [], score: "", unscored: false };

/**
 * The next state. Pure.
 *
 * @param {AssignmentState|null} work
 * @param {AssignmentEvent|{type: string}} event
 * @returns {AssignmentState|null}
 */
export function updateAssignment(work, event) {
  const happened = /** @type {AssignmentEvent} */ (event);
  if (happened.type === "assigned") {
    const { assignment, hash, offered } = happened;
    return {
      assignment,
      hash,
      offered,
      student: "",
      seed: null,
      typed: {},
      kept: work?.kept ?? true,
      saved: null,
      lms: NO_LMS,
      early: false,
    };
  }
  if (!work) return null;
  switch (happened.type) {
    case "assignmentClosed":
      return null;
    case "working": {
      const { student, seed, typed, saved } = happened;
      return { ...work, student, seed, typed, saved, early: work.early && student === work.student };
    }
    case "typed":
      return { ...work, typed: { ...work.typed, [happened.question]: happened.text } };
    case "answerEarly":
      return { ...work, early: true };
    case "workLost":
      return { ...work, kept: false };
    case "handedIn":
      return { ...work, saved: happened.saved };
    case "lms":
      return { ...work, lms: happened.lms };
    default:
      return work;
  }
}

/**
 * The keys of the page while an assignment is open: it decides what is hidden, what is locked and whether a guess is
 * asked for first.
 *
 * @param {PageKeys} page
 * @param {Assignment} assignment
 * @param {string} named
 * @returns {PageKeys}
 */
export function keysOf(page, { hide, lock, predict }, named) {
  const locked = [...new Set([...lock, ...ALWAYS_LOCKED])].sort();
  return { ...page, assignment: named, study: ASSIGNED, hide, lock: locked, predict };
}

/** The keys of the page once it is closed. @param {PageKeys} page @returns {PageKeys} */
export function keysAfter(page) {
  return { ...page, assignment: null, study: null, hide: [], lock: [], predict: false };
}

/** What was typed for a question; empty if nothing was. @param {AssignmentState} work @param {string} question */
export function typedFor({ typed }, question) {
  return Object.hasOwn(typed, question) ? (typed[question] ?? "") : "";
}
