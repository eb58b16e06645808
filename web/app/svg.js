/**
 * Figures arrive as SVG text. Our own engine draws it or it ships with the page, but a record file may come from
 * anywhere, and markup that is put into a page can style the page, load things and run. So the text is parsed as XML
 * and drawn only if it holds nothing but the elements and attributes that the engine's figures consist of.
 */

import { drawing } from "./trusted.js";

const SVG = "http://www.w3.org/2000/svg";

/** Every element that `crates/figures` writes. */
const TAGS = new Set(["svg", "title", "desc", "g", "path", "rect", "circle", "text"]);

/** Every attribute that `crates/figures` writes. Neither `id`, `class`, `style` nor any reference is among them. */
const ATTRIBUTES = new Set([
  ...["xmlns", "viewBox", "role", "data-plot", "data-x", "data-row", "transform"],
  ...["x", "y", "width", "height", "rx", "cx", "cy", "r", "d"],
  ...["fill", "fill-opacity", "opacity", "paint-order", "shape-rendering"],
  ...["stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"],
  ...["font-family", "font-size", "font-style", "font-weight", "text-anchor"],
]);

/** A colour: none, hexadecimal, or a variable of the page with a hexadecimal fallback. Never `url()`. */
const COLOUR = /^(?:none|#[0-9a-f]{3,8}|var\(--[a-z-]+(?:, ?#[0-9a-f]{3,8})?\))$/i;

/** The largest drawing of the engine has a tenth of these characters, and four levels. */
const LONGEST = 4_000_000;
const DEEPEST = 16;

const ELEMENT = 1;
const TEXT = 3;

/**
 * The drawing in `text`, or `null` if it is not one that the engine could have drawn.
 *
 * @param {string} text
 * @returns {SVGSVGElement|null}
 */
export function parseSvg(text) {
  if (!isPlain(text)) return null;
  const root = new DOMParser().parseFromString(drawing(text), "image/svg+xml").documentElement;
  if (root.localName !== "svg" || !isAllowed(root)) return null;
  return /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(root, true)));
}

/**
 * Whether a text holds neither declarations nor instructions nor comments, of which the engine writes none: a document
 * type can declare entities that take gigabytes to write out.
 *
 * @param {string} text
 */
export function isPlain(text) {
  return text.length <= LONGEST && !/<[!?]/.test(text);
}

/**
 * Whether an element and all that it contains consists of allowed elements, attributes and text.
 *
 * @param {Pick<Element, "localName"|"namespaceURI"> & {attributes: Iterable<{name: string, value: string}>,
 *   childNodes: Iterable<any>}} element
 * @param {number} [depth]  levels above it
 * @returns {boolean}
 */
export function isAllowed({ localName, namespaceURI, attributes, childNodes }, depth = 0) {
  if (depth > DEEPEST) return false;
  if (namespaceURI !== SVG || !TAGS.has(localName)) return false;
  if (![...attributes].every(isAllowedAttribute)) return false;
  return [...childNodes].every(
    (node) => node.nodeType === TEXT || (node.nodeType === ELEMENT && isAllowed(node, depth + 1)),
  );
}

/** @param {{name: string, value: string}} attribute */
function isAllowedAttribute({ name, value }) {
  if (!ATTRIBUTES.has(name)) return false;
  if (name === "fill" || name === "stroke") return COLOUR.test(value);
  return name !== "xmlns" || value === SVG;
}
