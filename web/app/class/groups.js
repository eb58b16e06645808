/** The assignments of which submissions were opened: a section for each, with its figure and its table. */

import { h, keyedList, setText } from "../dom.js";
import { isolated } from "../format.js";
import { ClassElement } from "./element.js";
import { ClassFigure } from "./figure.js";
import { foundIn } from "./found.js";
import { ClassTable } from "./table.js";

/** @typedef {import("./summary.js").Found} Found */

export class ClassGroups extends ClassElement {
  /** @param {import("./state.js").ClassState} state */
  drawClass({ read, givens }) {
    if (!this.changed("read", read, givens)) return;
    const { groups } = foundIn({ read, givens });
    this.hidden = groups.length === 0;
    keyedList(
      this,
      groups,
      ({ assignment }) => assignment,
      ({ assignment }) => this.#make(assignment),
      (section, found) => {
        const [name, id] = section.querySelectorAll("h2, .id");
        if (name) setText(name, found.title);
        if (id) setText(id, aboutText(found));
      },
    );
  }

  /** @param {string} assignment  its id */
  #make(assignment) {
    const figure = new ClassFigure();
    const table = new ClassTable();
    figure.dataset.assignment = table.dataset.assignment = assignment;
    figure.store = table.store = this.store;
    return h("section", {}, h("h2"), h("p", { class: "note id" }), figure, table);
  }
}

/** How many students, and which file their work is checked against. @param {Found} found */
export function aboutText({ title, assignment, submissions, against }) {
  const students = `${submissions.length} ${submissions.length === 1 ? "student" : "students"}`;
  const who = title === assignment ? students : `${assignment}, ${students}`;
  return against === null
    ? `${who}; the assignment's own file was not opened`
    : `${who}; checked against ${isolated(against)}`;
}
