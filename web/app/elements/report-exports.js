/** What can be taken away, and the command that runs it again elsewhere. */

import { BaseElement, setAttribute, keyedList, h } from "../dom.js";
import { COMMAND, EXPORTS } from "../exports.js";

/** @typedef {import("../exports.js").Export} Export */

export class ReportExports extends BaseElement {
  #list = h("ul", { class: "exports" });

  build() {
    this.append(
      h("h3", {}, "Export"),
      this.#list,
      h(
        "p",
        { class: "command" },
        "Run the study file on the command line, on one machine or a cluster: ",
        h("code", {}, COMMAND),
      ),
    );
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page, engine }) {
    if (page.tab !== "report" || !this.changed("reported", study.reported, study.sheet, study.status, engine.status))
      return;
    this.hidden = !study.reported;
    keyedList(
      this.#list,
      EXPORTS,
      ({ format }) => format,
      ({ format, label, help }) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              "data-format": format,
              "aria-describedby": `export-${format}`,
              onclick: () => this.store.send({ type: "export", format }),
            },
            label,
          ),
          h("span", { class: "note", id: `export-${format}` }, help),
        ),
      (item, one) =>
        setAttribute(/** @type {Element} */ (item.querySelector("button")), "disabled", !offered(one, study)),
    );
  }
}

/** @param {Export} one @param {import("../study-state.js").StudyState} study */
function offered({ format, text }, study) {
  if (!study.sheet?.study) return false;
  return format === "record" ? study.done.size > 0 : Boolean(text(study));
}
