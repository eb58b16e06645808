/** The file of an assignment, by which submissions are checked. Its study is read by the engine, as theirs are. */

import { readAssignment, studyText } from "../assignment/file.js";
import { ASSIGNMENT } from "../assignment/schemas.js";
import { wrong } from "../assignment/fields.js";
import { withoutSeed } from "./submission.js";

/**
 * The assignment in a text; `null` if it is none.
 *
 * @param {{name: string, text: string}} file
 * @param {Pick<import("../planner.js").Planner, "studyOfFile">} planner
 * @param {AbortSignal} signal
 * @returns {Promise<import("./summary.js").Given|null>}
 */
export async function readGiven({ name, text }, planner, signal) {
  if (!isAssignment(text)) return null;
  const { assignment, hash } = readAssignment(text);
  const { study } = await planner.studyOfFile(studyText(assignment, 0), signal);
  if (!study) throw wrong("The study of the assignment cannot be read by this version.");
  const seed = assignment.seed === "student" ? null : study.seed;
  return { file: name, assignment, hash, study: withoutSeed(study.json), seed };
}

/** @param {string} text */
function isAssignment(text) {
  if (!text.includes(ASSIGNMENT)) return false;
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""))?.schema === ASSIGNMENT;
  } catch {
    // What it is instead is said where it is read as a submission.
    return false;
  }
}
