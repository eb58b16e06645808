/** What the report is of, where its numbers come from, and how much of it is there. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { studyBadge } from "../badge.js";
import { count, fine, unbroken } from "../format.js";
import { leadOf, partialOf } from "../verdicts.js";
import { spent } from "../study-state.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {import("../generated/protocol.js").Report} Report */

export class ReportHead extends BaseElement {
  #title = h("h2", { id: "report-title", tabindex: -1 });
  #badge = h("span", { class: "badge" });
  #claim = h("p", { class: "claim note" });
  #lead = h("p", { class: "lead" });
  #facts = h("dl", { class: "facts" });
  #partial = h("p", { class: "partial note" });
  #empty = h(
    "div",
    { class: "empty" },
    h("p", { class: "lead" }, "This study has no results yet."),
    h(
      "p",
      {},
      h(
        "button",
        { type: "button", class: "primary", onclick: () => this.store.send({ type: "tab", tab: "study" }) },
        "Go to the study",
      ),
    ),
  );
  #others = h("div", { class: "others" }, h("p", {}, "Stored studies:"), h("ul"));

  build() {
    this.append(
      h("div", { class: "heading" }, this.#title, this.#badge),
      this.#claim,
      this.#lead,
      this.#partial,
      this.#facts,
      this.#empty,
      this.#others,
    );
  }

  focusFallback() {
    return this.#title;
  }

  /** @param {State} state */
  draw({ study, page, engine }) {
    if (
      page.tab !== "report" ||
      !this.changed(
        "reported",
        study.reported,
        study.source,
        study.sheet,
        study.presets,
        study.status,
        study.name,
        engine.status,
      )
    )
      return;
    const { reported, source, sheet, name, presets } = study;
    setText(this.#title, sheet?.study?.title ?? name ?? "Report");
    setText(this.#claim, sheet?.study?.claim ? `Claim: ${sheet.study.claim}` : "");
    this.#claim.hidden = this.#claim.textContent === "";
    // What is known of a study is looked up first.
    const unopened = ["idle", "opening"].includes(study.status) && !sheet?.refused;
    const looking = (engine.status === "ready" && unopened) || engine.status === "loading" || study.done.size > 0;
    this.#empty.hidden = reported !== null || looking;
    this.#others.hidden = reported !== null || presets.length === 0 || looking;
    keyedList(
      /** @type {Element} */ (this.#others.querySelector("ul")),
      presets,
      (preset) => preset.name,
      (preset) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "sentence",
              onclick: () => this.store.send({ type: "studyPreset", name: preset.name }),
            },
            preset.title,
          ),
        ),
      () => undefined,
    );
    for (const part of [this.#lead, this.#facts, this.#badge]) part.hidden = reported === null;
    this.#partial.hidden = reported === null;
    if (!reported || !source) return;
    setText(this.#badge, studyBadge(source));
    setAttribute(this.#badge, "data-source", source.kind === "stored" ? "stored" : "computed");
    setText(this.#lead, unbroken(leadOf(reported.report)));
    setText(this.#partial, partialOf(reported.report, spent(study).ofRuns));
    this.#partial.hidden = this.#partial.textContent === "";
    keyedList(
      this.#facts,
      factsOf(reported.report, sheet?.study?.units ?? reported.report.analysis.units),
      ({ label }) => label,
      ({ label, help }) =>
        h("div", {}, h("dt", {}, label), h("dd", { class: "number" }), h("dd", { class: "note" }, help)),
      (row, { value }) => setText(/** @type {Element} */ (row.querySelector("dd")), value),
    );
  }
}

/** @param {Report} report @param {number} units @returns {{label: string, value: string, help: string}[]} */
function factsOf({ analysis, reference, spent, registration, constant_predictor }, units) {
  const facts = [
    analysis.unit_of_analysis === "seed"
      ? { label: "Seeds", value: String(units), help: "one trial of every arm per seed, paired" }
      : {
          label: "Repetitions",
          value: String(units),
          help: "of the whole search and its final seeds; each counts once",
        },
    {
      label: "Margin",
      value: analysis.margin === null ? "not fixed yet" : fine(analysis.margin),
      help: "the smallest difference that matters",
    },
    {
      label: "Reference",
      value: reference ? `${fine(reference.mean)}${reference.sd === null ? "" : ` ± ${fine(reference.sd)}`}` : "—",
      help: "loss of the reference, ± standard deviation",
    },
    {
      label: "Constant predictor",
      value: fine(constant_predictor),
      help: "loss of the best prediction that ignores the input",
    },
    {
      label: "Trials",
      value: `${count(spent.runs)}${spent.diverged > 0 ? `, ${count(spent.diverged)} diverged` : ""}`,
      help: "searches included",
    },
  ];
  if (registration)
    facts.push({
      label: "Registration hash",
      value: registration.slice(0, 16),
      help: "hash of the study and its margin, fixed before any variant ran; it changes if either is changed",
    });
  return facts;
}
