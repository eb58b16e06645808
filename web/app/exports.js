/** What a study can be taken away as. */

/** @typedef {import("./study-state.js").StudyState} StudyState */
/** @typedef {import("./generated/protocol.js").ShownStudy} StudyShown */
/**
 * @typedef {{format: string, label: string, help: string, extension: string, type: string, text: (study: StudyState) =>
 *   string|null}} Export
 */

/** @type {Export[]} */
export const EXPORTS = [
  {
    format: "record",
    label: "Record",
    help: "study, outcomes and report; can be opened here and verified elsewhere",
    extension: "record.json",
    type: "application/json",
    text: () => null,
  },
  {
    format: "csv",
    label: "CSV",
    help: "every statistic, one row per component and gap",
    extension: "csv",
    type: "text/csv",
    text: ({ reported }) => reported?.tables?.csv ?? null,
  },
  {
    format: "markdown",
    label: "Markdown",
    help: "the table of verdicts",
    extension: "md",
    type: "text/markdown",
    text: ({ reported }) => reported?.tables?.markdown ?? null,
  },
  {
    format: "latex",
    label: "LaTeX",
    help: "the table of verdicts",
    extension: "tex",
    type: "application/x-tex",
    text: ({ reported }) => reported?.tables?.latex ?? null,
  },
  {
    format: "svg",
    label: "SVG",
    help: "the figure of disruption and necessity",
    extension: "svg",
    type: "image/svg+xml",
    text: ({ reported }) => reported?.figures[0]?.svg ?? null,
  },
  {
    format: "card",
    label: "Protocol card",
    help: "the protocol as an HTML page",
    extension: "card.html",
    type: "text/html",
    text: ({ reported }) => reported?.written?.html ?? null,
  },
  {
    format: "study",
    label: "Study file",
    help: "for the command line",
    extension: "study.json",
    type: "application/json",
    text: ({ sheet }) => sheet?.file ?? null,
  },
];

/** The command that runs the study elsewhere. */
export const COMMAND = "ablation run study.json";

/** @param {StudyShown} study @param {Pick<Export, "format"|"extension">} wanted */
export function fileName({ title, hash }, { format, extension }) {
  // The command below the exports names it.
  if (format === "study") return "study.json";
  const name =
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "study";
  return `${name}-${hash.slice(0, 8)}.${extension}`;
}
