/** How a report is cited: the software and its version, the study and its registration, and the link. Pure. */

/** @typedef {{authors: string, title: string, version: string}} Software */
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
