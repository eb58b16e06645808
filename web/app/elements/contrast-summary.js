/**
 * The gaps on one axis: how far ablating, fine-tuning and retraining without the component move the loss, beside the
 * loss of the reference and of the constant predictor. Each row says in place what its mark means. What other seeds
 * came to stands behind the marks.
 */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { seedsText } from "../badge.js";
import { signed } from "../format.js";
import { constantLoss, lossesOf } from "../headline.js";
import { otherSeeds } from "../seeds.js";
import { ablationOf, approximationOf, settledView } from "../store.js";

/** @typedef {import("../generated/protocol.js").View} View */
/** @typedef {import("../generated/protocol.js").Contrast} Contrast */

const MARKS = /** @type {const} */ ([
  { name: "disruption", label: "Disruption", help: "ablated in the trained model" },
  { name: "recovery", label: "Recovery gap", help: "ablated, then fine-tuned" },
  { name: "necessity", label: "Necessity", help: "retrained without it, own search" },
  { name: "untuned", label: "Untuned gap", help: "retrained, no own search" },
]);

/** A unit with more characters has no room beside each number. */
export const SHORT = 6;

/** From this share of the axis on there is less room for the name of the constant predictor on its right side. */
const LEFT_FROM = 0.84;

/** Differences that read as 0 are no distances. */
const NOTHING = 0.0005;

export class ContrastSummary extends BaseElement {
  #title = h("p", { class: "axis-title" });
  #reference = h(
    "span",
    { class: "yard reference", "aria-hidden": "true" },
    "reference ",
    h("span", { class: "glyph reference" }),
  );
  #constant = h("span", { class: "yard constant" });
  #numbers = h("dl", { class: "numbers" });
  #axis = h(
    "div",
    { class: "axis" },
    h("div", { class: "yards" }, this.#title, h("div", { class: "scale" }, this.#reference, this.#constant)),
    this.#numbers,
  );
  #sentence = h("p", { class: "sentence-big" });
  #facts = h("p", { class: "facts note" });
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
    this.append(this.#axis, h("div", { class: "statement" }, this.#sentence, this.#facts, this.#why));
    this.#drawAxis(null, null, [], "");
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const view = settledView(state);
    const ablation = ablationOf(state);
    const { diverged } = state.run;
    if (this.changed("settings", state.description)) setText(this.#facts, factsOf(state.description));
    const approximation = approximationOf(state);
    if (!this.changed("view", view, ablation?.site, diverged, state.seeds, approximation)) return;
    // Differences of losses that diverged say nothing.
    const contrast = diverged ? null : (view?.contrast ?? null);
    setText(
      this.#sentence,
      diverged
        ? "No differences are shown: the loss of a model that diverged says nothing of its components."
        : contrast?.sentence ||
            (ablation
              ? "Not computed yet: press Train to measure what the ablation costs."
              : "Choose a component of the model and ablate it: the effect on the loss is shown here."),
    );
    setAttribute(this.#sentence, "data-open", !contrast || contrast.disruption === null);
    const others = diverged ? [] : otherSeeds(state.seeds, state.description);
    this.#drawAxis(view, contrast, others, approximation);
    this.#why.hidden = !view;
    if (view)
      setText(
        this.#seeds,
        others.length > 0 ? `${others.length + 1} seeds seen here: no verdict` : seedsText(view.source),
      );
  }

  /**
   * @param {View|null} view
   * @param {Contrast|null} contrast
   * @param {import("../seeds.js").SeedMarks[]} others  what other seeds came to
   * @param {string} approximation  why what follows from the ablation is approximate
   */
  #drawAxis(view, contrast, others, approximation) {
    const marks = MARKS.map((mark) => ({ ...mark, value: contrast?.[mark.name] ?? null }));
    const { reference } = lossesOf(view);
    const loss = constantLoss(view);
    const constant = loss !== null && reference !== undefined ? loss - reference : null;
    const all = [
      ...marks.map(({ value }) => value),
      ...others.flatMap((one) => MARKS.map(({ name }) => one[name])),
      constant,
    ].flatMap((value) => (value === null ? [] : [value]));
    const low = Math.min(0, ...all.filter((value) => value < -NOTHING));
    const high = Math.max(NOTHING, ...all);
    const at = (/** @type {number} */ value) => String(Math.max(0, (value - low) / (high - low)));
    const unit = contrast?.unit ?? view?.contrast.unit ?? "";
    setText(this.#title, unit ? `Test loss above reference (${unit})` : "Test loss above reference");
    this.#axis.style.setProperty("--zero", at(0));
    this.#constant.hidden = constant === null;
    setAttribute(this.#axis, "data-constant", constant !== null);
    if (constant !== null) {
      this.#axis.style.setProperty("--constant", at(constant));
      setAttribute(this.#constant, "data-side", Number(at(constant)) > LEFT_FROM ? "left" : "right");
      setText(this.#constant, `constant predictor ${signed(constant)}`);
    }
    const necessity = signed(contrast?.necessity);
    keyedList(
      this.#numbers,
      marks,
      ({ name }) => name,
      ({ name, label, help }) =>
        h(
          "div",
          { class: `gap ${name}` },
          h(
            "dt",
            {},
            h("span", { class: `glyph ${name}`, "aria-hidden": "true" }),
            h("span", { class: "name" }, label),
            " ",
            h("span", { class: "note" }, help),
          ),
          h(
            "dd",
            { class: "number" },
            h("span", { class: "others", "aria-hidden": "true" }),
            h("i", { class: "stem", "aria-hidden": "true" }),
            h("i", { class: `mark glyph ${name}`, "aria-hidden": "true" }),
            h("span", { class: "reading" }, h("span", { class: "value" }), " ", h("span", { class: "unit" })),
          ),
        ),
      (row, { name, value }) => {
        const approximate = approximation !== "" && value !== null && (name === "disruption" || name === "recovery");
        setAttribute(row, "data-approximate", approximate);
        setAttribute(row, "title", approximate ? `Approximate: ${approximation}` : null);
        const said = `${approximate ? "≈ " : ""}${signed(value)}`;
        setText(/** @type {Element} */ (row.querySelector(".value")), said);
        // A long unit is said once, in the title.
        const short = value !== null && unit.length <= SHORT;
        setText(/** @type {Element} */ (row.querySelector(".unit")), short ? unit : "");
        row.style.setProperty("--at", at(value ?? 0));
        setAttribute(row, "data-known", value !== null);
        // The untuned gap is said where it differs: that is what the common shortcut would have reported.
        if (name === "untuned") setAttribute(row, "data-same", value === null || signed(value) === necessity);
        keyedList(
          /** @type {Element} */ (row.querySelector(".others")),
          others.filter((one) => one[name] !== null),
          ({ seed }) => String(seed),
          ({ seed }) => h("i", { title: `seed ${seed}` }),
          (dot, one) => dot.style.setProperty("--at", at(one[name] ?? 0)),
        );
      },
    );
  }
}

/**
 * How the models were trained, beside the numbers that came of it. Nothing is said of a setting, such as label
 * smoothing, that was left as it was before it existed.
 *
 * @param {import("../store.js").State["description"]} description
 */
function factsOf(description) {
  const fields = description?.fields.filter(({ group, path }) => group === "training" || path === "seed") ?? [];
  return fields
    .filter(({ absent, value }) => absent === undefined || absent === null || String(absent) !== String(value))
    .map((field) => {
      const { label, unit, value } = field;
      const options = field.kind === "choice" ? field.options : [];
      const shown = options.find((option) => String(option.value) === String(value))?.label ?? String(value);
      return `${label} ${shown}${unit ? ` ${unit}` : ""}`;
    })
    .join(" · ");
}
