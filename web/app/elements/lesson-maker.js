/**
 * Makes a lesson: lists what is on the page, lets its author hide or lock each part, and writes that into the link.
 * What is chosen is seen at once; this panel stays.
 */

import { BaseElement, h, keyedList, setText } from "../dom.js";
import { HOME } from "../files.js";
import { CONTROLS } from "../controls.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {{name: string, label: string, lockable: boolean, group: string}} Entry */

export class LessonMaker extends BaseElement {
  #parts = h("ul", { class: "choices" });
  #settings = h("ul", { class: "choices" });
  #predict = h("input", {
    type: "checkbox",
    onchange: () => this.store.send({ type: "lesson", keys: { predict: this.#predict.checked } }),
  });
  #told = h("p", { class: "note", role: "status" });
  #box = h(
    "details",
    { class: "drawer", ontoggle: () => this.draw(this.store.state) },
    h("summary", {}, "Make a lesson"),
    h(
      "p",
      { class: "note" },
      `Hide or lock what your readers should not change. The link${HOME ? ", and the snippets of Embed this," : ""} ` +
        `${HOME ? "hold" : "holds"} your choices; they change no result.`,
    ),
    h(
      "div",
      { class: "options" },
      h("label", { class: "option" }, this.#predict, h("span", {}, "Ask for a guess before results are shown")),
      h("button", { type: "button", onclick: () => this.#reset() }, "Show and unlock all"),
    ),
    this.#told,
    h("h3", {}, "Parts of the page"),
    this.#parts,
    h("h3", {}, "Settings"),
    this.#settings,
  );

  build() {
    this.append(this.#box);
  }

  /** @param {State} state */
  draw({ page, description }) {
    if (!this.#box.open || !this.changed("lesson", page.hide, page.lock, page.predict, description)) return;
    this.#predict.checked = page.predict;
    const parts = CONTROLS.filter(({ name }) => name !== "lesson");
    const fields = (description?.fields ?? []).map(({ path, label }) => ({ name: path, label, lockable: true }));
    for (const [list, entries] of /** @type {const} */ ([
      [this.#parts, parts],
      [this.#settings, fields],
    ]))
      keyedList(
        list,
        entries,
        ({ name }) => name,
        (entry) => this.#row(entry),
        (row, { name, label }) => {
          setText(/** @type {Element} */ (row.querySelector("label")), label);
          const select = /** @type {HTMLSelectElement} */ (row.querySelector("select"));
          select.value = page.hide.includes(name) ? "hide" : page.lock.includes(name) ? "lock" : "show";
        },
      );
    const [hidden, locked] = [page.hide.length, page.lock.length];
    setText(this.#told, hidden + locked === 0 ? "" : `${hidden} hidden, ${locked} locked.`);
  }

  /** @param {{name: string, lockable: boolean}} entry */
  #row({ name, lockable }) {
    const id = `lesson-${name.replaceAll(".", "-")}`;
    const select = h(
      "select",
      { id, onchange: () => this.#choose(name, select.value) },
      h("option", { value: "show" }, "shown"),
      lockable && h("option", { value: "lock" }, "locked"),
      h("option", { value: "hide" }, "hidden"),
    );
    return h("li", {}, h("label", { for: id }), select);
  }

  /** @param {string} name @param {string} value */
  #choose(name, value) {
    const { hide, lock } = this.store.state.page;
    const put = (/** @type {readonly string[]} */ list, /** @type {boolean} */ on) =>
      [...list.filter((one) => one !== name), ...(on ? [name] : [])].sort();
    this.store.send({ type: "lesson", keys: { hide: put(hide, value === "hide"), lock: put(lock, value === "lock") } });
  }

  #reset() {
    this.store.send({ type: "lesson", keys: { hide: [], lock: [], predict: false } });
  }
}
