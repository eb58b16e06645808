/** What a reviewer asks for: what the linter found, and the protocol card. */

import { BaseElement, keyedList, h, setText } from "../dom.js";
import { count, fine } from "../format.js";
import { spelledOut, termOf } from "../glossary.js";
import { schedule } from "../scheduler.js";

/** @typedef {import("../generated/protocol.js").Card} Card */
/** @typedef {import("../generated/protocol.js").Content} CardContent */

export class ReportProtocol extends BaseElement {
  #findings = h("ul", { class: "findings" });
  #none = h(
    "p",
    { class: "note" },
    "The linter found no problem. It checks for known flaws; a study without them can still be wrong.",
  );
  #lint = h(
    "section",
    { "aria-labelledby": "lint-title" },
    h("h3", { id: "lint-title" }, "Problems found by the linter"),
    this.#findings,
    this.#none,
  );
  #sections = h("div", { class: "card" });
  #card = h(
    "section",
    { "aria-labelledby": "card-title" },
    h("h3", { id: "card-title" }, "Protocol card"),
    h("p", { class: "note" }, "What was fixed, run and found, section by section. An item without an answer says why."),
    this.#sections,
  );

  build() {
    this.append(this.#lint, this.#card);
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("reported", study.reported)) return;
    const { reported } = study;
    this.hidden = !reported?.card;
    if (!reported?.card) return;
    this.#none.hidden = reported.findings.length > 0;
    keyedList(
      this.#findings,
      reported.findings.map((finding, index) => ({ ...finding, index })),
      ({ index }) => String(index),
      () =>
        h(
          "li",
          {},
          h("b", { class: "level" }),
          " ",
          h("code"),
          " ",
          h("span", { class: "message" }),
          " ",
          h("span", { class: "note" }),
        ),
      (item, finding) => {
        item.dataset.level = finding.level;
        const [level, place, message, hint] = item.children;
        if (level) setText(level, `${finding.level}:`);
        if (place) setText(place, `${finding.places.join("; ")}:`);
        if (message) setText(message, /[.!?]$/.test(finding.message) ? finding.message : `${finding.message}.`);
        if (hint) setText(hint, finding.hint);
      },
    );
    keyedList(
      this.#sections,
      reported.card.sections,
      ({ number }) => String(number),
      ({ number, title }) =>
        h(
          "details",
          { open: number < 2 && matchMedia("(min-width: 60rem)").matches },
          h("summary", {}, `${number}. ${title}`),
          h("dl"),
        ),
      (element, section) => schedule(element, () => drawSection(element, section)),
    );
  }
}

/** @param {HTMLElement} element @param {Card["sections"][number]} section */
function drawSection(element, { items }) {
  const text = JSON.stringify(items);
  // Most sections say the same from one report to the next.
  if (element.dataset.items === text) return;
  element.dataset.items = text;
  /** @type {Element} */ (element.querySelector("dl")).replaceChildren(
    ...items.map(({ name, content }) =>
      h("div", {}, h("dt", {}, termOf("card", name).name), h("dd", {}, shown(name, content))),
    ),
  );
}

/** A line of a few words is not broken: a table of many columns would have one word per line. */
const SHORT = 48;

/** A table with more columns has no room on a sheet of paper. */
const WIDE = 11;

/** @param {string|number|null} cell */
function cellOf(cell) {
  if (typeof cell === "number") return h("td", { class: "number" }, Number.isInteger(cell) ? count(cell) : fine(cell));
  const text = cell === null ? fine(cell) : spelledOut(cell);
  return h("td", { class: text.length <= SHORT ? "short" : null }, text);
}

/** @param {string} name @param {CardContent} content */
function shown(name, content) {
  switch (content.kind) {
    case "text":
      return content.text;
    case "not_applicable":
      return h("span", { class: "note" }, `Not applicable: ${content.reason}`);
    case "list":
      return h("ul", {}, ...content.items.map((item) => h("li", {}, item)));
    case "check":
      return h(
        "span",
        { class: content.passed ? "pass" : "fail" },
        `${content.passed ? "✓ pass" : "✗ fail"}: ${content.text}`,
      );
    case "table":
      return h(
        "div",
        {
          class: "scroll",
          tabindex: 0,
          role: "group",
          "aria-label": name.replaceAll("_", " "),
          "data-wide": content.columns.length > WIDE,
        },
        content.columns.length > WIDE &&
          h(
            "p",
            { class: "on-paper note" },
            `${count(content.rows.length)} rows of ${content.columns.length} columns: see the CSV file.`,
          ),
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h("tr", {}, ...content.columns.map((column) => h("th", { scope: "col" }, spelledOut(column)))),
          ),
          h("tbody", {}, ...content.rows.map((row) => h("tr", {}, ...row.map(cellOf)))),
        ),
      );
  }
}
