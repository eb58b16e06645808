/**
 * The steps of an assignment, in their order. Each has a file and one shape.
 *
 * @typedef {object} Step
 * @property {string} key  of its element, `assignment-…`
 * @property {string} title
 * @property {typeof import("../../dom.js").BaseElement} Element
 * @property {(state: import("../../store.js").State) => boolean} asked  whether this assignment has it
 * @property {(state: import("../../store.js").State) => {text: string, done: boolean}} stateOf  how far it is
 */

import { handIn } from "./hand-in.js";
import { predict } from "./predict.js";
import { questions } from "./questions.js";
import { run } from "./run.js";
import { student } from "./student.js";

/** @type {readonly Step[]} */
export const STEPS = [student, predict, run, questions, handIn];
