/**
 * Pointing at a component of the report: what is about it bears its name (`data-component`), and what is pointed at, or
 * has the focus, is marked in the figure, the sentences and the table alike.
 */

/**
 * Tells the store which component inside of an element is pointed at.
 *
 * @param {HTMLElement} element
 * @param {() => import("../store.js").Store} store
 */
export function tellPointed(element, store) {
  const tell = (/** @type {string|null} */ component) => store().send({ type: "component", component });
  for (const type of ["pointerover", "focusin"]) element.addEventListener(type, ({ target }) => tell(named(target)));
  for (const type of ["pointerleave", "focusout"]) element.addEventListener(type, () => tell(null));
}

/** @param {EventTarget|null} target */
function named(target) {
  const about = target instanceof Element ? target.closest("[data-component]") : null;
  return about instanceof HTMLElement ? (about.dataset.component ?? null) : null;
}

/**
 * Marks what is about a component.
 *
 * @param {HTMLElement} element
 * @param {string|null} component
 */
export function markComponent(element, component) {
  for (const about of element.querySelectorAll("[data-component]"))
    about.toggleAttribute("data-marked", /** @type {HTMLElement} */ (about).dataset.component === component);
}
