/**
 * SCORM 1.2: what a learning management system is told while an assignment is worked on in one of its packages. It
 * keeps a student's place and answers, and is told that the work was handed in. The score is a claim, as everything is
 * that a student's browser says: answers are graded by `ablation grade`.
 *
 * The system offers an object `API` in a window above this one. Every value and every answer is a text. Windows of
 * other origins throw when they are looked into, and a system may answer anything or nothing: then the assignment goes
 * on as it does without one.
 */

/** @typedef {"LMSInitialize"|"LMSGetValue"|"LMSSetValue"|"LMSCommit"|"LMSFinish"} Call */
/** @typedef {Record<Call, (...args: string[]) => string>} Api */
/**
 * @typedef {object} Place  what is kept of a student's work
 * @property {string} assignment  its id
 * @property {string} student
 * @property {import("./assignment/work.js").Work} work
 */

/** So many windows are looked into at most, above this one and above the one that opened it. */
const MOST_WINDOWS = 500;
/** Characters of `cmi.suspend_data` that the standard grants. */
export const ROOM = 4096;

/** Largest score that the standard grants. */
const BEST = 100;
const STATUS = "cmi.core.lesson_status";

/** @type {readonly Call[]} */
const CALLS = ["LMSInitialize", "LMSGetValue", "LMSSetValue", "LMSCommit", "LMSFinish"];

/**
 * The object that a learning management system offers, in this window, one above it, or those of the window that opened
 * it; `null` where there is none.
 *
 * @param {Window} view
 * @returns {Api|null}
 */
export function findApi(view) {
  const opener = guarded(() => view.opener);
  return inParents(view) ?? (opener ? inParents(opener) : null);
}

/** @param {Window} view @returns {Api|null} */
function inParents(view) {
  /** @type {Window|null|undefined} */
  let at = view;
  for (let seen = 0; at && seen < MOST_WINDOWS; seen++) {
    /** @type {Window} */
    const here = at;
    const found = guarded(() => /** @type {any} */ (here).API);
    if (found && guarded(() => CALLS.every((call) => typeof found[call] === "function"))) return found;
    /** @type {Window|null} */
    const parent = guarded(() => here.parent);
    if (!parent || parent === here) return null;
    at = parent;
  }
  return null;
}

/** What another window may refuse. @template T @param {() => T} read @returns {T|null} */
function guarded(read) {
  try {
    return read();
  } catch {
    return null;
  }
}

export class ScormSession {
  #api;
  #begun = 0;
  #open = false;
  /** Whether a session was ended here. */
  #ended = false;
  /** Whether the work was handed in, so that it is not called incomplete again. */
  #completed = false;

  /** @param {Api} api @param {() => number} [now]  milliseconds */
  constructor(api, now = () => Date.now()) {
    this.#api = api;
    this.now = now;
  }

  get open() {
    return this.#open;
  }

  get ended() {
    return this.#ended;
  }

  /**
   * Begins the session, unless it is open; whether the system takes part. One that was ended already is refused by most
   * systems, and one that the course's own page began is refused too and yet answers.
   */
  begin() {
    if (this.#open) return true;
    this.#open = this.#call("LMSInitialize", "") === "true" || (!this.#ended && this.#get(STATUS) !== "");
    if (!this.#open) return false;
    this.#begun = this.now();
    this.#completed = ["completed", "passed"].includes(this.#get(STATUS));
    if (!this.#completed) this.#set(STATUS, "incomplete");
    this.#call("LMSCommit", "");
    return true;
  }

  /** What the system calls the student: a login, or else a name. */
  student() {
    return this.#get("cmi.core.student_id") || this.#get("cmi.core.student_name");
  }

  /**
   * What was kept the last time; `null` if nothing was, or what is there is of another assignment or program.
   *
   * @param {string} assignment  its id
   * @returns {{student: string, work: unknown}|null}
   */
  place(assignment) {
    try {
      const { v, student, work, ...of } = JSON.parse(this.#get("cmi.suspend_data"));
      return v === 1 && typeof student === "string" && of.assignment === assignment ? { student, work } : null;
    } catch {
      return null;
    }
  }

  /**
   * Keeps a student's place.
   *
   * @param {Place} place
   * @returns {{kept: boolean, cut: string[]}} cut: ids of the questions whose answers there was no room for
   */
  keep(place) {
    const { text, cut } = packed(place);
    const kept = this.#set("cmi.suspend_data", text) && this.#call("LMSCommit", "") === "true";
    return { kept, cut };
  }

  /**
   * Says that the work was handed in, with the points that its record is worth, which is a claim.
   *
   * @param {{complete: boolean, points: number, of: number}} handedIn
   * @returns {{told: boolean, scored: boolean}} whether the system took what it was told, and the score
   */
  handIn({ complete, points, of }) {
    /** @type {[string, string][]} */
    const score = [
      ["cmi.core.score.min", "0"],
      ["cmi.core.score.max", String(BEST)],
      ["cmi.core.score.raw", String(scoreOf(points, of))],
    ];
    const taken = of > 0 && score.map(([key, value]) => this.#set(key, value)).every(Boolean);
    const said = !complete || this.#set(STATUS, "completed");
    this.#completed ||= complete && said;
    const told = this.#call("LMSCommit", "") === "true" && said;
    return { told, scored: taken && told };
  }

  /** Ends the session: the page is left. */
  finish() {
    if (!this.#open) return;
    this.#set("cmi.core.session_time", sessionTime(this.now() - this.#begun));
    // Without this some systems forget the place.
    this.#set("cmi.core.exit", this.#completed ? "" : "suspend");
    this.#call("LMSCommit", "");
    this.#call("LMSFinish", "");
    this.#open = false;
    this.#ended = true;
  }

  /** @param {string} key */
  #get(key) {
    return this.#call("LMSGetValue", key);
  }

  /** @param {string} key @param {string} value */
  #set(key, value) {
    return this.#call("LMSSetValue", key, value) === "true";
  }

  /** What the system answers, as a text; empty if it fails. @param {keyof Api} name @param {...string} args */
  #call(name, ...args) {
    try {
      return String(this.#api[name](...args) ?? "");
    } catch {
      return "";
    }
  }
}

/**
 * Points as a score, which the standard has from 0 to 100 whatever the points are.
 *
 * @param {number} points
 * @param {number} of
 */
export function scoreOf(points, of) {
  const share = of > 0 ? Math.min(Math.max(points / of, 0), 1) : 0;
  return Math.round(share * BEST * 100) / 100;
}

/**
 * A place as a text that the system has room for. The longest answers go first when there is too much, whole: half an
 * answer would look like one.
 *
 * @param {Place} place
 */
export function packed({ assignment, student, work }) {
  /** @type {string[]} */
  const cut = [];
  const typed = { ...work.typed };
  const times = { ...work.times };
  const text = () => JSON.stringify({ v: 1, assignment, student, work: { ...work, typed, times } });
  while (text().length > ROOM) {
    const [longest] = Object.entries(typed).sort(([, a], [, b]) => b.length - a.length);
    if (!longest) return { text: JSON.stringify({ v: 1, assignment, student, work: {} }), cut };
    delete typed[longest[0]];
    delete times[longest[0]];
    cut.push(longest[0]);
  }
  return { text: text(), cut: cut.sort() };
}

/** A stretch of time as `HHHH:MM:SS.SS`. @param {number} milliseconds */
export function sessionTime(milliseconds) {
  const hundredths = Math.min(Math.max(0, Math.round(milliseconds / 10)), 9999 * 360_000);
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(hundredths / 360_000), Math.floor(hundredths / 6000) % 60];
  const seconds = Math.floor(hundredths / 100) % 60;
  return `${String(hours).padStart(4, "0")}:${two(minutes)}:${two(seconds)}.${two(hundredths % 100)}`;
}
