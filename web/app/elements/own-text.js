/** Which text a model of text is trained on, and how to bring another: a file that is chosen or dropped, or a paste. */

import { BaseElement, h, setAttribute, setText } from "../dom.js";
import { count } from "../format.js";
import { canRun } from "../store.js";

export class OwnText extends BaseElement {
  #state = h("p", { class: "state", role: "status" });
  #notes = h("p", { class: "note" });
  #file = h("input", {
    type: "file",
    id: "text-file",
    class: "unseen",
    accept: ".txt,.md,.csv,.json,text/*",
    onchange: () => this.#choose(),
  });
  #paste = h("textarea", { id: "text-paste", rows: 4, spellcheck: "false", oninput: () => this.#count() });
  #use = h("button", { type: "button", disabled: true, onclick: () => this.#pasted() }, "Use this text");
  #length = h("span", { class: "note" });

  build() {
    this.append(
      h("h3", {}, "The text"),
      this.#state,
      this.#notes,
      h(
        "div",
        { class: "pick" },
        this.#file,
        h("label", { for: "text-file", class: "button" }, "Choose a file…"),
        h("span", { class: "note" }, "or drop one here: UTF-8, up to 2 MB. It stays in this browser."),
      ),
      h(
        "details",
        {},
        h("summary", {}, "Paste a text"),
        h("label", { for: "text-paste", class: "unseen" }, "Text"),
        this.#paste,
        h("div", { class: "pick" }, this.#use, this.#length),
      ),
    );
    this.addEventListener("dragover", (event) => this.#over(event));
    this.addEventListener("dragleave", () => this.removeAttribute("data-over"));
    this.addEventListener("drop", (event) => this.#drop(event));
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description, page } = state;
    const file = description?.data_set.file;
    this.hidden = file === undefined;
    if (!description || file === undefined || !this.changed("text", description, page.text, canRun(state))) return;
    const { lacks, data_set: set } = description;
    const isShipped = description.fields.some(({ path, kind, value, ...field }) => {
      return path === "data.corpus" && kind === "file" && "default" in field && field.default === value;
    });
    const name = isShipped
      ? "the text that comes with the page"
      : page.text
        ? `“${page.text}”`
        : "a text without a name";
    this.toggleAttribute("data-lacks", Boolean(lacks));
    setText(
      this.#state,
      lacks
        ? `This link needs ${name} (SHA-256 ${file.slice(0, 12)}…): ${lacks.reason}. Nothing can be trained before.`
        : `Trained on ${name} (SHA-256 ${file.slice(0, 12)}…).`,
    );
    setAttribute(this.#state, "title", file);
    setText(this.#notes, (set.notes ?? []).join(" "));
    for (const control of [this.#file, this.#paste]) setAttribute(control, "disabled", !canRun(state));
    this.#count();
  }

  #count() {
    const length = this.#paste.value.length;
    setAttribute(this.#use, "disabled", length === 0 || this.#paste.disabled);
    setText(this.#length, length > 0 ? `${count(length)} ${length === 1 ? "character" : "characters"}` : "");
  }

  #pasted() {
    this.store.send({ type: "text", file: new Blob([this.#paste.value]), name: "pasted text" });
    this.#paste.value = "";
    this.#count();
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    this.setAttribute("data-over", "");
  }

  /** @param {DragEvent} event */
  #drop(event) {
    this.removeAttribute("data-over");
    document.body.removeAttribute("data-drop");
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    // Elsewhere on the page a file that is dropped is a study.
    event.stopPropagation();
    this.store.send({ type: "text", file, name: file.name });
  }

  #choose() {
    const file = this.#file.files?.[0];
    if (file) this.store.send({ type: "text", file, name: file.name });
    // The same file can be chosen again once it was changed.
    this.#file.value = "";
  }
}
