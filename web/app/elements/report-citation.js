/**
 * How to cite a report: the software, the version that computed it, the study with its registration, and its link. Who
 * made the software and what it is called is read from the foot of the page, where it is said once.
 */

import { bibtexOf, citationOf } from "../citation.js";
import { BaseElement, h, setText } from "../dom.js";
import { shared } from "../link.js";

export class ReportCitation extends BaseElement {
  #text = h("p", { class: "citation" });
  #bibtex = h("pre", { tabindex: 0, "aria-label": "BibTeX entry" });

  build() {
    this.append(
      h("h3", {}, "How to cite this report"),
      this.#text,
      h("details", {}, h("summary", {}, "As BibTeX"), this.#bibtex),
    );
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page, description, engine }) {
    if (page.tab !== "report") return;
    const { reported, sheet } = study;
    if (!this.changed("reported", reported, sheet, page, description, engine.version)) return;
    const said = (/** @type {string} */ name) =>
      document.querySelector(`[data-cite="${name}"]`)?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
    const software = { authors: said("authors"), title: said("title"), version: said("version") };
    this.hidden = !reported || software.title === "";
    if (!reported) return;
    const cited = {
      study: sheet?.study?.title ?? study.name ?? "",
      registration: reported.report.registration?.slice(0, 16) ?? "",
      link: description ? shared(location.href, description.link, page, study).link : location.href,
    };
    setText(this.#text, citationOf(software, cited));
    setText(this.#bibtex, bibtexOf(software, cited));
  }
}
