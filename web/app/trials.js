/**
 * How many trials a study takes, said the same wherever it is said. Until a study is done that is an estimate: a range
 * of the search that has to be widened adds trials.
 */

import { count } from "./format.js";
import { spent } from "./study-state.js";

/** @typedef {import("./study-state.js").StudyState} StudyState */

/** `about ` before a number of trials or of steps that is an estimate. @param {StudyState} study */
function roughly(study) {
  const { runs, ofRuns } = spent(study);
  return study.complete || runs === ofRuns ? "" : "about ";
}

/** `about 172 trials`. @param {StudyState} study */
export function trialsText(study) {
  const { ofRuns } = spent(study);
  return `${roughly(study)}${count(ofRuns)} ${ofRuns === 1 ? "trial" : "trials"}`;
}

/** `12 of about 172 trials`. @param {StudyState} study */
export function trialsDone(study) {
  return `${count(spent(study).runs)} of ${trialsText(study)}`;
}
