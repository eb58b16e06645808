/** Verdicts of a report in the words of the engine's vocabulary. */

import { count } from "./format.js";
import { termOf, termsOf } from "./glossary.js";

/** @typedef {import("./generated/protocol.js").Component} Component */
/** @typedef {import("./generated/protocol.js").Needs} Needs */
/** @typedef {import("./generated/protocol.js").Unit} Unit */
/** @typedef {import("./generated/protocol.js").Verdict} Verdict */
/** @typedef {import("./generated/protocol.js").Report} Report */

/**
 * The verdict on a component, and what follows from it.
 *
 * @param {Component} component
 * @param {number} units
 * @returns {{name: string, meaning: string}}
 */
export function verdictOf({ combined, changed, answers }, units) {
  if (combined) return combinedTerm(combined, changed);
  if (units === 1) {
    const meaning = "One seed is one draw, and another can reverse the order. A verdict takes several seeds.";
    return { name: "no verdict", meaning };
  }
  if (Object.keys(answers).length === 0) return { name: "not run yet", meaning: "Its arms have no results yet." };
  return { name: "not known yet", meaning: "Some of the arms that a verdict compares have no results yet." };
}

/**
 * Whether a gap was shown to lie within the margin.
 *
 * @param {{verdict: Verdict|null}} gap
 */
export function isWithin({ verdict }) {
  if (!verdict) return false;
  if (verdict.verdict === "equivalent" || verdict.verdict === "unchanged") return true;
  return "extent" in verdict && verdict.extent === "negligible";
}

/**
 * Why a component cannot be ablated, in a few words, as in the figure: the first clause of the reason, which the card
 * has in full.
 *
 * @param {string} reason
 */
export function notAblatable(reason) {
  const clause = (reason.split(";")[0] ?? "").replace(/^it /, "").replace(/ cannot be ablated$/, "");
  return `not ablatable: ${clause}`;
}

/** @param {string} combined @param {boolean} changed */
function combinedTerm(combined, changed) {
  const ofChange = changed && termsOf("combined-of-change").find(({ key }) => key === combined);
  return ofChange || termOf("combined", combined);
}

/**
 * A verdict on one gap in a word or three.
 *
 * @param {Verdict|null|undefined} verdict
 */
export function wordOf(verdict) {
  if (!verdict) return "";
  // Where nothing is known of the size nothing is said of it.
  const extent = "extent" in verdict && verdict.extent !== "plain" ? `, ${termOf("extent", verdict.extent).name}` : "";
  return `${termOf("verdict", verdict.verdict).name}${extent}`;
}

/** `one seed`, `12 repetitions`. @param {number} n @param {Unit} unit */
export function many(n, unit) {
  return n === 1 ? `one ${unit}` : `${count(n)} ${unit}s`;
}

/**
 * How many seeds an inconclusive gap takes, as a sentence.
 *
 * @param {Verdict|null|undefined} verdict
 * @param {number} n
 * @param {Unit} unit
 */
export function seedsNeeded(verdict, n, unit) {
  if (verdict?.verdict !== "inconclusive" || verdict.needs === null) return "";
  return `${sentence(neededText(verdict.needs, unit))}; there ${n === 1 ? "is" : "are"} ${many(n, unit)}.`;
}

/** How many are needed, and for what. @param {Needs} needs @param {Unit} unit */
export function neededText({ pairs, sought }, unit) {
  const what = "difference" in sought ? "80 % power at the observed effect" : "80 % power";
  return `about ${many(pairs, unit)} needed (${what})`;
}

/** @param {string} text */
export function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/**
 * What it takes to decide whether a component is needed; `null` if that is decided, or unknown.
 *
 * @param {Component} component
 */
export function openNeeds({ answers: { necessity } }) {
  return necessity?.verdict?.verdict === "inconclusive" ? necessity.verdict.needs : null;
}

/** The verdicts of a report in one sentence; what each of them rests on stands below. @param {Report} report */
export function leadOf(report) {
  const { components, units, unit_of_analysis: unit } = report.analysis;
  const open = components.filter(({ combined }) => combined === "undetermined");
  const settled = components.filter(({ combined }) => combined && combined !== "undetermined");
  if (settled.length === 0)
    return open.length > 0 ? `${inconclusive(open, unit)}${hanging(report)}` : noVerdict(units, unit);
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const component of settled) {
    const { name } = verdictOf(component, units);
    groups.set(name, [...(groups.get(name) ?? []), listed(component.label)]);
  }
  const named = [...groups].map(([name, labels]) => `${name}: ${labels.join(", ")}`);
  const rest = open.map(({ label }) => listed(label)).join(", ");
  return `${sentence(named.join("; "))}.${rest ? ` Undetermined: ${rest}.` : ""}${hanging(report)}`;
}

/**
 * Which verdicts would be others with another setting of the reference that scored as well, or without one seed, as
 * sentences with a space before each; empty where none would.
 *
 * @param {Report} report
 */
function hanging({ analysis: { components, unit_of_analysis: unit }, stability: { settings, left_out } }) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  components.forEach(({ label, combined }, index) => {
    const another = (/** @type {{verdicts: (string|null)[]}} */ { verdicts }) =>
      (verdicts[index] ?? combined) !== combined;
    const without = left_out.filter(another).length;
    const choices = [
      settings.some(another) ? "the setting of the reference" : "",
      without === 1 ? `one ${unit}` : without > 1 ? `single ${unit}s` : "",
    ].filter(Boolean);
    const hung = choices.join(" and on ");
    if (hung) groups.set(hung, [...(groups.get(hung) ?? []), listed(label)]);
  });
  const sentences = [...groups].map(
    ([hung, labels]) =>
      ` The ${labels.length === 1 ? "verdict on" : "verdicts on"} ${labels.join(", ")} ` +
      `${labels.length === 1 ? "depends" : "depend"} on ${hung}.`,
  );
  return sentences.join("");
}

/** @param {number} units @param {Unit} unit */
function noVerdict(units, unit) {
  return units === 1 ? `${sentence(many(1, unit))}: no verdict.` : "No verdict yet.";
}

/** @param {Component[]} open @param {Unit} unit */
function inconclusive(open, unit) {
  const [most] = open.flatMap((component) => openNeeds(component) ?? []).sort((a, b) => b.pairs - a.pairs);
  const needed = most ? ` ${sentence(neededText(most, unit))}.` : "";
  return `Inconclusive: neither a difference nor its absence was shown.${needed}`;
}

/** A label in a list: one that has a comma of its own is kept together. @param {string} label */
function listed(label) {
  return label.includes(", ") ? `(${label})` : label;
}

/**
 * What is still missing, as a sentence; empty when nothing is.
 *
 * @param {Report} report
 * @param {number} expected  trials that the study is expected to take
 */
export function partialOf({ progress, analysis }, expected) {
  const unit = analysis.unit_of_analysis;
  if (analysis.units === 1) return `Results of ${many(1, unit)}: they are shown, and no verdict is drawn from them.`;
  if (progress.complete) return "";
  const about = expected > progress.known ? "about " : "";
  const runs = `${count(progress.done)} of ${about}${count(Math.max(expected, progress.known))} trials are done`;
  return `Partial: ${runs}. Only complete ${unit}s are counted, and verdicts may still change.`;
}
