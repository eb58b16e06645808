/** Files that are left out, each with its reason. */

import { seedOf } from "../assignment/student.js";
import { h, keyedList, setText } from "../dom.js";
import { ClassElement } from "./element.js";
import { classOf } from "./summary.js";

export class ClassRefused extends ClassElement {
  #title = h("h2", {}, "Left out");
  #advice = h("p", { class: "note" }, "Ask for the file that the page wrote when the assignment was handed in.");
  #list = h("ul");

  build() {
    this.append(this.#title, this.#advice, this.#list);
  }

  /** @param {import("./state.js").ClassState} state */
  drawClass({ read, refused, given }) {
    if (!this.changed("refused", read, refused, given)) return;
    const all = [...refused, ...classOf(read, given, seedOf).refused];
    this.hidden = all.length === 0;
    // What could be read and belongs elsewhere is as the page wrote it.
    this.#advice.hidden = refused.length === 0;
    keyedList(
      this.#list,
      all,
      ({ file }) => file,
      () => h("li", {}, h("b"), h("span")),
      (row, { file, why }) => {
        setText(/** @type {Element} */ (row.firstElementChild), file);
        setText(/** @type {Element} */ (row.lastElementChild), why);
      },
    );
  }
}
