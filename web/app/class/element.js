/** An element of the page of a class: as those of the page of students, with a state of its own. */

import { BaseElement } from "../dom.js";

/** @typedef {import("./state.js").ClassState} ClassState */
/** @typedef {import("./state.js").ClassStore} ClassStore */

export class ClassElement extends BaseElement {
  get class() {
    return /** @type {ClassStore} */ (/** @type {unknown} */ (this.store));
  }

  /** @param {unknown} state */
  draw(state) {
    this.drawClass(/** @type {ClassState} */ (state));
  }

  /** @param {ClassState} _state */
  drawClass(_state) {}
}
