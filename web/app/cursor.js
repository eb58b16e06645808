/**
 * Reading all curves at one step. A curve says where its plot lies (`data-plot`, in units of its view box) and which
 * steps it spans (`data-x`); its values are read from its table, never measured from the drawing.
 */

/** @typedef {import("./generated/protocol.js").Table} Table */
/** @typedef {{left: number, top: number, width: number, height: number, from: number, to: number}} Plot */

/**
 * Where the plot of a figure lies, if it is a curve.
 *
 * @param {{dataset: DOMStringMap}} svg
 * @returns {Plot|null}
 */
export function plotOf({ dataset }) {
  const [left, top, width, height] = numbers(dataset.plot);
  const [from, to] = numbers(dataset.x);
  if (
    left === undefined ||
    top === undefined ||
    width === undefined ||
    height === undefined ||
    from === undefined ||
    to === undefined
  )
    return null;
  return { left, top, width, height, from, to };
}

/** @param {string|undefined} text @returns {number[]} */
function numbers(text) {
  return (text ?? "")
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number)
    .filter(Number.isFinite);
}

/** The step at `x`, in units of the view box, kept within the plot. @param {Plot} plot @param {number} x */
export function stepAt({ left, width, from, to }, x) {
  const share = width > 0 ? Math.min(1, Math.max(0, (x - left) / width)) : 0;
  return Math.round(from + share * (to - from));
}

/** Where a step lies, in units of the view box; `null` outside of the plot. @param {Plot} plot @param {number} step */
export function xAt({ left, width, from, to }, step) {
  if (to <= from || step < from || step > to) return null;
  return left + (width * (step - from)) / (to - from);
}

/**
 * The row of the table that lies nearest to a step. Rows are in order of their step.
 *
 * @param {Table} table
 * @param {number} step
 */
export function rowAt({ rows }, step) {
  let low = 0;
  let high = rows.length - 1;
  if (high < 0) return null;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stepOf(rows[middle]) < step) low = middle + 1;
    else high = middle;
  }
  const before = rows[low - 1];
  const here = /** @type {string[]} */ (rows[low]);
  return before && Math.abs(stepOf(before) - step) <= Math.abs(stepOf(here) - step) ? before : here;
}

/** @param {string[]|undefined} row */
function stepOf(row) {
  return Number((row?.[0] ?? "").replace(/[^\d.eE+-]/g, ""));
}
