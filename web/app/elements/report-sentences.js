/** A sentence for each component, beside the figure that they are about; what qualifies it is behind a click. */

import { BaseElement, keyedList, h, setText } from "../dom.js";
import { unbroken } from "../format.js";
import { termsOf } from "../glossary.js";
import { markComponent, tellPointed } from "./pointing.js";

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
    tellPointed(this.#list, () => this.store);
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page, component }) {
    if (page.tab !== "report") return;
    if (this.changed("sentences", study.reported?.sentences)) this.#write(study.reported);
    if (this.changed("marked", component, study.reported)) markComponent(this.#list, component);
  }

  /** @param {import("../protocol.js").ShownReport|null} reported */
  #write(reported) {
    const sentences = reported?.sentences ?? [];
    const labels = new Map(reported?.report.analysis.components.map(({ component, label }) => [component, label]));
    this.hidden = sentences.length === 0;
    keyedList(
      this.#list,
      sentences.map((sentence, index) => ({ ...sentence, index })),
      ({ index }) => String(index),
      () =>
        h(
          "li",
          {},
          h("b"),
          h("span", { class: "first" }),
          h("details", { class: "more" }, h("summary", {}, "Seeds, operators and reasons"), h("p")),
        ),
      (item, { component, first, rest }) => {
        const label = labels.get(component ?? "") ?? "";
        if (component === null) delete item.dataset.component;
        else item.dataset.component = component;
        const [name, said, more] = /** @type {[Element, Element, HTMLDetailsElement]} */ (
          /** @type {unknown} */ ([...item.children])
        );
        setText(name, unbroken(label));
        setText(said, unbroken(first.slice(label.length)));
        more.hidden = rest === "";
        setText(/** @type {Element} */ (more.querySelector("p")), unbroken(rest));
      },
    );
  }
}
