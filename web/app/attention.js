/** The attention map of one head, cut out of the figure that holds those of all heads. */

import { parseSvg } from "./svg.js";

/** @typedef {import("./generated/protocol.js").Figure} Figure */

/**
 * The block and the head that a path names, or `null` if it names no head.
 *
 * @param {string|null} path
 * @returns {{block: string, head: number}|null}
 */
export function headOf(path) {
  const [, block, head] = /(?:^|\.)blocks\.(\d+)\.[^.]+\.heads\.(\d+)$/.exec(path ?? "") ?? [];
  return block === undefined ? null : { block, head: Number(head) };
}

/**
 * How the figure calls a head: its table has a row for each, block by block.
 *
 * @param {Figure|undefined} figure
 * @param {string|null} path
 * @returns {string|null}
 */
export function captionOf(figure, path) {
  const named = headOf(path);
  const table = figure?.table;
  if (!named || !table) return null;
  const [block, head] = [table.columns.indexOf("block"), table.columns.indexOf("head")];
  if (block < 0 || head < 0) return null;
  return table.rows.filter((row) => row[block] === named.block)[named.head]?.[head] ?? null;
}

/**
 * The map under a caption in a drawing.
 *
 * @param {Element|null} drawing
 * @param {string|null} caption
 * @returns {Element|null}
 */
export function mapUnder(drawing, caption) {
  if (!drawing || caption === null) return null;
  const text = [...drawing.querySelectorAll("text")].find(({ textContent }) => textContent === caption);
  const next = text?.nextElementSibling;
  return next?.localName === "g" ? next : null;
}

/**
 * A drawing of the map of one head alone.
 *
 * @param {Figure|undefined} figure
 * @param {string|null} path
 * @returns {SVGSVGElement|null}
 */
export function headMap(figure, path) {
  const caption = captionOf(figure, path);
  if (!figure || caption === null) return null;
  const drawing = parseSvg(figure.svg);
  const map = mapUnder(drawing, caption);
  const size = Number(map?.querySelector("rect")?.getAttribute("width") ?? 0);
  if (!drawing || !map || !(size > 0)) return null;
  map.removeAttribute("transform");
  drawing.replaceChildren(map);
  drawing.setAttribute("viewBox", `-1 -1 ${size + 2} ${size + 2}`);
  drawing.setAttribute("aria-label", caption);
  return drawing;
}
