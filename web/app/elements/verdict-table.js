/** Every component with its two answers side by side, the verdict, and what the verdict means. */

import { Part, attribute, each, h, say } from "../dom.js";
import { fine, fineSigned } from "../format.js";
import { MODIFIERS, many, seedsNeeded, verdictOf, wordOf } from "../verdicts.js";

/** @typedef {import("../protocol.js").Component} Component */
/** @typedef {import("../protocol.js").Gap} Gap */
/** @typedef {import("../protocol.js").Question} Question */
/** @typedef {import("../protocol.js").StudyReport} StudyReport */
/** @typedef {import("../protocol.js").Unit} Unit */
/** @typedef {import("../protocol.js").StudyShown} StudyShown */

/** @type {{question: Question, label: string, help: string, glyph: string}[]} */
const COLUMNS = [
  { question: "disruption", label: "Disruption", help: "cut from the trained model", glyph: "disruption" },
  { question: "recovery", label: "Left after healing", help: "against an equally trained sham", glyph: "recovery" },
  { question: "shortcut", label: "The shortcut", help: "never had it, borrowed settings", glyph: "shortcut" },
  { question: "necessity", label: "Necessity", help: "never had it, its own settings", glyph: "necessity" },
];

export class VerdictTable extends Part {
  #body = h("tbody", { role: "rowgroup" });
  #foot = h("p", { class: "note" });
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
        ...COLUMNS.map(({ label, help, glyph }) =>
          h(
            "th",
            { scope: "col", role: "columnheader" },
            h("span", { class: `glyph ${glyph}`, "aria-hidden": "true" }),
            label,
            h("span", { class: "note" }, help),
          ),
        ),
        h("th", { scope: "col", role: "columnheader" }, "Verdict"),
      ),
    ),
    this.#body,
  );

  build() {
    this.append(h("h3", { id: "verdicts-title" }, "Verdicts"), this.#table, this.#foot);
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("reported", study.reported, study.sheet)) return;
    const { reported, sheet } = study;
    this.hidden = !reported;
    if (!reported) return;
    const { analysis } = reported.report;
    each(
      this.#body,
      analysis.components.map((component, index) => ({ component, index })),
      ({ component }) => component.component,
      () =>
        h(
          "tr",
          { role: "row" },
          h("th", { scope: "row", role: "rowheader" }, h("code"), h("span", { class: "note" })),
          ...COLUMNS.map(({ question, label }) =>
            h("td", { role: "cell", "data-question": question, "data-label": label }),
          ),
          h("td", { role: "cell", class: "verdict", "data-label": "Verdict" }),
        ),
      (row, { component, index }) => patch(row, component, index, reported, sheet?.study ?? null),
    );
    const unit = sheet?.study?.unit ? ` Differences of loss (${sheet.study.unit})` : " Differences of loss";
    const placebo = analysis.placebo
      ? ` The placebo, which is the reference run once more as if it were a variant, differs by ${fineSigned(analysis.placebo.mean)}${analysis.noise_floor_exceeded ? ": the noise is too large for anything to be called equivalent" : ""}.`
      : "";
    say(
      this.#foot,
      `${unit.trim()}, with 95 % intervals over ${analysis.units === 1 ? many(1, analysis.unit_of_analysis) : `paired ${analysis.unit_of_analysis}s`}; more is worse. Verdicts are corrected for the number of components.${placebo}`,
    );
  }
}

/**
 * @param {HTMLElement} row
 * @param {Component} component
 * @param {number} index
 * @param {StudyReport} reported
 * @param {StudyShown|null} study
 */
function patch(row, component, index, { report }, study) {
  const { units } = report.analysis;
  say(/** @type {Element} */ (row.querySelector("code")), component.label);
  say(
    /** @type {Element} */ (row.querySelector("th .note")),
    component.component === component.label.replace("− ", "") ? "" : component.component,
  );
  const variant = study?.variants.find(({ name }) => name === component.component) ?? null;
  const primary = report.cuttings?.[index]?.findIndex((cutting) => cutting.primary) ?? -1;
  const way = report.cuttings?.[index]?.[primary]?.operator ?? "";
  const trust = variant?.ablations[primary]?.grade ?? null;
  for (const { question } of COLUMNS) {
    const cell = /** @type {Element} */ (row.querySelector(`[data-question="${question}"]`));
    const grade = question === "disruption" || question === "recovery" ? trust : (variant?.grade ?? null);
    const approximate = grade?.grade === "approximate";
    attribute(cell, "data-approximate", approximate);
    const gap = component.answers[question];
    const missing =
      question === "disruption" && variant?.not_ablated
        ? `no cut: ${variant.not_ablated}`
        : question === "recovery" && variant?.not_ablated
          ? "nothing to heal"
          : "not run yet";
    const why = approximate && h("details", { class: "note" }, h("summary", {}, "approximate"), grade?.reason ?? "");
    cell.replaceChildren(
      ...(gap
        ? [
            ...numbers(gap, report.analysis.unit_of_analysis, approximate, [
              question === "disruption" && way ? `cut: ${way}` : "",
              wordOf(gap.verdict, component.changed),
            ]),
            why || "",
          ]
        : [h("span", { class: "note" }, missing)]),
    );
  }
  const { name, meaning } = verdictOf(component, units);
  const modifiers = component.modifiers.map((modifier) =>
    h("p", { class: "modifier" }, h("b", {}, MODIFIERS[modifier].name), `: ${MODIFIERS[modifier].meaning}`),
  );
  const { necessity, matched } = component.answers;
  const equal = matched
    ? h(
        "p",
        { class: "modifier" },
        h("b", {}, "at equal size"),
        `: ${fineSigned(matched.mean)}${matched.ci95 ? ` [${fine(matched.ci95[0])}, ${fine(matched.ci95[1])}]` : ""}, ${wordOf(matched.verdict, component.changed)}`,
      )
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

/** @param {Gap} gap @param {Unit} unit @param {boolean} approximate @param {string[]} words */
function numbers({ mean, ci95, n }, unit, approximate, words) {
  const interval = ci95 ? `[${fine(ci95[0])}, ${fine(ci95[1])}]` : n === 1 ? many(n, unit) : "";
  return [
    h("span", { class: "value number" }, `${approximate ? "≈ " : ""}${fineSigned(mean)}`),
    " ",
    h("span", { class: "interval number" }, interval),
    " ",
    h("span", { class: "note" }, words.filter(Boolean).join(", ")),
  ];
}
