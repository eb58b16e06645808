/** The guess before the results: asked by `predict.js`, in a place of its own. */

import { BaseElement, h } from "../../dom.js";
import { isOpen, predictionOf } from "../submission.js";

export class AssignmentPredict extends BaseElement {
  #place = h("div", { "data-place": "predict" });

  build() {
    this.append(
      h("p", {}, "Results stay hidden until you have committed to a guess. It is handed in, and it need not be right."),
      this.#place,
    );
  }

  /** @param {import("../../store.js").State} state */
  draw({ page }) {
    // It may have been asked for before, somewhere else on the page.
    const asking = page.predict && document.querySelector("predict-first");
    if (asking && !this.#place.contains(asking)) this.#place.append(asking);
  }
}

/** @type {import("./all.js").Step} */
export const predict = {
  key: "predict",
  title: "Predict",
  Element: AssignmentPredict,
  asked: ({ assignment }) => assignment?.assignment.predict ?? false,
  stateOf: (state) => {
    if (!isOpen(state)) return { text: "after step 1", done: false };
    return predictionOf(state) ? { text: "made", done: true } : { text: "to do", done: false };
  },
};
