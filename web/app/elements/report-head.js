/** What the report is of, where its numbers come from, and how much of it is there. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { studyBadge } from "../badge.js";
import { unbroken } from "../format.js";
import { leadOf, partialOf } from "../verdicts.js";
import { spent } from "../study-state.js";

/** @typedef {import("../store.js").State} State */

export class ReportHead extends BaseElement {
  #title = h("h2", { id: "report-title", tabindex: -1 });
  #badge = h("span", { class: "badge" });
  #claim = h("p", { class: "claim note" });
  #lead = h("p", { class: "lead" });
  #partial = h("p", { class: "partial note" });
  #empty = h(
    "div",
    { class: "empty" },
    h("p", { class: "lead" }, "This study has no results yet: none of its trials has run here."),
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
  #others = h(
    "div",
    { class: "others" },
    h("p", {}, "Other studies come with stored results, to open in its place:"),
    h("ul"),
  );

  build() {
    this.append(
      h("div", { class: "heading" }, this.#title, this.#badge),
      this.#claim,
      this.#lead,
      this.#partial,
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
    for (const part of [this.#lead, this.#badge]) part.hidden = reported === null;
    this.#partial.hidden = reported === null;
    if (!reported || !source) return;
    setText(this.#badge, studyBadge(source));
    setAttribute(this.#badge, "data-source", source.kind === "stored" ? "stored" : "computed");
    setText(this.#lead, unbroken(leadOf(reported.report)));
    setText(this.#partial, partialOf(reported.report, spent(study).ofRuns));
    this.#partial.hidden = this.#partial.textContent === "";
  }
}
