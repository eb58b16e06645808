/** The table of the class: a row for each student, sorted by any column, and taken away as CSV. */

import { h, keyedList, setAttribute, setText } from "../dom.js";
import { count, fineSigned, isolated } from "../format.js";
import { ClassElement } from "./element.js";
import { difference, nameBeside } from "../labels.js";
import { groupIn } from "./found.js";
import { sortingOf } from "./state.js";
import { answerOf, componentOf, predictionText } from "./summary.js";

/** @typedef {import("./summary.js").Found} Found */
/** @typedef {import("./submission.js").Submission} Submission */
/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} label
 * @property {string} [name]  below the label
 * @property {(one: Submission) => string|number} value  what it is sorted by
 * @property {(one: Submission) => (Node|string)[]} cell
 */

/** An answer of more characters is folded. */
const LONG = 60;

/** How many tables there are: names of the parts of each. */
let tables = 0;

export class ClassTable extends ClassElement {
  #id = `class-table-${++tables}`;
  #head = h("tr");
  #body = h("tbody");
  #csv = h(
    "button",
    { type: "button", onclick: () => this.class.send({ type: "csv", assignment: this.dataset.assignment ?? "" }) },
    "Download as CSV",
  );

  build() {
    this.append(
      h("div", { class: "over" }, h("h3", { id: this.#id }, "Every student"), this.#csv),
      h(
        "div",
        { class: "wide", role: "group", "aria-labelledby": this.#id, tabindex: 0 },
        h("table", { "aria-labelledby": this.#id }, h("thead", {}, this.#head), this.#body),
      ),
    );
  }

  /** @param {import("./state.js").ClassState} state */
  drawClass({ read, givens, sortings }) {
    const assignment = this.dataset.assignment ?? "";
    const found = groupIn({ read, givens }, assignment);
    const sorting = sortingOf({ sortings }, assignment);
    if (!found || !this.changed("table", read, givens, sorting)) return;
    const columns = columnsOf(found);
    keyedList(
      this.#head,
      columns,
      ({ key }) => key,
      ({ key }) =>
        h(
          "th",
          { scope: "col" },
          h("button", {
            type: "button",
            class: "quiet",
            onclick: () => this.class.send({ type: "sort", assignment, column: key }),
          }),
          h("span", { class: "note" }),
        ),
      (cell, { key, label, name = "" }) => {
        const sorted = sorting.column === key;
        setAttribute(cell, "aria-sort", sorted ? (sorting.down ? "descending" : "ascending") : null);
        setText(/** @type {Element} */ (cell.firstElementChild), label);
        setText(/** @type {Element} */ (cell.lastElementChild), name);
      },
    );
    const by = columns.find(({ key }) => key === sorting.column) ?? columns[0];
    const rows = [...found.submissions].sort((a, b) => (by ? compare(by.value(a), by.value(b)) : 0));
    if (sorting.down) rows.reverse();
    // What does not count stands below what does.
    const all = rows.flatMap((one) => [
      { one, note: "" },
      ...found.earlier
        .filter(({ later }) => later === one)
        .map((other) => ({ one: other.one, note: `does not count: ${isolated(other.one.file)}` })),
    ]);
    const shape = columns.map(({ key, label }) => `${key} ${label}`).join("\n");
    keyedList(
      this.#body,
      all,
      // A row is made once: what it shows changes only with its submission or with the columns.
      ({ one, note }) => `${one.file}\n${note}\n${shape}`,
      ({ one, note }) =>
        h(
          "tr",
          { class: note && "earlier" },
          ...columns.map(({ cell }, index) =>
            index === 0
              ? h("th", { scope: "row" }, ...cell(one), ...(note ? [h("span", { class: "note" }, note)] : []))
              : h("td", {}, ...cell(one)),
          ),
        ),
      () => undefined,
    );
  }
}

/** @param {string|number} a @param {string|number} b */
function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: "base" });
}

/** @param {Found} found @returns {Column[]} */
function columnsOf({ submissions, components, questions }) {
  const guessed = submissions.some(({ prediction }) => prediction.length > 0);
  /** @type {Column[]} */
  const before = [
    { key: "student", label: "Student", value: ({ key }) => key, cell: ({ student }) => [h("bdi", {}, student)] },
    {
      key: "trials",
      label: "Trials",
      value: ({ done }) => done,
      cell: ({ done, complete }) => [`${count(done)}${complete ? "" : ", not all"}`],
    },
  ];
  return [
    ...before,
    ...components.map(verdictColumn),
    ...(guessed
      ? [
          {
            key: "prediction",
            label: "Prediction, most needed first",
            value: predictionText,
            cell: (/** @type {Submission} */ one) => [predictionText(one)],
          },
        ]
      : []),
    ...questions.map(answerColumn),
  ];
}

/** @param {{name: string, label: string}} component @returns {Column} */
function verdictColumn({ name, label }) {
  return {
    key: `verdict ${name}`,
    label: difference(label),
    name: nameBeside({ name, label }),
    value: (one) => componentOf(one, name)?.verdict ?? "",
    cell: (one) => {
      const { verdict = "—", disruption = null, necessity = null } = componentOf(one, name) ?? {};
      return [
        h("b", {}, verdict),
        h(
          "span",
          { class: "note number" },
          h(
            "span",
            {},
            h("span", { class: "glyph disruption", "aria-hidden": "true" }),
            h("span", { class: "unseen" }, "disruption"),
            ` ${fineSigned(disruption)}`,
          ),
          " ",
          h(
            "span",
            {},
            h("span", { class: "glyph necessity", "aria-hidden": "true" }),
            h("span", { class: "unseen" }, "necessity"),
            ` ${fineSigned(necessity)}`,
          ),
        ),
      ];
    },
  };
}

/** @param {{id: string, text: string}} question @returns {Column} */
function answerColumn({ id, text }) {
  const value = (/** @type {Submission} */ one) => answerOf(one, id);
  return {
    key: `answer ${id}`,
    label: text.length > LONG ? `${text.slice(0, LONG)}…` : text,
    value,
    cell: (one) => {
      const answer = String(value(one));
      if (answer === "") return [h("span", { class: "note" }, "not answered")];
      return answer.length > LONG
        ? [h("details", {}, h("summary", {}, `${answer.slice(0, LONG)}…`), answer)]
        : [answer];
    },
  };
}
