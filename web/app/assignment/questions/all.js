/**
 * The kinds of questions. A new one is a file beside these and a line in the list.
 *
 * @typedef {object} Kind
 * @property {string} kind  as the file calls it
 * @property {readonly string[]} fields  what it has beside `id`, `text`, `points` and `kind`
 * @property {(fields: import("../fields.js").Fields, variants: Variant[]) => Partial<Question>} read
 * @property {(question: Question, id: string, changed: (typed: string) => void) => Control} control
 * @property {boolean} grouped  whether its control is several, so that the question is their legend and not a label
 * @property {(typed: string, question: Question) => {value: string|number} | {why: string}} answer  what is handed in,
 *   or why nothing is
 */
/** @typedef {{element: HTMLElement, show: (typed: string) => void}} Control */
/** @typedef {{name: string|null, removes: boolean}} Variant  of the study */
/**
 * @typedef {object} Question
 * @property {string} id
 * @property {string} text
 * @property {number} points
 * @property {string} kind
 * @property {string[]} choices
 * @property {string} unit
 * @property {string} component
 */

import { choice } from "./choice.js";
import { number } from "./number.js";
import { text } from "./text.js";
import { verdict } from "./verdict.js";

/** @type {readonly Kind[]} */
export const KINDS = [choice, number, text, verdict];

/** @param {Pick<Question, "kind">} question */
export function kindOf({ kind }) {
  const found = KINDS.find((one) => one.kind === kind);
  if (!found) throw new Error(`there is no kind of question called ${kind}`);
  return found;
}
