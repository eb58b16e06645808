/**
 * The file that a student hands in (`ablation-submission/v1`). The record is the engine's own text, put in as it
 * stands: numbers that JavaScript wrote again would look as if somebody had edited them.
 */

import { count } from "../format.js";
import { ASSIGNED } from "../link.js";
import { idOf } from "../predict.js";
import { spent } from "../study-state.js";
import { kindOf } from "./questions/all.js";
import { SUBMISSION } from "./schemas.js";
import { typedFor } from "./state.js";
import { known, trimmed } from "./student.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {import("./state.js").AssignmentState} AssignmentState */
/** @typedef {{component: string, needed: boolean}[]} Prediction */

/** Largest file, in bytes. */
export const LARGEST = 1 << 20;

/** Whether the study that is shown is the one of the student. @param {Pick<State, "study"|"assignment">} state */
export function isOpen({ study, assignment }) {
  const shown = study.named === ASSIGNED ? study.sheet?.study : null;
  return assignment !== null && assignment.seed !== null && shown?.seed === assignment.seed;
}

/**
 * The guess of the student, most needed first; `null` before it is made.
 *
 * @param {Pick<State, "study"|"guesses">} state
 * @returns {Prediction|null}
 */
export function predictionOf({ study, guesses }) {
  const guess = guesses.get(idOf(study.sheet?.study?.hash ?? ""));
  return guess ? Object.entries(guess).map(([component, said]) => ({ component, needed: said === "needed" })) : null;
}

/** The guess that a prediction was made of. @param {Prediction} prediction */
export function guessOf(prediction) {
  return Object.fromEntries(prediction.map(({ component, needed }) => [component, needed ? "needed" : "not needed"]));
}

/**
 * What is missing, in words; empty when nothing is.
 *
 * @param {Pick<State, "study"|"assignment"|"guesses">} state
 * @returns {string[]}
 */
export function missingOf(state) {
  const { study, assignment: work } = state;
  if (!work) return [];
  const missing = [];
  if (work.student === "") return ["Your name: step 1."];
  const opened = isOpen(state);
  if (work.assignment.predict && (!opened || predictionOf(state) === null)) missing.push("Your prediction: step 2.");
  const { runs, ofRuns } = spent(study);
  if (!opened) missing.push("The study: it has not been opened yet.");
  else if (study.status !== "done")
    missing.push(`The study: ${count(runs)} of ${count(ofRuns)} trials are done, step 3.`);
  work.assignment.questions.forEach((question, index) => {
    const answer = kindOf(question).answer(typedFor(work, question.id), question);
    if ("why" in answer) missing.push(`Question ${index + 1}: ${answer.why}.`);
  });
  return missing;
}

/**
 * How many trials the file that was downloaded had, if the study went on since; `null` if it did not.
 *
 * @param {Pick<State, "study"|"assignment">} state
 */
export function outdated(state) {
  const saved = state.assignment?.saved;
  const more = saved && !saved.complete && isOpen(state) && spent(state.study).runs > saved.trials;
  return more ? saved.trials : null;
}

/**
 * The text of the file.
 *
 * @param {AssignmentState} work
 * @param {Prediction|null} prediction
 * @param {string} record  as text
 */
export function submissionText(work, prediction, record) {
  const { assignment, hash, student, seed } = work;
  const answers = assignment.questions.flatMap((question) => {
    const answer = kindOf(question).answer(typedFor(work, question.id), question);
    return "value" in answer ? [[question.id, answer.value]] : [];
  });
  const head = {
    schema: SUBMISSION,
    assignment: assignment.id,
    assignment_sha256: hash,
    student: trimmed(student),
    seed,
    ...(assignment.predict && prediction ? { prediction } : {}),
    answers: Object.fromEntries(answers),
  };
  return `${JSON.stringify(head, null, 2).replace(/\n\}$/, "")},\n  "record": ${record.trim()}\n}\n`;
}

/** The name of the file. @param {AssignmentState} work */
export function submissionName({ assignment, student }) {
  const plain = known(student)
    .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}._-]+/gu, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return `${assignment.id}.${plain || "student"}.submission.json`;
}

/**
 * Points that a record is worth if it is as it should be: all of them for all trials, and of fewer their share.
 *
 * @param {Pick<State, "study"|"assignment">} state
 */
export function evidencePoints({ study, assignment }) {
  const { runs, ofRuns } = spent(study);
  const points = assignment?.assignment.evidence ?? 0;
  return ofRuns > 0 ? Math.floor((points * runs) / ofRuns) : 0;
}
