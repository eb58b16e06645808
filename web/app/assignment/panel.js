/**
 * The assignment at the top of the page: what it is about, and its steps. The step that is due is open; one that waits
 * for it is closed and says why; every other can be opened, and none is closed while somebody works in it.
 */

import { BaseElement, h, keyedList, setAttribute, setText } from "../dom.js";
import { HOME } from "../files.js";
import { askedSteps, numberOf, waitsFor } from "./order.js";
import { STEPS } from "./steps/all.js";

/** @typedef {import("../store.js").State} State */
/**
 * @typedef {{box: HTMLDetailsElement, number: HTMLElement, told: HTMLElement, why: HTMLElement, inside: HTMLElement}}
 *   Drawn
 */

/** What does not reach a learning management system, by how it stands. @type {Record<string, string>} */
const LMS = {
  failed:
    "The learning management system of this course does not answer. Your work is kept in this browser only: hand in " +
    "the file as your course says.",
  ended:
    "The learning management system of this course has ended its session and begins no other. Your work is kept in " +
    "this browser: open the activity from the course again, and it is told there.",
};

/** Steps that are over once they are done; of the others something may be changed at any time. */
const OVER = new Set(["student", "predict", "run"]);

export class AssignmentPanel extends BaseElement {
  /** Key of the step that was due when it was drawn last. */
  #due = "";
  #folded = false;
  #title = h("h2", { id: "assignment-title", tabindex: -1 });
  #text = h("div", { class: "paragraphs" });
  #lost = h(
    "p",
    { class: "warning" },
    "This browser stores nothing here: what you type is lost when the tab is closed. Download the submission before.",
  );
  #lms = h("p", { class: "warning", role: "status" });
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
    this.#lms,
    this.#list,
    h(
      "p",
      { class: "doors" },
      h(
        "button",
        { type: "button", onclick: () => this.store.send({ type: "assignmentClosed" }) },
        "Close the assignment",
      ),
      HOME && h("a", { href: new URL("class.html", HOME).href }, "For instructors: see a class at a glance"),
    ),
  );

  build() {
    for (const { key, title } of STEPS) {
      const number = h("span", { class: "place number", "aria-hidden": "true" });
      const told = h("span", { class: "told note" });
      const why = h("p", { class: "why note" });
      const inside = document.createElement(`assignment-${key}`);
      const box = h(
        "details",
        { "data-step": key },
        h("summary", {}, number, h("span", { class: "name" }, title), " ", told),
        why,
        inside,
      );
      this.#steps.set(key, { box, number, told, why, inside });
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
    if (!this.#folded) this.#fold(true);
    setText(this.#title, work.assignment.title);
    keyedList(
      this.#text,
      work.assignment.text.map((text, index) => ({ text, key: `${index}` })),
      ({ key }) => key,
      () => h("p"),
      (element, { text }) => setText(element, text),
    );
    this.#lost.hidden = work.kept;
    const told = LMS[work.lms.status] ?? "";
    this.#lms.hidden = told === "";
    setText(this.#lms, told);
    const keys = askedSteps(state);
    const asked = STEPS.filter(({ key }) => keys.includes(key));
    for (const { key } of STEPS) {
      const { box } = this.#step(key);
      /** @type {HTMLElement} */ (box.parentElement).hidden = !asked.some((step) => step.key === key);
    }
    for (const step of asked) this.#drawStep(state, step);
    const due = (asked.find((step) => !step.stateOf(state).done) ?? asked.at(-1))?.key ?? "";
    if (fresh || due !== this.#due) this.#turnTo(due, fresh);
  }

  /** @param {State} state @param {import("./steps/all.js").Step} step */
  #drawStep(state, { key, readable, stateOf }) {
    const { number, told, box, why, inside } = this.#step(key);
    const { text, done } = stateOf(state);
    const waits = waitsFor(state, key);
    setText(number, done ? "✓" : `${numberOf(state, key)}`);
    setText(told, waits ? `after step ${waits.number}` : text);
    setAttribute(box, "data-done", done);
    if (waits && !box.hasAttribute("data-waits")) box.open = false;
    setAttribute(box, "data-waits", waits !== null);
    why.hidden = waits === null;
    setText(why, `${waits?.why ?? ""}${readable ? " Until then the questions can be read and not answered." : ""}`);
    inside.hidden = waits !== null && !readable;
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

  /** What is for reviewers of a study is folded while an assignment is open. @param {boolean} fold */
  #fold(fold) {
    this.#folded = fold;
    const behind = document.querySelector(".behind-report");
    if (behind) setAttribute(behind, "open", !fold);
  }

  /** What was borrowed from the page goes back to its place. */
  #giveBack() {
    if (this.#folded) this.#fold(false);
    const bar = this.querySelector("study-bar");
    if (bar) document.querySelector("study-source")?.after(bar);
    const asking = this.querySelector("predict-first");
    if (asking) this.before(asking);
  }
}
