/**
 * The assignment at the top of the page: what it is about, and its steps. The step that is due is open; every other can
 * be opened, and none is closed while somebody works in it.
 */

import { BaseElement, h, keyedList, setAttribute, setText } from "../dom.js";
import { STEPS } from "./steps/all.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {{box: HTMLDetailsElement, number: HTMLElement, told: HTMLElement}} Drawn */

/** Steps that are over once they are done; of the others something may be changed at any time. */
const OVER = new Set(["student", "predict", "run"]);

export class AssignmentPanel extends BaseElement {
  /** Key of the step that was due when it was drawn last. */
  #due = "";
  #title = h("h2", { id: "assignment-title", tabindex: -1 });
  #text = h("div", { class: "paragraphs" });
  #lost = h(
    "p",
    { class: "warning" },
    "This browser stores nothing here: what you type is lost when the tab is closed. Download the submission before.",
  );
  /** @type {Map<string, Drawn>} */
  #steps = new Map();
  #list = h("ol", { class: "steps" });
  #panel = h(
    "section",
    { "aria-labelledby": "assignment-title" },
    h("p", { class: "kind note" }, "Assignment"),
    this.#title,
    this.#text,
    this.#lost,
    this.#list,
    h(
      "p",
      { class: "doors" },
      h(
        "button",
        { type: "button", onclick: () => this.store.send({ type: "assignmentClosed" }) },
        "Close the assignment",
      ),
      h("a", { href: "./class.html" }, "For instructors: see a class at a glance"),
    ),
  );

  build() {
    for (const { key, title } of STEPS) {
      const number = h("span", { class: "place number", "aria-hidden": "true" });
      const told = h("span", { class: "told note" });
      const box = h(
        "details",
        { "data-step": key },
        h("summary", {}, number, h("span", { class: "name" }, title), " ", told),
        document.createElement(`assignment-${key}`),
      );
      this.#steps.set(key, { box, number, told });
      this.#list.append(h("li", {}, box));
    }
    this.append(this.#panel);
    for (const { key } of STEPS)
      /** @type {BaseElement} */ (this.querySelector(`assignment-${key}`)).store = this.store;
  }

  focusFallback() {
    return this.#title;
  }

  /** @param {State} state */
  draw(state) {
    const work = state.assignment;
    this.hidden = !work;
    const unnamed = work ? work.student === "" : state.page.assignment !== null;
    setAttribute(document.body, "data-assignment", unnamed ? "unnamed" : work ? "open" : false);
    if (!work) {
      this.#due = "";
      return this.#giveBack();
    }
    const fresh = this.changed("assignment", work.hash);
    setText(this.#title, work.assignment.title);
    keyedList(
      this.#text,
      work.assignment.text.map((text, index) => ({ text, key: `${index}` })),
      ({ key }) => key,
      () => h("p"),
      (element, { text }) => setText(element, text),
    );
    this.#lost.hidden = work.kept;
    const asked = STEPS.filter((step) => step.asked(state));
    for (const { key } of STEPS) {
      const { box } = this.#step(key);
      /** @type {HTMLElement} */ (box.parentElement).hidden = !asked.some((step) => step.key === key);
    }
    asked.forEach((step, index) => {
      const { number, told, box } = this.#step(step.key);
      const { text, done } = step.stateOf(state);
      setText(number, done ? "✓" : `${index + 1}`);
      setText(told, text);
      setAttribute(box, "data-done", done);
    });
    const due = (asked.find((step) => !step.stateOf(state).done) ?? asked.at(-1))?.key ?? "";
    if (fresh || due !== this.#due) this.#turnTo(due, fresh);
  }

  /** @param {string} key */
  #step(key) {
    return /** @type {Drawn} */ (this.#steps.get(key));
  }

  /**
   * Opens the step that is due now, and closes those that are over. Who worked in one of them goes on in the next.
   *
   * @param {string} due
   * @param {boolean} fresh  whether another assignment is shown
   */
  #turnTo(due, fresh) {
    this.#due = due;
    const next = this.#step(due).box;
    next.open = true;
    for (const [key, { box }] of this.#steps) {
      if (key === due || !box.open || !(fresh || OVER.has(key))) continue;
      const inside = box.contains(document.activeElement);
      box.open = false;
      if (inside) next.querySelector("summary")?.focus();
    }
  }

  /** What was borrowed from the page goes back to its place. */
  #giveBack() {
    const bar = this.querySelector("study-bar");
    if (bar) document.querySelector("study-source")?.after(bar);
    const asking = this.querySelector("predict-first");
    if (asking) this.before(asking);
  }
}
