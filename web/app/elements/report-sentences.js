/** A sentence or two for each component, beside the figure that they are about. */

import { BaseElement, keyedList, h, setText } from "../dom.js";
import { unbroken } from "../format.js";
import { termsOf } from "../glossary.js";

/** What a report is written in. */
const WORDS = ["gap", "arm", "combined", "combined-of-change", "modifier", "verdict", "grade"].flatMap(termsOf);

export class ReportSentences extends BaseElement {
  #list = h("ul");

  build() {
    this.append(
      this.#list,
      h(
        "details",
        { class: "words note" },
        h("summary", {}, "Glossary"),
        h("dl", {}, ...WORDS.map(({ name, meaning }) => h("div", {}, h("dt", {}, name), h("dd", {}, meaning)))),
      ),
    );
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("sentences", study.reported?.sentences)) return;
    const sentences = study.reported?.sentences ?? [];
    this.hidden = sentences.length === 0;
    keyedList(
      this.#list,
      sentences.map((text, index) => ({ text, index })),
      ({ index }) => String(index),
      () => h("li"),
      (item, { text }) => setText(item, unbroken(text)),
    );
  }
}
