/**
 * Verdicts in words. The engine says them too, but a stored report is read before the engine is there, and on pages
 * where it cannot be.
 */

import { count } from "./format.js";

/** @typedef {import("./protocol.js").Combined} Combined */
/** @typedef {import("./protocol.js").Component} Component */
/** @typedef {import("./protocol.js").Modifier} Modifier */
/** @typedef {import("./protocol.js").Needs} Needs */
/** @typedef {import("./protocol.js").Unit} Unit */
/** @typedef {import("./protocol.js").Verdict} Verdict */

/**
 * Name and two sentences on what it means, as in the engine.
 *
 * @type {Record<Combined, {name: string, meaning: string}>}
 */
export const COMBINED = {
  co_adapted: {
    name: "co-adapted, not necessary",
    meaning:
      "The trained model had come to rely on it, so cutting it hurts. A model that never had it learns to do without.",
  },
  overstated: {
    name: "useful, overstated by cutting",
    meaning:
      "A model that never had it does worse, so it is useful. Cutting it out of a trained model makes it look more useful than it is.",
  },
  necessary: {
    name: "necessary",
    meaning: "A model that never had it does worse, even with its own hyper-parameters. It is needed here.",
  },
  redundant: {
    name: "redundant",
    meaning:
      "Neither cutting it nor learning without it changes the loss by more than the margin. Other parts may stand in for it.",
  },
  training_time: {
    name: "training-time necessity",
    meaning:
      "A model that learns without it does worse, and cutting it afterwards has not shown that. It matters while the model learns.",
  },
  not_necessary: {
    name: "not necessary",
    meaning: "A model that never had it does as well. That cutting it hurts was not shown, or was not asked.",
  },
  harmful: {
    name: "harmful here",
    meaning: "A model that never had it does better. Here the component costs more than it brings.",
  },
  undetermined: {
    name: "undetermined",
    meaning: "Neither a difference nor its absence was shown. This is not evidence that the component is not needed.",
  },
};

/**
 * The same where something is not left out but changed: "harmful" would not say which of the two is.
 *
 * @type {Partial<Record<Combined, {name: string, meaning: string}>>}
 */
export const CHANGED = {
  training_time: {
    name: "worse with the change",
    meaning:
      "A model trained so from the start does worse. What was there before is needed here, and cutting cannot show that.",
  },
  not_necessary: {
    name: "as good with the change",
    meaning: "A model trained so from the start does as well. What was there before is not necessary here.",
  },
  harmful: {
    name: "better with the change",
    meaning: "A model trained so from the start does better. What was there before costs more here than it brings.",
  },
  undetermined: {
    name: "undetermined",
    meaning: "Neither a difference nor its absence was shown. This is not evidence that the change makes none.",
  },
};

/** @type {Record<Modifier, {name: string, meaning: string}>} */
export const MODIFIERS = {
  recoverable: {
    name: "recoverable",
    meaning: "A twentieth of the training, or less, makes up for the cut, and faster than learning anew.",
  },
  entangled: {
    name: "entangled",
    meaning: "Part of what the usual shortcut reports is hyper-parameters that are not its own.",
  },
  capacity: { name: "capacity", meaning: "At equal size the difference is gone." },
  unlucky: {
    name: "unlucky search",
    meaning:
      "With the reference's hyper-parameters it does better than with those of its own search, which chose badly.",
  },
  small: { name: "perhaps negligible", meaning: "A difference was found, and it may be smaller than the margin." },
  edge: {
    name: "edge",
    meaning:
      "The search chose a point at the edge of its range even after the range was widened, so the arm may be under-tuned.",
  },
};

/**
 * The verdict on a component in words, and what follows from them.
 *
 * @param {Component} component
 * @param {number} units
 * @returns {{name: string, meaning: string}}
 */
export function verdictOf({ combined, changed, answers }, units) {
  if (combined) return (changed && CHANGED[combined]) || COMBINED[combined];
  if (units === 1)
    return {
      name: "no verdict",
      meaning: "One seed is one draw: another one can turn the order around. A verdict needs several.",
    };
  if (Object.keys(answers).length === 0) return { name: "not run yet", meaning: "Its arms have no results yet." };
  return { name: "not known yet", meaning: "The arms that a verdict needs are not all there." };
}

/** How much worse, or how much better, as in the engine. @type {Record<"material"|"negligible"|"plain", string>} */
export const EXTENTS = { material: ", by the margin or more", negligible: ", but by less than the margin", plain: "" };

/**
 * A verdict on one gap in a word or three. Only of a part that is left out it can be said that a model is better
 * without.
 *
 * @param {Verdict|null|undefined} verdict
 * @param {boolean} changed  whether something is not left out but changed
 */
export function wordOf(verdict, changed) {
  switch (verdict?.verdict) {
    case "worse":
      return `worse${EXTENTS[verdict.extent]}`;
    case "better-without":
      return `better${changed ? "" : " without"}${EXTENTS[verdict.extent]}`;
    case "equivalent":
      return "equivalent";
    case "inconclusive":
      return "inconclusive";
    default:
      return "";
  }
}

/** `one seed`, `12 repetitions`. @param {number} n @param {Unit} unit */
export function many(n, unit) {
  return n === 1 ? `one ${unit}` : `${count(n)} ${unit}s`;
}

/**
 * What an inconclusive gap would take, as a sentence.
 *
 * @param {Verdict|null|undefined} verdict
 * @param {number} n
 * @param {Unit} unit
 */
export function seedsNeeded(verdict, n, unit) {
  if (verdict?.verdict !== "inconclusive" || verdict.needs === null) return "";
  return `${sentence(wouldTell(verdict.needs, unit))}; there ${n === 1 ? "is" : "are"} ${many(n, unit)}.`;
}

/** How many would tell, and if what. @param {Needs} needs @param {Unit} unit */
export function wouldTell({ blocks, sought }, unit) {
  return `about ${many(blocks, unit)} would tell${"difference" in sought ? ", if it is as large as seen" : ""}`;
}

/** @param {string} text */
export function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/**
 * What would tell whether a component is needed; `null` if that is told, or nobody knows.
 *
 * @param {Component} component
 */
export function openNeeds({ answers: { necessity } }) {
  return necessity?.verdict?.verdict === "inconclusive" ? necessity.verdict.needs : null;
}
