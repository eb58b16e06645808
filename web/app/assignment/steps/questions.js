/** The questions, each with the control of its kind. What is typed is kept at every letter. */

import { BaseElement, h, keyedList, setAttribute } from "../../dom.js";
import { kindOf } from "../questions/all.js";
import { typedFor } from "../state.js";

/** @typedef {import("../questions/all.js").Question} Question */
/** @typedef {import("../questions/all.js").Control} Control */

export class AssignmentQuestions extends BaseElement {
  #wait = h("p", { class: "note" }, "Say who you are first: answers are kept under your name.");
  #list = h("ol", { class: "questions" });
  #fields = h("fieldset", { "aria-label": "Questions" }, this.#list);
  /** By the place of their question. @type {Map<string, Control>} */
  #controls = new Map();

  build() {
    this.append(this.#wait, this.#fields);
  }

  /** @param {import("../../store.js").State} state */
  draw({ assignment: work }) {
    if (!work) return;
    if (this.changed("assignment", work.assignment)) {
      this.#controls = new Map();
      this.#list.replaceChildren();
    }
    const waiting = work.student === "";
    this.#wait.hidden = !waiting;
    setAttribute(this.#fields, "disabled", waiting);
    keyedList(
      this.#list,
      work.assignment.questions.map((question, index) => ({ question, at: `${index}` })),
      ({ at }) => at,
      ({ question, at }) => this.#make(question, at),
      (_, { question, at }) => this.#controls.get(at)?.show(typedFor(work, question.id)),
    );
  }

  /** @param {Question} question @param {string} at */
  #make(question, at) {
    const id = `question-${at}`;
    const kind = kindOf(question);
    const control = kind.control(question, id, (text) =>
      this.store.send({ type: "typed", question: question.id, text }),
    );
    this.#controls.set(at, control);
    const points = h("span", { class: "note points" }, pointsText(question));
    return kind.grouped
      ? h("li", {}, h("fieldset", {}, h("legend", {}, question.text, " ", points), control.element))
      : h("li", {}, h("label", { for: id }, question.text, " ", points), control.element);
  }
}

/** @param {Question} question */
function pointsText({ points, kind }) {
  const worth = `${points} ${points === 1 ? "point" : "points"}`;
  return kind === "text" ? `${worth}, graded by a person` : worth;
}

/** @type {import("./all.js").Step} */
export const questions = {
  key: "questions",
  title: "Answer the questions",
  Element: AssignmentQuestions,
  asked: ({ assignment }) => (assignment?.assignment.questions.length ?? 0) > 0,
  stateOf: ({ assignment: work }) => {
    const all = work?.assignment.questions ?? [];
    const answered = all.filter(
      (question) => work && "value" in kindOf(question).answer(typedFor(work, question.id), question),
    );
    return { text: `${answered.length} of ${all.length} answered`, done: answered.length === all.length };
  },
};
