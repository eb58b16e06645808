/** What has run and what has not: a row for each arm of each component. Every row says in words what its cells show. */

import { Part, attribute, each, h, say } from "../dom.js";
import { ARMS } from "../arms.js";
import { countOf, gridOf, stretches } from "../grid.js";
import { soon } from "../scheduler.js";

/** @typedef {import("../grid.js").Row} Row */
/** @typedef {import("../grid.js").Section} Section */

export class RunGrid extends Part {
  #sections = h("div", { class: "sections" });

  build() {
    this.append(
      h("h3", {}, "Runs"),
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
          ...Object.values(ARMS).map(({ label, meaning }) => h("div", {}, h("dt", {}, label), h("dd", {}, meaning))),
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
    each(
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
        soon(element, () => drawRows(/** @type {Element} */ (element.querySelector(".rows")), section)),
    );
  }
}

/** @param {Element} list @param {Section} section */
function drawRows(list, { rows }) {
  const first = new Set(
    rows.filter((row, index) => row.component !== rows[index - 1]?.component).map(({ key }) => key),
  );
  each(
    list,
    rows,
    ({ key }) => key,
    ({ key, component, arm, kind }) =>
      h(
        "li",
        { class: `row${first.has(key) ? " first" : ""}` },
        h("span", { class: first.has(key) ? "component" : "component unseen" }, component),
        h("span", { class: "arm" }, kind === "search" ? "" : arm),
        h("span", { class: "cells", "aria-hidden": "true" }),
        h("span", { class: "count number" }),
      ),
    (element, row) => {
      const { done, running, of } = countOf(row);
      const text = `${done}/${of}`;
      const count = /** @type {Element} */ (element.querySelector(".count"));
      say(count, text);
      attribute(count, "aria-label", `${done} of ${of} runs done${running > 0 ? `, ${running} running` : ""}`);
      attribute(count, "role", "img");
      const cells = /** @type {HTMLElement} */ (element.querySelector(".cells"));
      cells.style.setProperty("--cells", String(row.cells.length));
      each(
        cells,
        stretches(row.cells).map((stretch, index) => ({ ...stretch, index })),
        ({ index }) => String(index),
        () => h("i"),
        (part, { state, length }) => {
          attribute(part, "data-state", state);
          part.style.setProperty("--length", String(length));
        },
      );
    },
  );
}
