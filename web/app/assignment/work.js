/**
 * What a student typed, guessed and handed in, kept in this browser for each assignment and student. It is written at
 * once and not in a database: a tab that is closed a moment after the last letter has lost nothing. What is found of
 * the study itself is in `result-store.js`, by trial.
 */

import { known } from "./student.js";

/** @typedef {{name: string, complete: boolean, trials: number}} Saved  trials: of the study that were done */
/**
 * @typedef {object} Work
 * @property {Record<string, string>} typed  answers by the id of their question
 * @property {string} hash  of the assignment's file that `prediction` and `saved` are of
 * @property {{component: string, needed: boolean}[]|null} prediction  most needed first
 * @property {Saved|null} saved  the file that was handed in last
 * @property {number} at  when it was changed last, in milliseconds
 */

const PREFIX = "ablation.work";
/** The student who worked on an assignment last. */
const LAST = "ablation.student";

/** @returns {Work} */
export function noWork() {
  return { typed: {}, hash: "", prediction: null, saved: null, at: 0 };
}

/** @param {string} assignment @param {string} student */
const keyOf = (assignment, student) => `${PREFIX}\n${assignment}\n${known(student)}`;

export class WorkStore {
  /** What could not be stored. @type {Map<string, string>} */
  #memory = new Map();

  /** @param {() => Storage} [storage]  reading it can throw already */
  constructor(storage = () => localStorage) {
    this.storage = storage;
  }

  /**
   * @param {string} assignment
   * @param {string} student
   * @param {string} hash  of the assignment's file
   * @returns {Work}
   */
  load(assignment, student, hash) {
    try {
      return workFor(hash, workIn(JSON.parse(this.#get(keyOf(assignment, student)) ?? "null")));
    } catch {
      return workFor(hash, noWork());
    }
  }

  /**
   * Keeps it; whether it is there when the tab is opened again.
   *
   * @param {string} assignment
   * @param {string} student
   * @param {Work} work
   */
  save(assignment, student, work) {
    return this.#set(keyOf(assignment, student), JSON.stringify(work));
  }

  /** @param {string} assignment @returns {string} */
  lastStudent(assignment) {
    return this.#get(`${LAST}\n${assignment}`) ?? "";
  }

  /** @param {string} assignment @param {string} student */
  rememberStudent(assignment, student) {
    return this.#set(`${LAST}\n${assignment}`, student);
  }

  /** @param {string} key */
  #get(key) {
    const kept = this.#memory.get(key);
    if (kept !== undefined) return kept;
    try {
      return this.storage().getItem(key);
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {string} text */
  #set(key, text) {
    try {
      this.storage().setItem(key, text);
      this.#memory.delete(key);
      return true;
    } catch {
      this.#memory.set(key, text);
      return false;
    }
  }
}

/**
 * Work as it counts for an assignment's file. Of another version of it only the answers do: its study may be another,
 * and a file that was written for it is refused.
 *
 * @param {string} hash  of the file
 * @param {Work} work
 * @returns {Work}
 */
export function workFor(hash, work) {
  return work.hash === hash ? work : { ...work, hash, prediction: null, saved: null };
}

/**
 * Work for one file that was kept in two places: what was changed later counts, and what only one of them has is kept.
 *
 * @param {Work} a
 * @param {Work} b
 * @returns {Work}
 */
export function merged(a, b) {
  const [early, late] = a.at <= b.at ? [a, b] : [b, a];
  return {
    typed: { ...early.typed, ...late.typed },
    hash: late.hash,
    prediction: late.prediction ?? early.prediction,
    saved: late.saved ?? early.saved,
    at: late.at,
  };
}

/**
 * Work as it was stored here or elsewhere; what is not what it should be is left out.
 *
 * @param {any} value
 * @returns {Work}
 */
export function workIn(value) {
  const work = noWork();
  if (value === null || typeof value !== "object") return work;
  const typed = value.typed !== null && typeof value.typed === "object" ? Object.entries(value.typed) : [];
  work.typed = Object.fromEntries(typed.filter(([, text]) => typeof text === "string"));
  if (typeof value.hash === "string") work.hash = value.hash;
  const fits = (/** @type {any} */ one) => typeof one?.component === "string" && typeof one.needed === "boolean";
  if (Array.isArray(value.prediction) && value.prediction.every(fits))
    work.prediction = value.prediction.map((/** @type {any} */ { component, needed }) => ({ component, needed }));
  if (typeof value.saved?.name === "string")
    work.saved = {
      name: value.saved.name,
      complete: value.saved.complete === true,
      trials: Number.isFinite(value.saved.trials) ? value.saved.trials : 0,
    };
  if (Number.isFinite(value.at)) work.at = value.at;
  return work;
}
