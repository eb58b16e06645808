/** Whether the page is kept for use without a network, in one sentence. */

import { BaseElement, h, setText } from "../dom.js";

/** @typedef {import("../store.js").State} State */

export class OfflineNote extends BaseElement {
  #text = h("span");

  build() {
    this.append(this.#text);
  }

  /** @param {State} state */
  draw({ kept: { status, reason } }) {
    const refused = `This page is not kept for use without a network: the browser refused to store it (${reason}).`;
    const text = { unknown: "", kept: "This page is kept in this browser and works without a network.", refused };
    setText(this.#text, text[status]);
  }
}
