/** What a report says in a sentence of its own, beside those that the engine writes for each component. */

import { count } from "./format.js";
import { many, openNeeds, sentence, verdictOf, wouldTell } from "./verdicts.js";

/** @typedef {import("./protocol.js").Report} Report */

/** The verdicts in one sentence; what each of them rests on stands below. @param {Report} report */
export function leadOf({ analysis }) {
  const open = analysis.components.filter(({ combined }) => combined === "undetermined");
  const settled = analysis.components.filter(({ combined }) => combined && combined !== "undetermined");
  if (settled.length === 0) {
    if (open.length === 0)
      return analysis.units === 1
        ? `${sentence(many(1, analysis.unit_of_analysis))}, and so no verdict.`
        : "No verdict yet.";
    const [most] = open.flatMap((component) => openNeeds(component) ?? []).sort((a, b) => b.blocks - a.blocks);
    return `Inconclusive: neither a difference nor its absence was shown.${most ? ` ${sentence(wouldTell(most, analysis.unit_of_analysis))}.` : ""}`;
  }
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const component of settled) {
    const { name } = verdictOf(component, analysis.units);
    groups.set(name, [...(groups.get(name) ?? []), listed(component.label)]);
  }
  const named = [...groups].map(([name, labels]) => `${name}: ${labels.join(", ")}`);
  const rest = open.length > 0 ? ` Undetermined: ${open.map(({ label }) => listed(label)).join(", ")}.` : "";
  return `${sentence(named.join("; "))}.${rest}`;
}

/** A label among others: what has a comma of its own is kept together. @param {string} label */
function listed(label) {
  return label.includes(", ") ? `(${label})` : label;
}

/**
 * What is still missing, as a sentence; empty when nothing is.
 *
 * @param {Report} report
 * @param {number} expected  runs that the study is expected to take
 */
export function partialOf({ progress, analysis }, expected) {
  if (analysis.units === 1)
    return `${sentence(many(1, analysis.unit_of_analysis))} is labelled as one and gets no verdict.`;
  if (progress.complete) return "";
  return `Partial: ${count(progress.done)} of ${expected > progress.known ? "about " : ""}${count(Math.max(expected, progress.known))} runs are done. Only whole ${analysis.unit_of_analysis}s are counted, and verdicts may still change.`;
}
