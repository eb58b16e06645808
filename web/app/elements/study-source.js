/** Which study this is: the bench's, one that ships with the page, or a file. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { FILE } from "../link.js";

/** Largest file that is read, in bytes; a record of a large study is a few megabytes. */
const LARGEST = 64 << 20;

/** Largest assignment or submission, in characters; a record may be larger. */
const LARGEST_ASSIGNED = 4 << 20;

/** @type {import("../protocol.js").Problem} */
const BUSY = {
  code: "bad-study",
  message: "An assignment is open, and it has a study of its own.",
  hint: "Close the assignment to open another study. What was typed and run is kept.",
};

export class StudySource extends BaseElement {
  #title = h("h2", { id: "study-title", tabindex: -1 });
  #claim = h("p", { class: "claim" });
  #from = h("p", { class: "note" });
  /** What a paper reports, beside what is found here. */
  #published = h("p");
  #here = h("p");
  #beside = h("div", { class: "beside", hidden: true }, this.#published, this.#here);
  #select = h("select", { id: "study-from", onchange: () => this.#choose(this.#select.value) });
  #file = h("input", {
    type: "file",
    id: "study-file",
    class: "unseen",
    accept: ".json,application/json",
    onchange: () => void this.#read(this.#file.files?.[0]),
  });

  build() {
    this.append(
      h("div", { class: "which" }, this.#title, this.#claim, this.#beside, this.#from),
      h(
        "div",
        { class: "source" },
        h("div", { class: "field" }, h("label", { for: "study-from" }, "Study"), this.#select),
        h(
          "div",
          { class: "pick" },
          this.#file,
          h("label", { for: "study-file", class: "button" }, "Open a file…"),
          h("span", { class: "note" }, "or drop a study, a record or an assignment here"),
        ),
      ),
    );
    document.addEventListener("dragover", (event) => this.#over(event));
    document.addEventListener(
      "dragleave",
      (event) => !event.relatedTarget && document.body.removeAttribute("data-drop"),
    );
    document.addEventListener("drop", (event) => this.#drop(event));
  }

  /** @param {import("../store.js").State} state */
  draw({ study, description }) {
    const { sheet, from, name, named, presets } = study;
    const bench = "";
    const chosen = named ?? bench;
    if (this.changed("options", presets, name, named)) {
      const options = [
        { value: bench, label: "What the sandbox shows" },
        ...presets.map((preset) => ({ value: preset.name, label: preset.title })),
        ...(chosen === FILE ? [{ value: FILE, label: name ?? "a file" }] : []),
      ];
      keyedList(
        this.#select,
        options,
        ({ value }) => value,
        ({ value }) => h("option", { value }),
        (option, { label }) => setText(option, label),
      );
    }
    // What was chosen and could not be shown is not chosen.
    if (this.#select.value !== chosen) this.#select.value = chosen;
    const changes = sheet?.study?.variants.length ?? 0;
    const title = sheet?.study?.title ?? name ?? description?.data_set.label ?? "Study";
    setText(this.#title, title);
    setText(this.#claim, sheet?.study?.claim ?? "");
    const preset = presets.find((one) => one.name === named);
    this.#beside.hidden = !preset?.published;
    setText(this.#published, `Published: ${preset?.published ?? ""}`);
    setText(this.#here, `Here: ${preset?.here ?? ""}`);
    const summary = sheet?.study
      ? `${changes} ${changes === 1 ? "change" : "changes"} against one reference; each arm has its own ` +
        "hyper-parameter search and trials with the same seeds."
      : sheet?.refused
        ? "Choose at least one component to remove or one setting to change."
        : "";
    setText(this.#from, summary);
    setAttribute(this.#from, "data-from", from);
  }

  /** @param {string} value */
  #choose(value) {
    if (value === "") this.store.send({ type: "studyOfSandbox" });
    else if (value !== FILE) this.store.send({ type: "studyPreset", name: value });
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.dataset.drop = "Drop a study, a record or an assignment";
  }

  /** @param {DragEvent} event */
  #drop(event) {
    document.body.removeAttribute("data-drop");
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void this.#read(file);
  }

  /** @param {File|undefined} file */
  async #read(file) {
    this.#file.value = "";
    if (!file) return;
    if (file.size > LARGEST) {
      const problem = {
        code: /** @type {const} */ ("bad-study"),
        message: `${file.name} is larger than any study.`,
        hint: "Drop a study file or a record as JSON.",
      };
      return this.store.send({ type: "notice", notice: { tone: "error", problem } });
    }
    const text = await file.text();
    const kind = schemaOf(text);
    if (kind.startsWith("ablation-assignment/"))
      return this.store.send({ type: "assignmentFile", text, name: file.name });
    const other = kind.startsWith("ablation-") ? notHere(kind, file.name) : null;
    const busy = this.store.state.page.assignment === null ? null : BUSY;
    const problem = other ?? busy;
    if (problem) return this.store.send({ type: "notice", notice: { tone: "error", problem } });
    this.store.send({ type: "studyFile", text, name: file.name });
    // A file dropped on the sandbox is opened in the report.
    if (this.store.state.page.tab === "sandbox") this.store.send({ type: "tab", tab: "report" });
  }
}

/** What a file says it is; empty if it says nothing. @param {string} text */
function schemaOf(text) {
  if (text.length > LARGEST_ASSIGNED) return "";
  try {
    return String(JSON.parse(text.replace(/^\ufeff/, ""))?.schema ?? "");
  } catch {
    // The engine says what is wrong with it.
    return "";
  }
}

/**
 * A file of a course that is opened elsewhere; `null` if it is none.
 *
 * @param {string} schema
 * @param {string} name
 * @returns {import("../protocol.js").Problem|null}
 */
function notHere(schema, name) {
  if (schema.startsWith("ablation-submission/"))
    return {
      code: "bad-study",
      message: `${name} is a submission of an assignment.`,
      hint: "Instructors open submissions on the page class.html, and grade them with `ablation grade`.",
    };
  if (schema.startsWith("ablation-solution/"))
    return {
      code: "bad-study",
      message: `${name} is the solution of an assignment.`,
      hint: "It is read by `ablation grade`; open the assignment itself here.",
    };
  return null;
}
