/** Handing in: one file, what is missing from it, and what a learning management system was told. */

import { BaseElement, h, keyedList, setAttribute, setText } from "../../dom.js";
import { count } from "../../format.js";
import { isOpen } from "../prediction.js";
import { missingOf, outdated, submissionName } from "../submission.js";

/** @typedef {import("../../store.js").State} State */
/** @typedef {import("../state.js").AssignmentState} AssignmentState */

export class AssignmentHandIn extends BaseElement {
  #what = h("p");
  #lacks = h("p", {}, "Still missing:");
  #missing = h("ul", { class: "missing", "aria-label": "Still missing" });
  #save = h("button", { type: "button", class: "primary", onclick: () => this.store.send({ type: "handIn" }) });
  #saved = h("p", { class: "saved", role: "status" });
  #lms = h("p", { class: "note lms" });

  build() {
    this.append(this.#what, this.#lacks, this.#missing, this.#save, this.#saved, this.#lms);
  }

  /** @param {State} state */
  draw(state) {
    const work = state.assignment;
    if (!work) return;
    const missing = missingOf(state);
    setText(
      this.#what,
      work.student === ""
        ? "The file that you hand in holds your name, your answers and the record of your study."
        : `One file, ${submissionName(work)}, holds your name, your answers and the record of your study. Hand it in ` +
            "where your course says: this page sends it nowhere.",
    );
    this.#lacks.hidden = this.#missing.hidden = missing.length === 0;
    keyedList(
      this.#missing,
      missing,
      (text) => text,
      () => h("li"),
      (row, text) => setText(row, text),
    );
    setText(this.#save, missing.length === 0 ? "Download the submission" : "Download it incomplete");
    setAttribute(this.#save, "disabled", !isOpen(state));
    this.#saved.hidden = !work.saved;
    const had = outdated(state);
    if (had !== null)
      setText(
        this.#saved,
        `The file you downloaded had ${count(had)} ${had === 1 ? "trial" : "trials"}; download it again.`,
      );
    else if (work.saved)
      setText(
        this.#saved,
        `${work.saved.name} was downloaded, ${work.saved.complete ? "complete" : "incomplete"}. If you change ` +
          "something, download it again and hand in the new file.",
      );
    const told = lmsText(work);
    this.#lms.hidden = told === "";
    setText(this.#lms, told);
  }
}

const KEEPS = "The learning management system of this course keeps your place and your answers.";

/** What the learning management system knows. @param {AssignmentState} work */
export function lmsText({ lms, assignment }) {
  // Where it takes nothing a warning stands at the top of the panel.
  if (lms.status !== "on") return "";
  const numbers = lms.cut.map((id) => assignment.questions.findIndex((one) => one.id === id) + 1).sort((a, b) => a - b);
  const which = `${numbers.length === 1 ? "question" : "questions"} ${numbers.join(", ")}`;
  const cut =
    numbers.length > 0 ? ` It has no room for the answers to ${which}: they are kept in this browser only.` : "";
  const graded = "your answers are graded with `ablation grade`.";
  if (lms.unscored) return `${KEEPS}${cut} It did not take a score for your record: ${graded}`;
  const score = lms.score
    ? ` It was told a score of ${lms.score}. That is a claim of this page: ${graded}`
    : ` What it is told when you hand in is a claim of this page: ${graded}`;
  return `${KEEPS}${cut}${score}`;
}

/** @type {import("./all.js").Step} */
export const handIn = {
  key: "hand-in",
  title: "Hand in",
  Element: AssignmentHandIn,
  readable: false,
  stateOf: (state) => {
    const { saved } = state.assignment ?? {};
    if (outdated(state) !== null) return { text: "download it again", done: false };
    if (saved) return { text: saved.complete ? "downloaded" : "downloaded, incomplete", done: saved.complete };
    const lacks = missingOf(state).length;
    return { text: lacks === 0 ? "ready" : `${lacks} ${lacks === 1 ? "thing" : "things"} missing`, done: false };
  },
};
