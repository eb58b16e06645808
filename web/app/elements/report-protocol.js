/** What a reviewer asks for: what the linter found, and the protocol card. */

import { Part, each, h, say } from "../dom.js";
import { spelled } from "../arms.js";
import { count, fine } from "../format.js";
import { soon } from "../scheduler.js";

/** @typedef {import("../protocol.js").Card} Card */
/** @typedef {import("../protocol.js").CardContent} CardContent */

export class ReportProtocol extends Part {
  #findings = h("ul", { class: "findings" });
  #none = h(
    "p",
    { class: "note" },
    "The linter found nothing to object to. That is no proof of a good study, only of one without these flaws.",
  );
  #lint = h(
    "section",
    { "aria-labelledby": "lint-title" },
    h("h3", { id: "lint-title" }, "What a reviewer would object to"),
    this.#findings,
    this.#none,
  );
  #blocks = h("div", { class: "card" });
  #card = h(
    "section",
    { "aria-labelledby": "card-title" },
    h("h3", { id: "card-title" }, "Protocol card"),
    h("p", { class: "note" }, "Everything that was fixed, run and found, block by block. What has no answer says why."),
    this.#blocks,
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
    each(
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
        if (level) say(level, `${finding.level}:`);
        if (place) say(place, `${finding.place}:`);
        if (message) say(message, /[.!?]$/.test(finding.message) ? finding.message : `${finding.message}.`);
        if (hint) say(hint, finding.hint);
      },
    );
    each(
      this.#blocks,
      reported.card.blocks,
      ({ number }) => String(number),
      ({ number, title }) =>
        h(
          "details",
          { open: number < 2 && matchMedia("(min-width: 60rem)").matches },
          h("summary", {}, `${number}. ${title}`),
          h("dl"),
        ),
      (element, block) => soon(element, () => drawBlock(element, block)),
    );
  }
}

/** @param {HTMLElement} element @param {Card["blocks"][number]} block */
function drawBlock(element, { items }) {
  const text = JSON.stringify(items);
  // Most blocks say the same from one report to the next.
  if (element.dataset.said === text) return;
  element.dataset.said = text;
  /** @type {Element} */ (element.querySelector("dl")).replaceChildren(
    ...items.map(({ name, content }) =>
      h("div", {}, h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, shown(name, content))),
    ),
  );
}

/** A line of a few words is not broken: a table of many columns would have a word a line. */
const SHORT = 48;

/** @param {string|number|null} cell */
function cellOf(cell) {
  if (typeof cell === "number") return h("td", { class: "number" }, Number.isInteger(cell) ? count(cell) : fine(cell));
  const text = cell === null ? fine(cell) : spelled(cell);
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
        { class: "scroll", tabindex: 0, role: "group", "aria-label": name.replaceAll("_", " ") },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, ...content.columns.map((column) => h("th", { scope: "col" }, spelled(column))))),
          h("tbody", {}, ...content.rows.map((row) => h("tr", {}, ...row.map(cellOf)))),
        ),
      );
  }
}
