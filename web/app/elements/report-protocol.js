/** What a reviewer asks for: what the linter found, and the protocol card. */

import { Part, each, h, say } from "../dom.js";

/** @typedef {import("../protocol.js").Finding} Finding */

export class ReportProtocol extends Part {
  #findings = h("ul", { class: "findings" });
  #none = h("p", { class: "note" }, "The linter found nothing to complain about.");
  #lint = h("section", { "aria-labelledby": "lint-title" }, h("h3", { id: "lint-title" }, "What a reviewer would say"), this.#findings, this.#none);
  #card = h("div", { class: "card", tabindex: 0, role: "group", "aria-label": "Protocol card" });
  #box = h("section", { "aria-labelledby": "card-title" }, h("h3", { id: "card-title" }, "Protocol card"), this.#card);

  build() {
    this.append(this.#lint, this.#box);
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("told", study.told)) return;
    const { told } = study;
    this.hidden = !told?.card;
    if (!told?.card) return;
    this.#none.hidden = told.findings.length > 0;
    each(
      this.#findings,
      told.findings.map((finding, index) => ({ ...finding, index })),
      ({ index }) => String(index),
      () => h("li", {}, h("b"), " ", h("span", { class: "message" }), " ", h("span", { class: "note" })),
      (item, finding) => {
        item.dataset.severity = finding.severity;
        say(/** @type {Element} */ (item.querySelector("b")), finding.severity);
        say(/** @type {Element} */ (item.querySelector(".message")), finding.message);
        say(/** @type {Element} */ (item.querySelector(".note")), finding.hint);
      },
    );
    say(this.#card, told.card.text);
  }
}
