/** What shows this sandbox in another page, ready to be pasted there. */

import { HOME } from "../files.js";
import { BaseElement, h, setAttribute, setText } from "../dom.js";
import { FILE, join } from "../link.js";
import { elementSnippet, iframeSnippet } from "../snippets.js";
import { settledView } from "../store.js";

/** @typedef {import("../store.js").State} State */

export class EmbedMenu extends BaseElement {
  #text = h("textarea", { readonly: true, rows: 6, spellcheck: "false", "aria-label": "Snippet to paste" });
  #status = h("span", { role: "status" });
  #iframe = h("button", { type: "button", onclick: () => this.#copy("iframe") }, "Copy iframe");
  #element = h("button", { type: "button", onclick: () => this.#copy("element") }, "Copy element");
  #shown = /** @type {"iframe"|"element"} */ ("iframe");
  #box = h(
    "details",
    { class: "drawer", ontoggle: () => this.draw(this.store.state) },
    h("summary", {}, "Embed this"),
    h(
      "p",
      { class: "note" },
      "The iframe works wherever HTML may be pasted. The element also follows the height of what is shown; it takes " +
        "a script.",
    ),
    h("div", { class: "options" }, this.#iframe, this.#element, this.#status),
    this.#text,
  );

  build() {
    this.append(this.#box);
  }

  /** @param {State} state */
  draw(state) {
    // A page that is one file is nowhere for other sites.
    this.hidden = HOME === null;
    if (HOME === null) return;
    const ready = state.description !== null;
    setAttribute(this.#iframe, "disabled", !ready);
    setAttribute(this.#element, "disabled", !ready);
    if (!ready || !this.#box.open) return;
    const text = snippetOf(state, this.#shown, HOME.href);
    if (this.#text.value !== text) this.#text.value = text;
  }

  /** @param {"iframe"|"element"} kind */
  async #copy(kind) {
    this.#shown = kind;
    this.draw(this.store.state);
    const copied = await navigator.clipboard?.writeText(this.#text.value).then(
      () => true,
      () => false,
    );
    if (!copied) this.#text.select();
    setText(this.#status, copied ? "Copied" : "Selected: copy it by hand");
    setTimeout(() => setText(this.#status, ""), 2500);
  }
}

/**
 * @param {State} state
 * @param {"iframe"|"element"} kind
 * @param {string} address  of the whole page
 */
export function snippetOf(state, kind, address) {
  const { page, description, link, study } = state;
  const base = new URL("./", address.split("#")[0]).href;
  // A theme is the host's to choose, and a file cannot be opened from a link.
  const kept = { ...page, theme: /** @type {const} */ ("auto"), study: page.study === FILE ? null : page.study };
  const fragment = join(description?.link ?? link, kept);
  const title =
    page.tab === "sandbox"
      ? (description?.data_set.label ?? "a small model")
      : (study.sheet?.study?.title ?? study.name ?? "a study");
  const shown = { base, fragment, title };
  const sentence = page.tab === "sandbox" && !page.predict ? (settledView(state)?.contrast.sentence ?? "") : "";
  return kind === "iframe" ? iframeSnippet(shown) : elementSnippet(shown, sentence);
}
