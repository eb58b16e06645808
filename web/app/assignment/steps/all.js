/**
 * The steps of an assignment. Each has a file and one shape; their order is in `order.js`.
 *
 * @typedef {object} Step
 * @property {import("../order.js").Key} key  of its element, `assignment-…`
 * @property {string} title
 * @property {typeof import("../../dom.js").BaseElement} Element
 * @property {boolean} readable  whether it is shown while it waits, and cannot be worked in
 * @property {(state: import("../../store.js").State) => {text: string, done: boolean}} stateOf  how far it is
 */

import { handIn } from "./hand-in.js";
import { predict } from "./predict.js";
import { questions } from "./questions.js";
import { run } from "./run.js";
import { student } from "./student.js";

/** @type {readonly Step[]} */
export const STEPS = [student, predict, run, questions, handIn];
