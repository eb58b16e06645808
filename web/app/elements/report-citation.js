/**
 * How to cite a report: the software, the version that computed it, the study with its registration, and its link. Who
 * made the software and what it is called is read from the foot of the page, where it is said once.
 */

import { BaseElement, h, setText } from "../dom.js";
import { shared } from "../link.js";

/** @typedef {{authors: string, title: string, version: string}} Software */

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

/** @typedef {{study: string, registration: string, link: string}} Cited */

/** @param {Software} software @param {Cited} cited */
export function citationOf({ authors, title, version }, { study, registration, link }) {
  const hash = registration === "" ? "" : `, registration ${registration}`;
  return `${authors}. ${title}. Version ${version}. Study “${study}”${hash}. ${link}`;
}

/** @param {Software} software @param {Cited} cited */
export function bibtexOf({ authors, title, version }, { study, registration, link }) {
  const note = `Study: ${study}${registration === "" ? "" : `, registration ${registration}`}`;
  const fields = { author: `{${authors}}`, title, version, note, url: link };
  const lines = Object.entries(fields).map(([name, text]) => `  ${name} = {${text}}`);
  return `@software{ablation-sandbox,\n${lines.join(",\n")}\n}`;
}
