/** What has run and what has not: a row for each arm of each component. Every row says in words what its cells show. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { termsOf } from "../glossary.js";
import { countOf, gridOf, stretches } from "../grid.js";
import { schedule as later } from "../scheduler.js";

/** @typedef {import("../grid.js").Row} Row */
/** @typedef {import("../grid.js").Section} Section */

export class RunGrid extends BaseElement {
  #sections = h("div", { class: "sections" });

  build() {
    this.append(
      h("h3", {}, "Trials"),
      h(
        "p",
        { class: "note key", "aria-hidden": "true" },
        ...[
          ["done", "done"],
          ["part", "partly done"],
          ["running", "running"],
          ["waiting", "waiting"],
        ].map(([state, label]) => h("span", { class: "sample" }, h("i", { "data-state": state }), ` ${label}`)),
      ),
      h(
        "details",
        { class: "words note" },
        h("summary", {}, "What the arms are"),
        h(
          "dl",
          {},
          ...termsOf("arm").map(({ name, meaning }) => h("div", {}, h("dt", {}, name), h("dd", {}, meaning))),
        ),
      ),
      this.#sections,
    );
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    const { sheet, schedule, done, running } = study;
    if (page.tab !== "study" || !this.changed("grid", sheet, schedule, done, running)) return;
    this.hidden = !sheet?.study;
    if (!sheet?.study) return;
    keyedList(
      this.#sections,
      gridOf(sheet.study, schedule, done, running),
      ({ key }) => key,
      ({ key, label, columns }) =>
        h(
          "section",
          { "aria-labelledby": `grid-${key}` },
          h("h4", { id: `grid-${key}` }, label),
          h("p", { class: "note" }, `Columns are ${columns}.`),
          h("ul", { class: "rows" }),
        ),
      (element, section) =>
        later(element, () => drawRows(/** @type {Element} */ (element.querySelector(".rows")), section)),
    );
  }
}

/** @param {Element} list @param {Section} section */
function drawRows(list, { rows }) {
  const first = new Set(
    rows.filter((row, index) => row.component !== rows[index - 1]?.component).map(({ key }) => key),
  );
  keyedList(
    list,
    rows,
    ({ key }) => key,
    ({ key, component, arm, kind }) =>
      h(
        "li",
        { class: `row${first.has(key) ? " first" : ""}` },
        h("span", { class: first.has(key) ? "component" : "component unseen" }, nameOf(component)),
        h("span", { class: "arm" }, kind === "search" ? "" : arm),
        h("span", { class: "cells", "aria-hidden": "true" }),
        h("span", { class: "count number" }),
      ),
    (element, row) => {
      const { done, running, planned } = countOf(row);
      const text = `${done}/${planned}`;
      const count = /** @type {Element} */ (element.querySelector(".count"));
      setText(count, text);
      const underWay = running > 0 ? `, ${running} running` : "";
      setAttribute(count, "aria-label", `${done} of ${planned} trials done${underWay}`);
      setAttribute(count, "role", "img");
      const cells = /** @type {HTMLElement} */ (element.querySelector(".cells"));
      cells.style.setProperty("--cells", String(row.cells.length));
      keyedList(
        cells,
        stretches(row.cells).map((stretch, index) => ({ ...stretch, index })),
        ({ index }) => String(index),
        () => h("i"),
        (part, { state, length }) => {
          setAttribute(part, "data-state", state);
          part.style.setProperty("--length", String(length));
        },
      );
    },
  );
}

/** The A/A control has a row as a component has; it is called by its name. @param {string} component */
function nameOf(component) {
  return termsOf("arm").find(({ key }) => key === component)?.name ?? component;
}
