/**
 * Where each component lies in the contrast figure. The drawing has no name for its rows; each begins with the label of
 * its component in bold, on one line or two, and rows follow each other in the order of the report.
 */

/** @typedef {{y: number, text: string}} Line  a line of bold text and its base line */
/** @typedef {{component: string, top: number, bottom: number}} Row */

/** From the top of a row to the base line of its label, in units of the view box. */
const ASCENT = 13;

/**
 * The rows, or none if the lines are not the labels: then nothing is marked.
 *
 * @param {Line[]} lines
 * @param {{component: string, label: string}[]} components
 * @param {number} end  where the last row ends
 * @returns {Row[]}
 */
export function rowsAmong(lines, components, end) {
  const joined = (/** @type {string} */ text) => text.replaceAll(/\s+/g, "");
  /** @type {Row[]} */
  const rows = [];
  let at = 0;
  for (const { component, label } of components) {
    const first = lines[at];
    let read = "";
    while (at < lines.length && read.length < joined(label).length) read += joined(lines[at++]?.text ?? "");
    if (!first || read !== joined(label)) return [];
    rows.push({ component, top: first.y - ASCENT, bottom: end });
  }
  return rows.map((row, index) => ({ ...row, bottom: rows[index + 1]?.top ?? end }));
}

/**
 * The rows of a drawing.
 *
 * @param {SVGSVGElement|null} drawing
 * @param {{component: string, label: string}[]} components
 */
export function contrastRows(drawing, components) {
  const bold = [...(drawing?.querySelectorAll('text[font-weight="600"]') ?? [])];
  const lines = bold.map((text) => ({ y: Number(text.getAttribute("y")), text: text.textContent ?? "" }));
  return rowsAmong(lines, components, axisOf(drawing));
}

/** The axis is the last line from one side of the drawing to the other. @param {SVGSVGElement|null} drawing */
function axisOf(drawing) {
  const across = [...(drawing?.querySelectorAll("path[d]") ?? [])].flatMap(
    (path) => /^M6 ([\d.]+)L334 \1$/.exec(path.getAttribute("d") ?? "")?.[1] ?? [],
  );
  return Number(across.at(-1) ?? 0);
}
