/** Who works on the assignment: the name decides the root seed of the study. */

import { BaseElement, h, setAttribute, setText } from "../../dom.js";
import { count } from "../../format.js";
import { spent } from "../../study-state.js";
import { nameProblem, seedOf } from "../student.js";

/** @typedef {import("../../store.js").State} State */

export class AssignmentStudent extends BaseElement {
  /** Whether another name is being typed. */
  #changing = false;
  #about = h("p");
  #who = h("p", { class: "who" });
  #change = h("button", { type: "button", onclick: () => this.#open() }, "Change the name");
  #input = h("input", {
    type: "text",
    id: "assignment-student",
    autocomplete: "username",
    spellcheck: "false",
    "aria-describedby": "assignment-student-told",
    oninput: () => this.#say(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && this.#use(),
  });
  #told = h("p", { class: "note", id: "assignment-student-told", role: "status" });
  #submit = h("button", { type: "button", class: "primary", onclick: () => this.#use() }, "Use this name");
  #keep = h("button", { type: "button", onclick: () => this.#close() });
  #warning = h("p", { class: "warning" });
  #form = h(
    "div",
    { class: "name-form" },
    this.#warning,
    h("div", { class: "field" }, h("label", { for: "assignment-student" }, "Login or name"), this.#input),
    h("div", { class: "buttons" }, this.#submit, this.#keep),
    this.#told,
  );

  build() {
    this.append(this.#about, this.#who, this.#change, this.#form);
  }

  focusFallback() {
    return this.#form.hidden ? this.#change : this.#input;
  }

  /** @param {State} state */
  draw(state) {
    const { assignment: work, study } = state;
    if (!work) return;
    const { student, offered, seed, assignment } = work;
    if (this.changed("assignment", work.hash)) {
      this.#changing = false;
      this.#input.value = student || offered;
    }
    if (student === "") this.#changing = false;
    const own = assignment.seed === "student";
    setText(
      this.#about,
      own
        ? "Your login or name decides the root seed of your study. Everyone runs the same study with a seed of their " +
            "own, so your numbers differ a little from those of others. Use the name that your course knows you by."
        : "Everyone runs this study with the same root seed. Your login or name is written into the file that you " +
            "hand in: use the one that your course knows you by.",
    );
    const asking = student === "" || this.#changing;
    this.#form.hidden = !asking;
    this.#who.hidden = this.#change.hidden = student === "" || this.#changing;
    this.#who.replaceChildren("You are ", h("b", {}, student), own ? `. Your root seed is ${seed}.` : ".");
    this.#keep.hidden = !this.#changing;
    setText(this.#keep, `Stay ${student}`);
    const { runs } = spent(study);
    const lost = own ? "Another name is another seed, and the study begins anew. " : "";
    const trials =
      own && runs > 0 ? `The ${count(runs)} ${runs === 1 ? "trial" : "trials"} and the answers` : "The answers";
    this.#warning.hidden = !this.#changing;
    setText(this.#warning, `${lost}${trials} of ${student} are kept in this browser, and come back with that name.`);
    this.#say();
  }

  #open() {
    this.#changing = true;
    this.#input.value = "";
    this.draw(this.store.state);
    this.#input.focus();
  }

  #close() {
    this.#changing = false;
    this.draw(this.store.state);
    this.#change.focus();
  }

  /** Says what the name comes to, while it is typed. */
  #say() {
    const work = this.store.state.assignment;
    if (!work) return;
    const name = this.#input.value;
    const why = nameProblem(name);
    setAttribute(this.#submit, "disabled", why !== "");
    const own = work.assignment.seed === "student";
    const fits = own ? `The root seed of this name is ${why === "" ? seedOf(work.assignment.id, name) : ""}.` : "";
    setText(this.#told, name.trim() === "" ? "" : why || fits);
  }

  #use() {
    const name = this.#input.value;
    if (nameProblem(name) !== "") return;
    this.#changing = false;
    this.store.send({ type: "student", name });
  }
}

/** @type {import("./all.js").Step} */
export const student = {
  key: "student",
  title: "Say who you are",
  Element: AssignmentStudent,
  asked: () => true,
  stateOf: ({ assignment }) =>
    assignment && assignment.student !== "" ? { text: assignment.student, done: true } : { text: "to do", done: false },
};
