/** A sentence or two for each component, beside the figure that they are about. */

import { Part, each, h, say } from "../dom.js";
import { unbroken } from "../format.js";
import { WORDS } from "../words.js";

export class ReportSentences extends Part {
  #list = h("ul");

  build() {
    this.append(
      this.#list,
      h(
        "details",
        { class: "words note" },
        h("summary", {}, "What the words mean"),
        h("dl", {}, ...WORDS.map(({ word, meaning }) => h("div", {}, h("dt", {}, word), h("dd", {}, meaning)))),
      ),
    );
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("sentences", study.reported?.sentences)) return;
    const sentences = study.reported?.sentences ?? [];
    this.hidden = sentences.length === 0;
    each(
      this.#list,
      sentences.map((text, index) => ({ text, index })),
      ({ index }) => String(index),
      () => h("li"),
      (item, { text }) => say(item, unbroken(text)),
    );
  }
}
