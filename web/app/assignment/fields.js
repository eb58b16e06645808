/**
 * Reads an object of a file that somebody wrote by hand, field by field. A wrong field is an error that says which it
 * is, what stands there and what belongs there. Only an object's own fields are looked at.
 */

import { nearest } from "../nearest.js";
import { problem } from "../protocol.js";

const MOST_POINTS = 1000;
const MOST_NAMES = 100;
/** A part of a control's name. */
const NAME = /^[A-Za-z0-9_-]{1,40}$/;
/** What the id of a question may look like: it becomes part of the names of its controls. */
export const QUESTION_ID = /^[A-Za-z0-9_-]{1,40}$/;
/** Most questions of an assignment. */
export const MOST_QUESTIONS = 100;
/** Longest excerpt of a wrong value. */
const SHOWN = 40;

/** What the errors of a file have in common. @param {string} message @param {string} [hint] */
export function wrong(message, hint = "Ask the author of the file, or correct it with a text editor.") {
  return problem("bad-assignment", message, hint);
}

/** A wrong value as a message shows it. @param {unknown} value */
function excerpt(value) {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? "nothing");
  return [...text].length > SHOWN ? `${[...text].slice(0, SHOWN).join("")}…` : text;
}

export class Fields {
  /** @type {Record<string, unknown>} */
  #object;

  /**
   * @param {unknown} value
   * @param {string} path  what the object is called in messages; empty for the file itself
   * @param {readonly string[]} known  every field that it may have
   * @param {string} [file]  what the file is called in messages
   */
  constructor(value, path, known, file = "an assignment") {
    this.path = path;
    if (value === null || typeof value !== "object" || Array.isArray(value))
      throw wrong(`${path === "" ? "The file" : `\`${path}\``} is ${excerpt(value)}; an object belongs there.`);
    this.#object = /** @type {Record<string, unknown>} */ (value);
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const meant = nearest(name, known);
      const list = known.map((one) => `\`${one}\``).join(", ");
      throw wrong(
        `\`${this.at(name).slice(0, 120)}\` is no field of ${path === "" ? file : `\`${path}\``}.` +
          (meant ? ` Did you mean \`${meant}\`?` : ""),
        `The fields are ${list}.`,
      );
    }
  }

  /** The path of a field. @param {string} name */
  at(name) {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  /** Whether something stands there: `null` is nothing, as on the command line. @param {string} name */
  has(name) {
    return Object.hasOwn(this.#object, name) && this.#object[name] !== null;
  }

  /** What stands there; `undefined` if nothing does. @param {string} name @returns {unknown} */
  value(name) {
    return this.has(name) ? this.#object[name] : undefined;
  }

  /** @param {string} name @param {string} belongs @returns {never} */
  refuse(name, belongs) {
    const value = Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
    throw wrong(`\`${this.at(name)}\` is ${excerpt(value)}; it takes ${belongs}.`);
  }

  /** @param {string} name @returns {string} */
  text(name) {
    const value = this.value(name);
    return typeof value === "string" && value.trim() !== "" ? value : this.refuse(name, "a text");
  }

  /** A text that may be left out, and may be empty. @param {string} name @returns {string} */
  optional(name) {
    const value = this.value(name) ?? "";
    return typeof value === "string" ? value : this.refuse(name, "a text");
  }

  /** A text, or a list of them that is not empty; none if it is left out. @param {string} name @returns {string[]} */
  texts(name) {
    if (!this.has(name)) return [];
    const value = this.value(name);
    const list = Array.isArray(value) ? value : [value];
    const fits = list.length > 0 && list.every((one) => typeof one === "string");
    return fits ? [...list] : this.refuse(name, "a text or a list of texts");
  }

  /**
   * From `least` to `most` texts to choose from: none is blank, and none is another with white space at its ends.
   *
   * @param {string} name
   * @param {number} least
   * @param {number} most
   * @returns {string[]}
   */
  choices(name, least, most) {
    const list = this.texts(name);
    if (list.length < least || list.length > most || list.some((one) => one.trim() === ""))
      this.refuse(name, `a list of ${least} to ${most} texts that are not blank`);
    const plain = list.map((one) => one.trim());
    const twice = list.find((one, index) => plain.indexOf(one.trim()) !== index);
    if (twice !== undefined) throw wrong(`\`${this.at(name)}\` lists ${excerpt(twice)} twice.`);
    return list;
  }

  /** Names of controls, as a link has them. @param {string} name @returns {string[]} */
  names(name) {
    const value = this.value(name) ?? [];
    if (!Array.isArray(value) || value.length > MOST_NAMES)
      return this.refuse(name, `a list of at most ${MOST_NAMES} names of controls`);
    const odd = value.find((one) => typeof one !== "string" || !one.split(".").every((part) => NAME.test(part)));
    if (odd !== undefined) throw wrong(`\`${this.at(name)}\` holds ${excerpt(odd)}, which is no name of a control.`);
    return [...new Set(value)];
  }

  /** @param {string} name @param {boolean} otherwise @returns {boolean} */
  flag(name, otherwise) {
    if (!this.has(name)) return otherwise;
    const value = this.value(name);
    return typeof value === "boolean" ? value : this.refuse(name, "true or false");
  }

  /** Points: a whole number from 0 to 1000. @param {string} name @returns {number} */
  points(name) {
    const value = this.value(name);
    const fits = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_POINTS;
    return fits ? value : this.refuse(name, `a whole number from 0 to ${MOST_POINTS}`);
  }

  /** A whole number from 0 to 2^32 − 1. @param {string} name @returns {number} */
  seed(name) {
    const value = this.value(name);
    const fits = typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
    return fits ? value : this.refuse(name, "a whole number from 0 to 4294967295");
  }

  /** One of some words. @template {string} Word @param {string} name @param {readonly Word[]} words @returns {Word} */
  one(name, words) {
    const value = this.value(name);
    const found = words.find((word) => word === value);
    return found ?? this.refuse(name, words.map((word) => `"${word}"`).join(" or "));
  }
}
