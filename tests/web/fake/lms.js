/**
 * The side of SCORM 1.2 that a learning management system plays, as strict as the standard: everything is a text, only
 * known elements are set, with values they may have, and only between initialize and finish.
 */

/** From 0 to 100. */
const SCORE = /^(?:100|\d{1,2}(?:\.\d+)?)$/;

/** What may be set, and to what. @type {Record<string, RegExp>} */
const SETTABLE = {
  "cmi.core.lesson_status": /^(?:passed|completed|failed|incomplete|browsed)$/,
  "cmi.core.score.raw": SCORE,
  "cmi.core.score.min": SCORE,
  "cmi.core.score.max": SCORE,
  "cmi.core.session_time": /^\d{2,4}:\d\d:\d\d(?:\.\d{1,2})?$/,
  "cmi.core.exit": /^(?:time-out|suspend|logout|)$/,
  "cmi.suspend_data": /^[\s\S]{0,4096}$/,
};

export class Lms {
  /** @type {string[]} */
  calls = [];
  /** @type {string[]} */
  errors = [];
  #open = false;
  #ended = false;

  /**
   * @param {Record<string, string>} [values]
   * @param {{once?: boolean, lacks?: string[]}} [more]  once: no session after the first; lacks: elements it does not have
   */
  constructor(values = {}, { once = false, lacks = [] } = {}) {
    this.once = once;
    this.lacks = lacks;
    /** @type {Record<string, string>} */
    this.values = { "cmi.core.lesson_status": "not attempted", "cmi.suspend_data": "", ...values };
    const bound =
      (/** @type {(...args: any[]) => string} */ work, /** @type {string} */ name) =>
      (/** @type {unknown[]} */ ...args) => {
        this.calls.push(name);
        if (args.some((arg) => typeof arg !== "string")) this.errors.push(`${name}: not a text`);
        return work(...args);
      };
    this.api = {
      LMSInitialize: bound(() => this.#turn(true), "LMSInitialize"),
      LMSFinish: bound(() => this.#turn(false), "LMSFinish"),
      LMSCommit: bound(() => (this.#open ? "true" : this.#refuse("commit while closed")), "LMSCommit"),
      LMSGetValue: bound((key) => (this.#open ? (this.values[key] ?? "") : ""), "LMSGetValue"),
      LMSSetValue: bound((key, value) => this.#set(key, value), "LMSSetValue"),
    };
  }

  /** @param {boolean} open */
  #turn(open) {
    if (open && this.once && this.#ended) return "false";
    if (this.#open === open) return this.#refuse(open ? "initialized twice" : "finished twice");
    this.#open = open;
    this.#ended ||= !open;
    return "true";
  }

  /** @param {string} key @param {string} value */
  #set(key, value) {
    if (!this.#open) return this.#refuse(`${key} while closed`);
    if (this.lacks.includes(key)) return "false";
    if (!SETTABLE[key]?.test(value)) return this.#refuse(`${key}=${value.slice(0, 40)}`);
    this.values[key] = value;
    return "true";
  }

  /** @param {string} why */
  #refuse(why) {
    this.errors.push(why);
    return "false";
  }
}
