/** The prediction of a student, and whether the study that is shown is theirs. */

import { ASSIGNED } from "../link.js";
import { idOf } from "../predict.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {{component: string, needed: boolean}[]} Prediction */

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
  return guess?.map(([component, said]) => ({ component, needed: said === "needed" })) ?? null;
}

/**
 * The guess that a prediction was made of.
 *
 * @param {Prediction} prediction
 * @returns {import("../predict.js").Guess}
 */
export function guessOf(prediction) {
  return prediction.map(({ component, needed }) => [component, needed ? "needed" : "not needed"]);
}

/** Whether two predictions say the same, in the same order. @param {Prediction|null} a @param {Prediction|null} b */
export function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
