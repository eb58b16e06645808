/**
 * Which text a model of text is trained on, and how to bring another: a file that is chosen or dropped, or a paste.
 * Where a model reads tokens, also how large the vocabulary is that a text is encoded with, and what can be saved.
 */

import { BaseElement, h, setAttribute, setText } from "../dom.js";
import { SIZES, TOKENS, sizeIn } from "../encoded-text.js";
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
  #size = h("input", {
    type: "number",
    id: "text-vocabulary",
    min: SIZES.least,
    max: SIZES.most,
    step: 1,
    value: SIZES.usual,
    "aria-describedby": "text-vocabulary-help",
    onchange: () => (this.#size.value = String(sizeIn(this.#size.value))),
  });
  #vocabulary = h(
    "div",
    { class: "field number" },
    h("label", { for: "text-vocabulary" }, "Vocabulary size", h("span", { class: "unit" }, "tokens")),
    this.#size,
    h(
      "p",
      { class: "help", id: "text-vocabulary-help" },
      `Byte pair encoding (BPE) learns at most so many on the text that you give: ${SIZES.least} to ${SIZES.most}.`,
    ),
  );
  #hint = h("span", { class: "note" });
  #saves = h(
    "div",
    { class: "pick saves" },
    h("button", { type: "button", onclick: () => this.#save("encoded") }, "Save the encoded text"),
    h("button", { type: "button", onclick: () => this.#save("tokenizer") }, "Save tokenizer.json"),
    h(
      "span",
      { class: "note" },
      "Who opens a link to this model needs the encoded text. Hugging Face’s tokenizers read tokenizer.json.",
    ),
  );
  /** What the text that is shown is called. @type {string|null} */
  #name = null;

  build() {
    this.append(
      h("h3", {}, "The text"),
      this.#state,
      this.#notes,
      this.#saves,
      this.#vocabulary,
      h(
        "div",
        { class: "pick" },
        this.#file,
        h("label", { for: "text-file", class: "button" }, "Choose a file…"),
        this.#hint,
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
    const seen = [description, page.text, canRun(state), state.encoding];
    this.hidden = file === undefined;
    if (!description || file === undefined || !this.changed("text", ...seen)) return;
    const { lacks, data_set: set } = description;
    const isEncoded = set.name === TOKENS;
    const isShipped = description.fields.some(({ path, kind, value, ...field }) => {
      return path === "data.corpus" && kind === "file" && "default" in field && field.default === value;
    });
    const name = isShipped
      ? "the text that comes with the page"
      : page.text
        ? `“${page.text}”`
        : "a text without a name";
    this.#name = isShipped ? null : page.text;
    const encoded = isEncoded ? ", encoded" : "";
    this.toggleAttribute("data-lacks", Boolean(lacks));
    setText(
      this.#state,
      state.encoding !== null
        ? `Learning a vocabulary of ${count(state.encoding)} tokens…`
        : lacks
          ? `This link needs ${name}${encoded} (SHA-256 ${file.slice(0, 12)}…): ${lacks.reason}. ` +
            "Nothing can be trained before."
          : `Trained on ${name}${encoded} (SHA-256 ${file.slice(0, 12)}…).`,
    );
    setAttribute(this.#state, "title", file);
    setText(this.#notes, (set.notes ?? []).join(" "));
    setText(
      this.#hint,
      isEncoded
        ? "or drop one here: UTF-8, up to 2 MB, or an encoded text, up to 4 MB. It stays in this browser."
        : "or drop one here: UTF-8, up to 2 MB. It stays in this browser.",
    );
    this.#vocabulary.hidden = !isEncoded;
    this.#saves.hidden = !isEncoded || Boolean(lacks);
    for (const control of [this.#file, this.#paste, this.#size]) setAttribute(control, "disabled", !canRun(state));
    this.#count();
  }

  #count() {
    const length = this.#paste.value.length;
    setAttribute(this.#use, "disabled", length === 0 || this.#paste.disabled);
    setText(this.#length, length > 0 ? `${count(length)} ${length === 1 ? "character" : "characters"}` : "");
  }

  /** @param {Blob} file @param {string} name */
  #give(file, name) {
    this.store.send({ type: "text", file, name, size: sizeIn(this.#size.value) });
  }

  /** @param {"encoded"|"tokenizer"} what */
  #save(what) {
    this.store.send({ type: "saveText", what, name: this.#name });
  }

  #pasted() {
    this.#give(new Blob([this.#paste.value]), "pasted text");
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
    this.#give(file, file.name);
  }

  #choose() {
    const file = this.#file.files?.[0];
    if (file) this.#give(file, file.name);
    // The same file can be chosen again once it was changed.
    this.#file.value = "";
  }
}
