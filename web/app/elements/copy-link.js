/** The link to this study, ready to be pasted elsewhere. */

import { BaseElement, setAttribute, h, setText } from "../dom.js";
import { FILE, join } from "../link.js";

export class CopyLink extends BaseElement {
  #button = h("button", { type: "button", class: "quiet", onclick: () => this.#copy() }, "Copy link");
  #status = h("span", { class: "unseen", role: "status" });

  build() {
    this.append(this.#button, this.#status);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    setAttribute(this.#button, "disabled", !state.description);
  }

  async #copy() {
    const { description, page } = this.store.state;
    if (!description) return;
    // A theme is a reader's own, and a file cannot be opened from a link.
    const shared = { ...page, theme: /** @type {const} */ ("auto"), study: page.study === FILE ? null : page.study };
    const link = `${location.href.split("#")[0]}#${join(description.link, shared)}`;
    const copied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    );
    const text = copied ? "Copied" : "Copy it from the address bar";
    if (!copied) location.hash = link.split("#")[1] ?? "";
    setText(this.#button, text);
    setText(this.#status, text);
    setTimeout(() => setText(this.#button, "Copy link"), 2500);
  }
}
