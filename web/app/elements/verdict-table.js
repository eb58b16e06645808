/** Every component with its gaps side by side, the verdict, and what the verdict means. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { resolved, resolvedSigned, unbroken } from "../format.js";
import { gapOf, termOf } from "../glossary.js";
import { isWithin, many, notAblatable, seedsNeeded, sentence, verdictOf, wordOf } from "../verdicts.js";
import { markComponent, tellPointed } from "./pointing.js";

/** @typedef {import("../generated/protocol.js").Component} Component */
/** @typedef {import("../generated/protocol.js").Answer} Gap */
/** @typedef {import("../generated/protocol.js").Question} Question */
/** @typedef {import("../protocol.js").ShownReport} ShownReport */
/** @typedef {import("../generated/protocol.js").ShownStudy} StudyShown */

/** The gaps that have a column, by their formula. */
const COLUMNS = ["D − R", "H − S", "U − R", "N − R"].map(gapOf);

/** What marks the column of a gap. @param {string} symbol */
const glyphOf = (symbol) => ({ "D − R": "disruption", "H − S": "recovery", "U − R": "untuned" })[symbol] ?? "necessity";

export class VerdictTable extends BaseElement {
  #body = h("tbody", { role: "rowgroup" });
  #foot = h("p", { class: "note" });
  #warnings = h("ul", { class: "warnings", "aria-label": "What holds for all verdicts" });
  #table = h(
    "table",
    { role: "table", "aria-labelledby": "verdicts-title" },
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        h("th", { scope: "col", role: "columnheader" }, "Change"),
        ...COLUMNS.map(({ name, meaning, symbol }) =>
          h(
            "th",
            { scope: "col", role: "columnheader", title: meaning },
            h("span", { class: `glyph ${glyphOf(symbol ?? "")}`, "aria-hidden": "true" }),
            sentence(name),
            h("span", { class: "note" }, symbol),
          ),
        ),
        h("th", { scope: "col", role: "columnheader" }, "Verdict"),
      ),
    ),
    this.#body,
  );

  build() {
    this.append(h("h3", { id: "verdicts-title" }, "Verdicts"), this.#warnings, this.#table, this.#foot);
    tellPointed(this.#body, () => this.store);
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page, component }) {
    if (page.tab !== "report") return;
    if (this.changed("reported", study.reported, study.sheet)) this.#write(study);
    if (this.changed("marked", component, study.reported)) markComponent(this.#body, component);
  }

  /** @param {import("../study-state.js").StudyState} study */
  #write({ reported, sheet }) {
    this.hidden = !reported;
    if (!reported) return;
    const { analysis } = reported.report;
    keyedList(
      this.#body,
      analysis.components.map((component, index) => ({ component, index })),
      ({ component }) => component.component,
      ({ component }) =>
        h(
          "tr",
          { role: "row", "data-component": component.component },
          h("th", { scope: "row", role: "rowheader" }, h("code"), h("span", { class: "note" })),
          ...COLUMNS.map(({ key, name }) =>
            h("td", { role: "cell", "data-question": key, "data-label": sentence(name) }),
          ),
          h("td", { role: "cell", class: "verdict", "data-label": "Verdict" }),
        ),
      (row, { component, index }) => patch(row, component, index, reported, sheet?.study ?? null),
    );
    const { warnings } = reported.report;
    this.#warnings.hidden = warnings.length === 0;
    this.#warnings.replaceChildren(...warnings.map(({ text }) => h("li", {}, text)));
    setText(this.#foot, footOf(analysis, sheet?.study?.unit ?? ""));
  }
}

/** @param {ShownReport["report"]["analysis"]} analysis @param {string} unit  of the loss */
function footOf({ units, unit_of_analysis: counted, aa_control, margin }, unit) {
  const over = units === 1 ? many(1, counted) : `paired ${counted}s`;
  const least = margin === null ? "" : ` Within the margin: shown to be smaller than ${resolved(margin, margin)}.`;
  const scale =
    `Differences of loss${unit ? ` (${unit})` : ""} with 95 % intervals over ${over}; positive is worse.` + least;
  const families = "p-values are adjusted for the number of components.";
  if (!aa_control) return `${scale} ${families}`;
  const control = termOf("gap", "aa");
  const within = isWithin(aa_control) ? ", within the margin" : "";
  const value = `${resolvedSigned(aa_control.mean, margin)}${within}`;
  return `${scale} ${families} ${sentence(control.name)} (${control.symbol}): ${value}.`;
}

/**
 * @param {HTMLElement} row
 * @param {Component} component
 * @param {number} index
 * @param {ShownReport} reported
 * @param {StudyShown|null} study
 */
function patch(row, component, index, { report }, study) {
  const { units, margin } = report.analysis;
  setText(/** @type {Element} */ (row.querySelector("code")), unbroken(component.label));
  setText(
    /** @type {Element} */ (row.querySelector("th .note")),
    component.component === component.label.replace("− ", "") ? "" : component.component,
  );
  const variant = study?.variants.find(({ name }) => name === component.component) ?? null;
  const primary = report.ablations?.[index]?.findIndex((ablation) => ablation.primary) ?? -1;
  const way = report.ablations?.[index]?.[primary]?.operator ?? "";
  const trust = variant?.ablations[primary]?.grade ?? null;
  for (const { key } of COLUMNS) {
    const question = /** @type {Question} */ (key);
    const cell = /** @type {Element} */ (row.querySelector(`[data-question="${question}"]`));
    const grade = question === "disruption" || question === "recovery" ? trust : (variant?.grade ?? null);
    const approximate = grade?.grade === "approximate";
    setAttribute(cell, "data-approximate", approximate);
    const gap = component.answers[question];
    const missing =
      question === "disruption" && variant?.not_ablated
        ? notAblatable(variant.not_ablated)
        : question === "recovery" && variant?.not_ablated
          ? "not ablated, so not fine-tuned"
          : "not run yet";
    const why = approximate && h("details", { class: "note" }, h("summary", {}, "approximate"), grade?.reason ?? "");
    cell.replaceChildren(
      ...(gap
        ? [
            ...numbers(gap, report.analysis, approximate, [
              question === "disruption" && way ? `${way} ablation` : "",
              wordOf(gap.verdict),
            ]),
            why || "",
          ]
        : [h("span", { class: "note" }, missing)]),
    );
  }
  const { name, meaning } = verdictOf(component, units);
  // That the reference solves the task holds for every row, and is a warning above all of them.
  const modifiers = component.modifiers
    .filter((modifier) => modifier !== "at_ceiling")
    .map((modifier) => termOf("modifier", modifier))
    .map((term) => h("p", { class: "modifier" }, h("b", {}, term.name), `: ${term.meaning}`));
  const { necessity, matched } = component.answers;
  const equal = matched
    ? h("p", { class: "modifier" }, h("b", {}, gapOf("M − R").name), `: ${gapText(matched, margin)}`)
    : "";
  const seeds = necessity ? seedsNeeded(necessity.verdict, necessity.n, report.analysis.unit_of_analysis) : "";
  const cell = /** @type {HTMLElement} */ (row.querySelector(".verdict"));
  cell.dataset.combined = component.combined ?? "none";
  cell.replaceChildren(
    h("b", { class: "name" }, name),
    h("p", {}, meaning),
    ...(component.combined === "undetermined" && seeds ? [h("p", { class: "seeds" }, seeds)] : []),
    equal,
    ...modifiers,
  );
}

/** @param {Gap} gap @param {number|null} margin */
function gapText({ mean, ci95, verdict }, margin) {
  return `${resolvedSigned(mean, margin)}${intervalOf(ci95, margin)}, ${wordOf(verdict)}`;
}

/** @param {Gap["ci95"]} ci95 @param {number|null} margin */
function intervalOf(ci95, margin) {
  return ci95 ? ` [${resolved(ci95[0], margin)}, ${resolved(ci95[1], margin)}]` : "";
}

/**
 * A gap in a cell. One that was shown to be smaller than the margin is read as that, and its number comes second.
 *
 * @param {Gap} gap
 * @param {ShownReport["report"]["analysis"]} analysis
 * @param {boolean} approximate
 * @param {string[]} words
 */
function numbers(gap, { unit_of_analysis: unit, margin }, approximate, words) {
  const { mean, ci95, n } = gap;
  const value = `${approximate ? "≈ " : ""}${resolvedSigned(mean, margin)}`;
  const interval = intervalOf(ci95, margin).trim() || (n === 1 ? many(n, unit) : "");
  const note = h("span", { class: "note" }, words.filter(Boolean).join(", "));
  if (margin !== null && isWithin(gap))
    return [
      h("span", { class: "value within" }, "within the margin"),
      " ",
      h("span", { class: "interval number" }, `${value} ${interval}`),
      " ",
      note,
    ];
  return [
    h("span", { class: "value number" }, value),
    " ",
    h("span", { class: "interval number" }, interval),
    " ",
    note,
  ];
}
