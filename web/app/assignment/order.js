/**
 * The order of the steps. A later one is closed, and says why, until what it rests on is done: a guess that is made
 * after the results is none, and an answer without a record is a guess.
 */

import { isOpen, predictionOf } from "./prediction.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {"student"|"predict"|"run"|"questions"|"hand-in"} Key */
/**
 * @typedef {object} Place
 * @property {Key} key
 * @property {(state: State) => boolean} asked  whether this assignment has the step
 * @property {Key[]} after  the steps that it waits for
 * @property {(state: State) => boolean} done  for those that wait for it
 * @property {string} first  what they say meanwhile
 */

/** @type {readonly Place[]} */
const ORDER = [
  {
    key: "student",
    asked: () => true,
    after: [],
    done: ({ assignment }) => assignment !== null && assignment.student !== "",
    first: "Your name comes first",
  },
  {
    key: "predict",
    asked: ({ assignment }) => assignment?.assignment.predict ?? false,
    after: ["student"],
    done: (state) => isOpen(state) && predictionOf(state) !== null,
    first: "Your prediction comes first",
  },
  {
    key: "run",
    asked: () => true,
    after: ["student", "predict"],
    done: (state) => isOpen(state) && state.study.status === "done",
    first: "The study comes first",
  },
  {
    key: "questions",
    asked: ({ assignment }) => (assignment?.assignment.questions.length ?? 0) > 0,
    after: ["student", "predict", "run"],
    done: () => false,
    first: "",
  },
  { key: "hand-in", asked: () => true, after: ["student"], done: () => false, first: "" },
];

/** The steps that the assignment has, in their order. @param {State} state @returns {Key[]} */
export function askedSteps(state) {
  return ORDER.filter(({ asked }) => asked(state)).map(({ key }) => key);
}

/** The number of a step, from 1. @param {State} state @param {Key} key */
export function numberOf(state, key) {
  return askedSteps(state).indexOf(key) + 1;
}

/**
 * What a step waits for: the number of that step, and why; `null` if it is open. Questions that somebody has begun to
 * answer stay open, and so do those of a study that is handed in incomplete on purpose.
 *
 * @param {State} state
 * @param {Key} key
 * @returns {{number: number, why: string}|null}
 */
export function waitsFor(state, key) {
  const { after = [] } = ORDER.find((one) => one.key === key) ?? {};
  const begun = key === "questions" && hasBegun(state);
  const first = ORDER.find(
    (one) => after.includes(one.key) && one.asked(state) && !one.done(state) && !(begun && one.key !== "student"),
  );
  if (!first) return null;
  const number = numberOf(state, first.key);
  return { number, why: `${first.first}: step ${number}.` };
}

/** Whether there are answers, or they are wanted before the study is done. @param {State} state */
function hasBegun({ assignment }) {
  return assignment !== null && (assignment.early || Object.values(assignment.typed).some((text) => text !== ""));
}
