/**
 * Making and patching elements. The page is drawn by hand: what changed is set, what did not change is not touched, so
 * that focus, selection and open tables survive three drawings a second.
 */

import { schedule } from "./scheduler.js";

/** @typedef {string|number|Node|null|undefined|false} Child */

/**
 * An element with attributes, listeners (`onclick`) and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [given]  `false`, `null` and `undefined` leave an attribute out, `true` sets it
 *   empty
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on") && typeof value === "function")
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else setAttribute(element, name, value);
  }
  element.append(...present(children));
  return element;
}

/**
 * An SVG element with attributes and children.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} given
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, given, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(given)) setAttribute(element, name, value);
  element.append(...present(children));
  return element;
}

/** @param {Child[]} children @returns {(string|Node)[]} */
function present(children) {
  return children.flatMap((child) =>
    child === null || child === undefined || child === false ? [] : [typeof child === "number" ? String(child) : child],
  );
}

/**
 * Sets or removes an attribute, if that changes anything. What is said of an element to screen readers is said in
 * words, `true` and `false`; other attributes are there or not.
 *
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
export function setAttribute(element, name, value) {
  if (name.startsWith("aria-") && typeof value === "boolean") value = String(value);
  if (value === false || value === null || value === undefined) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * Sets the text of an element, if that changes anything.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` those of `items`, reusing the elements of keys that stay.
 *
 * @template Item
 * @template {HTMLElement} Made
 * @param {Element} parent
 * @param {Item[]} items
 * @param {(item: Item) => string} key
 * @param {(item: Item) => Made} make
 * @param {(element: Made, item: Item) => void} patch
 */
export function keyedList(parent, items, key, make, patch) {
  const existing = new Map(
    [...parent.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key, /** @type {Made} */ (child)]),
  );
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const element = existing.get(name) ?? make(item);
    existing.delete(name);
    element.dataset.key = name;
    if (element === next) next = element.nextElementSibling;
    else parent.insertBefore(element, next);
    patch(element, item);
  }
  for (const gone of existing.values()) gone.remove();
}

/**
 * Scrolls an element into view, gently unless motion is not wanted: no further than it takes, or to its beginning if it
 * is still to grow.
 *
 * @param {Element|null} element
 * @param {"nearest"|"start"} [block]
 */
export function bringIntoView(element, block = "nearest") {
  element?.scrollIntoView({
    block,
    behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  });
}

/**
 * An element of the page that draws the store's state. Subclasses `build` once and `draw` each time; drawing is a piece
 * of its own.
 */
export class BaseElement extends HTMLElement {
  /** @type {import("./store.js").Store|null} */
  #store = null;
  /** @type {(() => void)|null} */
  #leave = null;
  #built = false;
  /** @type {Record<string, unknown>} */
  #seen = {};

  /** @param {import("./store.js").Store} store */
  set store(store) {
    this.#store = store;
    this.#enter();
  }

  get store() {
    if (!this.#store) throw new Error(`<${this.localName}> was used before it was given a store`);
    return this.#store;
  }

  connectedCallback() {
    this.#enter();
  }

  disconnectedCallback() {
    this.#leave?.();
    this.#leave = null;
  }

  #enter() {
    if (!this.#store || !this.isConnected || this.#leave) return;
    if (!this.#built) this.build();
    this.#built = true;
    this.#leave = this.#store.listen((state) => schedule(this, () => this.isConnected && this.#redraw(state)));
  }

  /**
   * A button that hides itself would take the focus with it, and the keyboard would begin at the top of the page again.
   *
   * @param {import("./store.js").State} state
   */
  #redraw(state) {
    const focused = document.activeElement;
    const inside = focused !== null && this.contains(focused);
    this.draw(state);
    if (!inside || (document.activeElement !== focused && document.activeElement !== document.body)) return;
    if (!this.contains(focused) || focused.getClientRects().length === 0) this.focusFallback()?.focus();
  }

  /**
   * Whether any of these values changed since the last time it was asked under this name.
   *
   * @param {string} name
   * @param {...unknown} values
   */
  changed(name, ...values) {
    const seen = /** @type {unknown[]|undefined} */ (this.#seen[name]);
    this.#seen[name] = values;
    return !seen || seen.some((value, index) => value !== values[index]);
  }

  /** Makes the lasting elements. */
  build() {}

  /** Where the focus goes when what had it is gone. @returns {HTMLElement|null} */
  focusFallback() {
    return null;
  }

  /** @param {import("./store.js").State} _state */
  draw(_state) {}
}
