/**
 * The sentence of the contrast near the top of a narrow page, where the panels and the contrast itself lie several
 * screens below.
 */

import { BaseElement, h, setText } from "../dom.js";
import { badge } from "../badge.js";
import { settledView } from "../store.js";

export class AnswerLine extends BaseElement {
  #sentence = h("p", { class: "sentence" });
  #badge = h("p", { class: "badge" });

  build() {
    this.append(this.#sentence, this.#badge);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const view = settledView(state);
    this.hidden = !view;
    if (!view) return;
    setText(this.#sentence, view.contrast.sentence);
    setText(this.#badge, badge(view.source));
    this.#badge.dataset.source = view.source.kind;
  }
}
