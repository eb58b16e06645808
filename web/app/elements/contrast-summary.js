/**
 * The sentence that the page exists for, with its gaps on one line: how far ablating, fine-tuning and retraining
 * without the component move the loss.
 */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { badge, seedsText } from "../badge.js";
import { signed } from "../format.js";
import { ablationOf, settledView } from "../store.js";

/** @typedef {import("../generated/protocol.js").View} View */
/** @typedef {import("../generated/protocol.js").Contrast} Contrast */

const MARKS = /** @type {const} */ ([
  { name: "disruption", label: "Disruption", help: "ablated in the trained model" },
  { name: "recovery", label: "Recovery gap", help: "ablated, then fine-tuned, against the sham" },
  { name: "necessity", label: "Necessity", help: "retrained without it, own search" },
  { name: "untuned", label: "Untuned gap", help: "retrained at the reference's learning rate" },
]);

export class ContrastSummary extends BaseElement {
  #sentence = h("p", { class: "sentence-big" });
  #numbers = h("dl", { class: "numbers" });
  #axis = h("div", { class: "axis", "aria-hidden": "true" });
  #badge = h("span", { class: "badge" });
  #seeds = h("summary");
  #why = h(
    "details",
    { class: "seeds" },
    this.#seeds,
    h(
      "p",
      {},
      "One seed is one draw, and another can reverse the order. A verdict takes several paired seeds, a search for " +
        "each arm, and a margin that was fixed before.",
    ),
  );

  build() {
    this.append(
      h("div", { class: "statement" }, this.#sentence, " ", this.#badge),
      this.#axis,
      this.#numbers,
      this.#why,
    );
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const view = settledView(state);
    const stale = state.view !== null && view !== state.view;
    const ablation = ablationOf(state);
    if (!this.changed("view", view, stale, ablation?.site)) return;
    const contrast = view?.contrast ?? null;
    setText(
      this.#sentence,
      contrast?.sentence ||
        (ablation
          ? "Not computed yet: press Train to measure what the ablation costs."
          : "Choose a component of the model and ablate it: the effect on the loss is shown here."),
    );
    setAttribute(this.#sentence, "data-open", !contrast || contrast.disruption === null);
    const marks = MARKS.map((mark) => ({ ...mark, value: contrast?.[mark.name] ?? null }));
    keyedList(
      this.#numbers,
      marks,
      ({ name }) => name,
      ({ name, label, help }) =>
        h(
          "div",
          { class: name },
          h("dt", {}, h("span", { class: `glyph ${name}`, "aria-hidden": "true" }), label),
          h("dd", { class: "number" }, h("span", { class: "value" }), " ", h("span", { class: "unit" })),
          h("dd", { class: "note" }, help),
        ),
      (element, { value }) => {
        setText(/** @type {Element} */ (element.querySelector(".value")), signed(value));
        setText(/** @type {Element} */ (element.querySelector(".unit")), value === null ? "" : (contrast?.unit ?? ""));
      },
    );
    this.#drawAxis(marks);
    setText(
      this.#badge,
      view
        ? `${badge(view.source)}${stale ? "; what is computed here replaces it when the arms are done" : ""}`
        : "not run yet",
    );
    setAttribute(this.#badge, "data-source", view?.source.kind ?? "none");
    this.#why.hidden = !view;
    if (view) setText(this.#seeds, seedsText(view.source));
  }

  /**
   * The marks on one line from zero; what is lower than zero is a gain.
   *
   * @param {{name: string, value: number|null}[]} marks
   */
  #drawAxis(marks) {
    const known = marks.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]));
    // Differences that read as 0 are no distances.
    this.#axis.hidden = known.every(({ value }) => Math.abs(value) < 0.0005);
    const low = Math.min(0, ...known.map(({ value }) => value));
    const high = Math.max(0, ...known.map(({ value }) => value));
    const at = (/** @type {number} */ value) => (high > low ? (100 * (value - low)) / (high - low) : 0);
    keyedList(
      this.#axis,
      [{ name: "zero", value: 0 }, ...known],
      ({ name }) => name,
      ({ name }) => h("i", { class: name === "zero" ? "zero" : `glyph ${name}` }),
      (mark, { value }) => {
        mark.style.left = `${at(value)}%`;
      },
    );
  }
}
