/**
 * The sentence of the contrast near the top of a narrow page, where the panels and the contrast itself lie several
 * screens below.
 */

import { Part, h, say } from "../dom.js";
import { badge } from "../badge.js";
import { settledView } from "../store.js";

export class AnswerLine extends Part {
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
    say(this.#sentence, view.contrast.sentence);
    say(this.#badge, badge(view.source));
    this.#badge.dataset.source = view.source.kind;
  }
}
