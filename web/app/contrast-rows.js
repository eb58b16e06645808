/** Where each component lies in the contrast figure: a group names its component, and begins with its extent. */

/** @typedef {{component: string, top: number, bottom: number}} Row */

/**
 * The rows of a drawing, in units of its view box; none of a figure that has no rows.
 *
 * @param {Pick<ParentNode, "querySelectorAll">|null} drawing
 * @returns {Row[]}
 */
export function contrastRows(drawing) {
  return [...(drawing?.querySelectorAll("g[data-row]") ?? [])].flatMap((row) => {
    const extent = row.querySelector("rect");
    const length = (/** @type {string} */ name) => Number(extent?.getAttribute(name) ?? Number.NaN);
    const top = length("y");
    const bottom = top + length("height");
    return Number.isFinite(bottom) ? [{ component: row.getAttribute("data-row") ?? "", top, bottom }] : [];
  });
}
