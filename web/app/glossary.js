/**
 * The engine's vocabulary: what arms, gaps, verdicts, tiers and grades are called and what they mean. It is written
 * into `generated/glossary.js` from the engine's tables, because a stored report is read before the engine is there,
 * and on pages where it cannot be. No word of it is repeated elsewhere on the page.
 */

import { GLOSSARY } from "./generated/glossary.js";

/**
 * @typedef {object} Term
 * @property {string} group
 * @property {string} key
 * @property {string} name
 * @property {string} meaning
 * @property {string|null} symbol  of the methodology
 * @property {string|null} source
 */
/**
 * @typedef {object} StudyNumber  a number that a link may set for a study
 * @property {string} key
 * @property {string} label
 * @property {string} help
 * @property {number} minimum
 * @property {number} maximum
 * @property {boolean} integer
 */

/** @type {Term[]} */
const TERMS = GLOSSARY.terms;

/** @type {StudyNumber[]} */
export const STUDY_NUMBERS = GLOSSARY.numbers;

/** The words of a group, in the engine's order. @param {string} group */
export function termsOf(group) {
  return TERMS.filter((term) => term.group === group);
}

/**
 * A word by its key. A record of another version may use a key that this one does not know; then the key is shown.
 *
 * @param {string} group
 * @param {string} key
 * @returns {Term}
 */
export function termOf(group, key) {
  const found = TERMS.find((term) => term.group === group && term.key === key);
  return found ?? { group, key, name: key.replaceAll(/[_-]/g, " "), meaning: "", symbol: null, source: null };
}

/** An arm by the symbol of the methodology: R, D, H, S, N, U, Z, P or M. @param {string} symbol */
export function armOf(symbol) {
  return termsOf("arm").find((arm) => arm.symbol === symbol) ?? termOf("arm", symbol);
}

/** A gap by its formula, such as `N − R`. @param {string} formula */
export function gapOf(formula) {
  return termsOf("gap").find((gap) => gap.symbol === formula) ?? termOf("gap", formula);
}

/** A difference of two arms in words, where a text is one in symbols. @param {string} text */
export function spelledOut(text) {
  const [, from, less] = /^([A-Z]) − ([A-Z])$/.exec(text) ?? [];
  const arms = termsOf("arm");
  const [one, other] = [from, less].map((symbol) => arms.find((arm) => arm.symbol === symbol)?.name);
  return one && other ? `${one} − ${other}` : text;
}
