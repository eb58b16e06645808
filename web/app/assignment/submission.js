/**
 * The file that a student hands in (`ablation-submission/v1`). The record is the engine's own text, put in as it
 * stands: numbers that JavaScript wrote again would look as if somebody had edited them.
 */

import { spent } from "../study-state.js";
import { trialsDone } from "../trials.js";
import { numberOf } from "./order.js";
import { isOpen, predictionOf } from "./prediction.js";
import { kindOf } from "./questions/all.js";
import { SUBMISSION } from "./schemas.js";
import { typedFor } from "./state.js";
import { known, trimmed } from "./student.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {import("./state.js").AssignmentState} AssignmentState */
/** @typedef {import("./prediction.js").Prediction} Prediction */

/** Largest file, in bytes. */
export const LARGEST = 1 << 20;

/**
 * What is missing, in words; empty when nothing is.
 *
 * @param {State} state
 * @returns {string[]}
 */
export function missingOf(state) {
  const { study, assignment: work } = state;
  if (!work) return [];
  const missing = [];
  if (work.student === "") return ["Your name: step 1."];
  const opened = isOpen(state);
  if (work.assignment.predict && (!opened || predictionOf(state) === null))
    missing.push(`Your prediction: step ${numberOf(state, "predict")}.`);
  if (!opened) missing.push("The study: it has not been opened yet.");
  else if (study.status !== "done")
    missing.push(`The study: ${trialsDone(study)} are done, step ${numberOf(state, "run")}.`);
  const { questions } = work.assignment;
  questions.forEach((question, index) => {
    const answer = kindOf(question).answer(typedFor(work, question.id), question);
    if ("why" in answer) missing.push(`Question ${index + 1} of ${questions.length}: ${answer.why}.`);
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
