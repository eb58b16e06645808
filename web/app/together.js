/**
 * Components that are ablated together, every set of them: which can be chosen, and what was found. Pure functions.
 */

/** @typedef {import("./generated/protocol.js").Site} Site */
/** @typedef {import("./generated/protocol.js").Together} Together */

export const FEWEST = 2;
/** As the engine has it: 256 sets. */
export const MOST = 8;

/** What can be chosen, and which of it is chosen first. @type {readonly Site["placement"][]} */
const SORTS = ["branch", "group", "slice"];

/** Branches of blocks, blocks and heads where an operator is offered. @param {Site[]} sites @param {string} operator */
export function offered(sites, operator) {
  return sites.filter(
    ({ kind, placement, parent, ablations }) =>
      SORTS.includes(placement) &&
      (placement !== "branch" || parent !== null) &&
      (placement !== "slice" || kind === "head") &&
      ablations.some((option) => option.operator === operator && option.grade.grade !== "refused"),
  );
}

/** The first sort of which as many as there are can be ablated together, if there is one. @param {Site[]} sites */
export function firstChosen(sites) {
  const sorts = SORTS.map((sort) => sites.filter(({ placement }) => placement === sort).map(({ path }) => path));
  return sorts.find(isEnough) ?? [];
}

/** Whether so many components can be ablated together. @param {string[]} chosen */
export function isEnough(chosen) {
  return chosen.length >= FEWEST && chosen.length <= MOST;
}

/**
 * What is chosen once a component is, or is no more: nothing that holds it or that it holds.
 *
 * @param {string[]} chosen
 * @param {string} path
 * @param {boolean} on
 */
export function choose(chosen, path, on) {
  const apart = chosen.filter(
    (other) => other !== path && !other.startsWith(`${path}.`) && !path.startsWith(`${other}.`),
  );
  return on ? [...apart, path] : chosen.filter((other) => other !== path);
}

/**
 * A sentence that names what choosing `path` has unticked; empty if nothing.
 *
 * @param {string} path
 * @param {string[]} before
 * @param {string[]} after
 */
export function untickedText(path, before, after) {
  const gone = before.filter((other) => other !== path && !after.includes(other));
  if (gone.length === 0) return "";
  const why = gone.some((other) => path.startsWith(`${other}.`)) ? `${path} is a part of it` : `part of ${path}`;
  return `Not ticked any more: ${gone.join(", ")} (${why}).`;
}

/** Whether leaving out and leaving in agree, in a sentence; nothing where they cannot. @param {Together} together */
export function agreement({ kendall_tau: tau }) {
  if (tau === null) return "";
  if (tau >= 1) return "Alone and last rank the components alike (Kendall’s tau 1).";
  const number = tau.toFixed(2).replace("-", "−");
  return (
    `Alone and last rank the components differently (Kendall’s tau ${number}; 1 is alike): neither says what a ` +
    "component is worth. The Shapley value is the mean over all orders."
  );
}
