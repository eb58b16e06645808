/**
 * Who hands in, and the seed that follows from it. Every student runs the same study with a root seed of their own, so
 * that two records are alike only where two students are one. The command line computes the same
 * (`tests/assignments/seeds.json`).
 */

import { sha256 } from "../sha256.js";
import { ASSIGNMENT } from "./schemas.js";

/** Longest name, in characters. */
const LONGEST = 100;

/** A name without white space at its ends. @param {string} name */
export function trimmed(name) {
  return name.trim();
}

/** A name as the seed and the place where work is kept know it: case does not matter. @param {string} name */
export function known(name) {
  return trimmed(name.toLowerCase());
}

/**
 * What is wrong with a name, as a sentence; empty if nothing is.
 *
 * @param {string} name
 */
export function nameProblem(name) {
  const given = trimmed(name);
  if (given === "") return "Type your login or your name.";
  if ([...given].length > LONGEST) return `This is longer than ${LONGEST} characters.`;
  if (/[\p{Cc}\p{Surrogate}]/u.test(given)) return "This has characters that cannot be written.";
  return "";
}

/**
 * The root seed of a student: 32 bits of a hash of assignment and name.
 *
 * @param {string} assignment  its id
 * @param {string} name
 */
export function seedOf(assignment, name) {
  return parseInt(sha256(`${ASSIGNMENT}\n${assignment}\n${known(name)}`).slice(0, 8), 16);
}
