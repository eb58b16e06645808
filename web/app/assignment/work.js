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
 * @property {Record<string, number>} times  when each of them was changed last, in milliseconds
 * @property {string} hash  of the assignment's file that `prediction` and `saved` are of
 * @property {{component: string, needed: boolean}[]|null} prediction  most needed first
 * @property {number} predicted  when that was committed to
 * @property {Saved|null} saved  the file that was handed in last
 * @property {number} savedAt  when that was written
 * @property {number} at  when anything of it was changed last
 */

const PREFIX = "ablation.work";
/** The student who worked on an assignment last. */
const LAST = "ablation.student";

/** @returns {Work} */
export function noWork() {
  return { typed: {}, times: {}, hash: "", prediction: null, predicted: 0, saved: null, savedAt: 0, at: 0 };
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
  return work.hash === hash ? work : { ...work, hash, prediction: null, predicted: 0, saved: null, savedAt: 0 };
}

/**
 * The time of a change. It is later than that of what is changed, even if a browser whose clock runs ahead wrote that:
 * who corrects what they see means the correction.
 *
 * @param {number} now  milliseconds
 * @param {number|null} before  when the same was changed last; `null` if it was not
 */
export function timeAfter(now, before) {
  return before === null ? now : Math.max(now, before + 1);
}

/**
 * Work with an answer as it is typed now.
 *
 * @param {Work} work
 * @param {string} question
 * @param {string} text
 * @param {number} now  milliseconds
 * @returns {Work}
 */
export function withTyped(work, question, text, now) {
  return withAnswer(work, question, text, timeAfter(now, timeOf(work, question)));
}

/** @param {Work} work @param {string} question @param {string} text @param {number} at @returns {Work} */
function withAnswer(work, question, text, at) {
  return { ...work, typed: { ...work.typed, [question]: text }, times: { ...work.times, [question]: at } };
}

/**
 * Work for one file that was kept in two places, as by two browsers of one student: of every answer, of the prediction
 * and of the file that was handed in the newest counts, of equally new ones that of the first, and what only one of
 * them has is kept.
 *
 * @param {Work} a
 * @param {Work} b
 * @returns {Work}
 */
export function merged(a, b) {
  const [early, late] = a.at < b.at ? [a, b] : [b, a];
  const work = { ...late, typed: { ...early.typed }, times: { ...early.times } };
  for (const [question, text] of Object.entries(late.typed)) {
    const [before, after] = [timeOf(early, question), timeOf(late, question)];
    if (before !== null && after !== null && before > after) continue;
    Object.assign(work, withAnswer(work, question, text, after ?? late.at));
  }
  if (early.prediction && (!late.prediction || early.predicted > late.predicted))
    [work.prediction, work.predicted] = [early.prediction, early.predicted];
  if (early.saved && (!late.saved || early.savedAt > late.savedAt))
    [work.saved, work.savedAt] = [early.saved, early.savedAt];
  return work;
}

/** When an answer was changed; `null` if there is none. @param {Work} work @param {string} question */
function timeOf({ times }, question) {
  return Object.hasOwn(times, question) ? (times[question] ?? 0) : null;
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
  if (Number.isFinite(value.at)) work.at = value.at;
  const typed = value.typed !== null && typeof value.typed === "object" ? Object.entries(value.typed) : [];
  work.typed = Object.fromEntries(typed.filter(([, text]) => typeof text === "string"));
  // Work that was kept before answers had times is as old as its last change.
  const time = (/** @type {unknown} */ given) => (Number.isFinite(given) ? Number(given) : work.at);
  const times = new Map(value.times !== null && typeof value.times === "object" ? Object.entries(value.times) : []);
  work.times = Object.fromEntries(Object.keys(work.typed).map((question) => [question, time(times.get(question))]));
  if (typeof value.hash === "string") work.hash = value.hash;
  const fits = (/** @type {any} */ one) => typeof one?.component === "string" && typeof one.needed === "boolean";
  if (Array.isArray(value.prediction) && value.prediction.every(fits))
    [work.prediction, work.predicted] = [
      value.prediction.map((/** @type {any} */ { component, needed }) => ({ component, needed })),
      time(value.predicted),
    ];
  if (typeof value.saved?.name === "string") {
    work.savedAt = time(value.savedAt);
    work.saved = {
      name: value.saved.name,
      complete: value.saved.complete === true,
      trials: Number.isFinite(value.saved.trials) ? value.saved.trials : 0,
    };
  }
  return work;
}
