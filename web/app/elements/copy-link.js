/**
 * The link to this study, ready to be pasted elsewhere.
 *
 * Copying changes nothing on the page: where the clipboard is not allowed the link is shown in a field, as an address
 * that is set anew would leave a study from a file, and pause it. What no link can hold is said, and offered as a file.
 */

import { BaseElement, setAttribute, h, setText } from "../dom.js";
import { shared } from "../link.js";

/** Milliseconds that the button says what it did. */
const SAID = 2500;

export class CopyLink extends BaseElement {
  #button = h("button", { type: "button", class: "quiet", onclick: () => void this.#copy() }, "Copy link");
  #status = h("span", { class: "unseen", role: "status" });
  #note = h("div", { class: "note" });
  #field = h("input", { type: "text", readonly: true, "aria-label": "Link", onfocus: () => this.#field.select() });
  #save = h(
    "button",
    { type: "button", onclick: () => this.store.send({ type: "export", format: "study" }) },
    "Save the study file",
  );
  #close = h("button", { type: "button", onclick: () => this.#fold() }, "Close");
  #panel = h(
    "div",
    {
      class: "shared",
      role: "group",
      "aria-label": "Link",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    },
    this.#note,
    this.#field,
    h("div", { class: "buttons" }, this.#save, this.#close),
  );

  build() {
    this.#panel.hidden = true;
    this.append(this.#button, this.#status, this.#panel);
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    setAttribute(this.#button, "disabled", !state.description);
    // What was said of one study is not said of the next one.
    if (this.changed("study", state.page.study, state.study.name)) this.#panel.hidden = true;
  }

  async #copy() {
    const { description, page, study } = this.store.state;
    if (!description) return;
    const { link, file } = shared(location.href, description.link, page, study);
    const copied = Boolean(
      await navigator.clipboard?.writeText(link).then(
        () => true,
        () => false,
      ),
    );
    const said = [
      copied ? "" : "The browser does not let the page copy. Copy the link from the field below.",
      file === null
        ? ""
        : `The study is in the file ${file}, and no link can hold it: this one holds what the sandbox shows. ` +
          "To share the study, send the file too; it is opened under Study.",
    ];
    this.#show(said.filter(Boolean).join(" "), copied ? "" : link, file !== null && Boolean(study.sheet?.file));
    setText(this.#button, copied ? "Copied" : "Copy link");
    setText(this.#status, copied ? ["Copied", ...said].filter(Boolean).join(". ") : (said[0] ?? ""));
    if (copied) setTimeout(() => setText(this.#button, "Copy link"), SAID);
  }

  /**
   * @param {string} note  what is to be said; empty if nothing is
   * @param {string} link  empty if it was copied
   * @param {boolean} hasFile  whether the study can be saved
   */
  #show(note, link, hasFile) {
    this.#panel.hidden = note === "";
    setText(this.#note, note);
    this.#field.value = link;
    this.#field.hidden = link === "";
    this.#save.hidden = !hasFile;
    if (link !== "") this.#field.focus();
  }

  #fold() {
    this.#panel.hidden = true;
    this.#button.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape") this.#fold();
  }
}
