/** The link to this study, ready to be pasted elsewhere. */

import { Part, attribute, h, say } from "../dom.js";
import { FILE, join } from "../link.js";

export class CopyLink extends Part {
  #button = h("button", { type: "button", class: "quiet", onclick: () => this.#copy() }, "Copy link");
  #said = h("span", { class: "unseen", role: "status" });

  build() {
    this.append(this.#button, this.#said);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    attribute(this.#button, "disabled", !state.description);
  }

  async #copy() {
    const { description, page } = this.store.state;
    if (!description) return;
    const link = `${location.href.split("#")[0]}#${join(description.link, { ...page, theme: "auto", study: page.study === FILE ? null : page.study })}`;
    const copied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    );
    const text = copied ? "Copied" : "Copy it from the address bar";
    if (!copied) location.hash = link.split("#")[1] ?? "";
    say(this.#button, text);
    say(this.#said, text);
    setTimeout(() => say(this.#button, "Copy link"), 2500);
  }
}
