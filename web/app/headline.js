/**
 * The two answers in one plain line, each beside the loss of a model that ignores its input: a number without its
 * yardstick says nothing to a reader who sees it for the first time. A pure function of the numbers that the engine
 * gives.
 */

import { measure } from "./format.js";

/** @typedef {import("./generated/protocol.js").View} View */
/** @typedef {import("./generated/protocol.js").ArmView} ArmView */
/** @typedef {"reference"|"disruption"|"necessity"} Mark */
/** @typedef {{text: string, mark?: Mark, line?: boolean}} Piece  `line`: begins a line where there is room */
/** @typedef {{arm: string, step: number, searched?: boolean}} Diverged  `searched`: at every learning rate it tried */

/** Losses closer to the constant predictor's than this share of what the reference gains on it are called the same. */
const SAME = 0.05;

/**
 * The test loss of each arm that has one, by the arm's name.
 *
 * @param {View|null} view
 * @returns {Partial<Record<string, number>>}
 */
export function lossesOf(view) {
  const arms = view?.panels.flatMap((panel) => panel.arms) ?? [];
  return Object.fromEntries(
    arms.flatMap(({ name, measures }) => {
      const value = measures[0]?.value ?? null;
      return value === null || !Number.isFinite(value) ? [] : [[name, value]];
    }),
  );
}

/**
 * The test loss of the constant predictor, on the same examples as the arms.
 *
 * @param {View|null} view
 * @returns {number|null}
 */
export function constantLoss(view) {
  for (const { arms } of view?.panels ?? []) {
    const found = arms[0]?.measures[0]?.constant_predictor ?? null;
    if (found !== null) return found;
  }
  return null;
}

/**
 * The arm that a panel is of: the model that is retrained without a search of its own is another arm than the one with.
 *
 * @param {View|null} view
 * @param {string} panel
 * @returns {ArmView|null}
 */
export function armIn(view, panel) {
  return view?.panels.find(({ name }) => name === panel)?.arms[0] ?? null;
}

/**
 * How a loss stands to that of the constant predictor. The reference says how much there is to gain on it.
 *
 * @param {number} loss
 * @param {number|null} constant
 * @param {number|undefined} reference
 * @returns {"better"|"same"|"worse"|"unknown"}
 */
export function standing(loss, constant, reference) {
  if (constant === null) return "unknown";
  const gain = Math.max(constant - (reference ?? constant), 0);
  if (Math.abs(loss - constant) <= SAME * gain) return "same";
  return loss > constant ? "worse" : "better";
}

/** What is said of a loss beside the number, if it says anything. */
export const STANDINGS = {
  better: "",
  same: "no better than the constant predictor",
  worse: "worse than the constant predictor",
  unknown: "",
};

/** A loss in a headline: what rounds to nothing is nothing. @param {number} value */
export function plain(value) {
  return Math.abs(value) < 0.0005 ? "0" : measure(value);
}

/** How an arm is called in the sentence on its divergence. @type {Record<string, string>} */
const WHERE = {
  reference: "",
  sham: " of the sham",
  recovered: " of the ablated model",
  "short-retrain": " without the component",
  retrained: " without the component",
  "retrained-untuned": " without the component",
};

/** @param {Diverged} diverged */
export function divergedText({ arm, step, searched = false }) {
  const when = searched ? "at every learning rate that was tried" : `at step ${step}`;
  return `Training${WHERE[arm] ?? ""} diverged ${when}: lower the learning rate.`;
}

/**
 * The headline in pieces: a piece with a mark is the number that this mark shows on the axis.
 *
 * @param {View|null} view
 * @param {{site: string|null, diverged?: Diverged|null, running?: boolean}} given  the component that is ablated, as it
 *   is called
 * @returns {Piece[]}
 */
export function headline(view, { site, diverged = null, running = false }) {
  if (diverged) return [{ text: divergedText(diverged) }];
  const losses = lossesOf(view);
  const { reference, ablated } = losses;
  const without = armIn(view, "retrained");
  const retrained = losses[without?.name ?? ""];
  const constant = constantLoss(view);
  const name = view?.contrast.site ?? site;
  if (site === null)
    return [{ text: "Choose a part of the model. What does ablating it cost, and what does retraining without it?" }];
  if (reference === undefined || ablated === undefined)
    return [
      { text: `Ablate ${name}, or retrain without it: which costs more? ` },
      { text: running ? "Training tells." : "Press Train." },
    ];
  const hurt = standing(ablated, constant, reference);
  /** @type {Piece[]} */
  const pieces = [
    { text: `Ablate ${name}: loss ` },
    { text: plain(reference), mark: "reference" },
    { text: "\u00a0→\u00a0" },
    { text: plain(ablated), mark: "disruption" },
    {
      text: hurt === "better" || hurt === "unknown" ? ". " : `, ${STANDINGS[hurt]} (${measure(constant)}). `,
    },
    { text: "Retrain without it: ", line: true },
  ];
  if (without?.status === "refused") return [...pieces, { text: `refused. ${without.reason ?? ""}`.trim() }];
  if (retrained === undefined) return [...pieces, { text: running ? "not trained yet." : "press Train." }];
  const again = standing(retrained, constant, reference);
  const kept = plain(retrained) === plain(reference);
  const bad = again === "same" || again === "worse";
  const also = bad && again === hurt ? `, also ${again === "worse" ? "worse" : "no better"}` : "";
  const apart = !bad || also ? "" : `, ${STANDINGS[again]} (${measure(constant)})`;
  return [
    ...pieces,
    { text: kept ? "still " : "" },
    { text: plain(retrained), mark: "necessity" },
    { text: `${kept ? "" : also || apart}.` },
  ];
}
