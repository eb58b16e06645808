/** The questions, each with the control of its kind. What is typed is kept at every letter. */

import { BaseElement, h, keyedList, setAttribute } from "../../dom.js";
import { spent } from "../../study-state.js";
import { numberOf, waitsFor } from "../order.js";
import { kindOf } from "../questions/all.js";
import { typedFor } from "../state.js";

/** @typedef {import("../questions/all.js").Question} Question */
/** @typedef {import("../questions/all.js").Control} Control */

export class AssignmentQuestions extends BaseElement {
  #early = h(
    "p",
    { class: "early" },
    h(
      "button",
      { type: "button", onclick: () => this.store.send({ type: "answerEarly" }) },
      "Answer before it is done",
    ),
    h("span", { class: "note" }, " for an incomplete submission: verdicts and numbers may still change"),
  );
  #list = h("ol", { class: "questions" });
  #fields = h("fieldset", { "aria-label": "Questions" }, this.#list);
  /** By the place of their question. @type {Map<string, Control>} */
  #controls = new Map();

  build() {
    this.append(this.#early, this.#fields);
  }

  /** @param {import("../../store.js").State} state */
  draw(state) {
    const { assignment: work } = state;
    if (!work) return;
    if (this.changed("assignment", work.assignment)) {
      this.#controls = new Map();
      this.#list.replaceChildren();
    }
    const waits = waitsFor(state, "questions");
    this.#early.hidden = waits?.number !== numberOf(state, "run") || spent(state.study).runs === 0;
    setAttribute(this.#fields, "disabled", waits !== null);
    const all = work.assignment.questions.length;
    keyedList(
      this.#list,
      work.assignment.questions.map((question, index) => ({ question, at: `${index}` })),
      ({ at }) => at,
      ({ question, at }) => this.#make(question, at, all),
      (_, { question, at }) => this.#controls.get(at)?.show(typedFor(work, question.id)),
    );
  }

  /** @param {Question} question @param {string} at @param {number} all  how many there are */
  #make(question, at, all) {
    const id = `question-${at}`;
    const kind = kindOf(question);
    const control = kind.control(question, id, (text) =>
      this.store.send({ type: "typed", question: question.id, text }),
    );
    this.#controls.set(at, control);
    const which = h("span", { class: "note which" }, `Question ${Number(at) + 1} of ${all}`);
    const points = h("span", { class: "note points" }, pointsText(question));
    return kind.grouped
      ? h("li", {}, h("fieldset", {}, h("legend", {}, which, " ", question.text, " ", points), control.element))
      : h("li", {}, h("label", { for: id }, which, " ", question.text, " ", points), control.element);
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
  readable: true,
  stateOf: ({ assignment: work }) => {
    const all = work?.assignment.questions ?? [];
    const answered = all.filter(
      (question) => work && "value" in kindOf(question).answer(typedFor(work, question.id), question),
    );
    return { text: `${answered.length} of ${all.length} answered`, done: answered.length === all.length };
  },
};
