/** Elements of a page, registered and given the store. */

/**
 * @param {import("../store.js").Store} store
 * @param {Record<string, typeof import("../dom.js").BaseElement>} elements
 */
export function defineElements(store, elements) {
  for (const [name, Class] of Object.entries(elements)) {
    customElements.define(name, Class);
    for (const element of document.querySelectorAll(name))
      /** @type {import("../dom.js").BaseElement} */ (element).store = store;
  }
}
