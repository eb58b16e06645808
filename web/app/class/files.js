/** Opening the files of a class, and how far their reading is. */

import { h, setAttribute, setText } from "../dom.js";
import { count, isolated } from "../format.js";
import { toProblem } from "../protocol.js";
import { ClassElement } from "./element.js";

export class ClassFiles extends ClassElement {
  #files = h("input", {
    type: "file",
    id: "class-files",
    class: "unseen",
    multiple: true,
    accept: ".json,application/json",
    onchange: () => this.#chosen(this.#files),
  });
  #folder = h("input", {
    type: "file",
    id: "class-folder",
    class: "unseen",
    webkitdirectory: true,
    onchange: () => this.#chosen(this.#folder),
  });
  #status = h("p", { class: "status", role: "status" });
  #done = h("i");
  #bar = h(
    "div",
    { class: "far", role: "progressbar", "aria-label": "Submissions read", "aria-valuemin": 0 },
    this.#done,
  );
  #stop = h("button", { type: "button", onclick: () => this.class.send({ type: "stop" }) }, "Stop");
  #clear = h("button", { type: "button", onclick: () => this.class.send({ type: "clear" }) }, "Start over");

  build() {
    this.append(
      h(
        "div",
        { class: "pick" },
        this.#folder,
        h("label", { for: "class-folder", class: "button" }, "Open a folder…"),
        this.#files,
        h("label", { for: "class-files", class: "button" }, "Open files…"),
        h("span", { class: "note" }, "or drop submissions here; the assignment's own file too, if you have it"),
      ),
      h("div", { class: "how-far" }, this.#status, this.#stop, this.#clear),
      this.#bar,
    );
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      document.body.dataset.drop = "Drop the submissions";
    });
    document.addEventListener(
      "dragleave",
      (event) => !event.relatedTarget && document.body.removeAttribute("data-drop"),
    );
    document.addEventListener("drop", (event) => {
      document.body.removeAttribute("data-drop");
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      void filesIn(event.dataTransfer).then(({ files, unread }) => {
        for (const refused of unread) this.class.send({ type: "refused", refused });
        this.#add(files);
      });
    });
  }

  focusFallback() {
    return this.#files;
  }

  /** @param {import("./state.js").ClassState} state */
  drawClass({ reading, read, refused, stopped }) {
    const some = read.length + refused.length > 0;
    setText(this.#status, textOf(reading, read.length, refused.length, stopped));
    this.#stop.hidden = this.#bar.hidden = reading === null;
    this.#clear.hidden = reading !== null || !some;
    const { done = 0, of = 1 } = reading ?? {};
    setAttribute(this.#bar, "aria-valuemax", of);
    setAttribute(this.#bar, "aria-valuenow", done);
    this.#done.style.width = `${(100 * done) / of}%`;
  }

  /** @param {HTMLInputElement} input */
  #chosen(input) {
    const files = [...(input.files ?? [])];
    input.value = "";
    this.#add(files);
  }

  /** Files that begin with a point are a system's own. @param {File[]} files */
  #add(files) {
    const own = files.filter(({ name }) => !name.startsWith("."));
    if (own.length > 0) this.class.send({ type: "files", files: own });
  }
}

/**
 * @param {import("./state.js").ClassState["reading"]} reading
 * @param {number} read
 * @param {number} refused
 * @param {boolean} stopped
 */
function textOf(reading, read, refused, stopped) {
  if (reading) return `Reading ${count(reading.done + 1)} of ${count(reading.of)}: ${isolated(reading.name)}`;
  if (read + refused === 0) return "No submission was opened yet.";
  const many = `${count(read)} ${read === 1 ? "submission" : "submissions"} read`;
  const left = refused > 0 ? `, ${count(refused)} ${refused === 1 ? "file" : "files"} left out` : "";
  return `${many}${left}${stopped ? "; stopped before the end" : ""}.`;
}

/**
 * The files that were dropped, and those in dropped folders, each with its path as where a folder is opened. What the
 * browser cannot read leaves the others.
 *
 * @param {DataTransfer} dropped
 * @returns {Promise<{files: File[], unread: import("./summary.js").Refused[]}>}
 */
export async function filesIn(dropped) {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry === null)) return { files: [...dropped.files], unread: [] };
  /** @type {File[]} */
  const files = [];
  /** @type {import("./summary.js").Refused[]} */
  const unread = [];
  const read = async (/** @type {FileSystemEntry} */ entry) => {
    if (entry.isFile) {
      const one = /** @type {FileSystemFileEntry} */ (entry);
      /** @type {File} */
      const file = await new Promise((resolve, reject) => one.file(resolve, reject));
      files.push(Object.defineProperty(file, "webkitRelativePath", { value: pathOf(entry) }));
      return;
    }
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (;;) {
      // A reader gives a hundred at a time.
      /** @type {FileSystemEntry[]} */
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const one of some) await walk(one);
    }
  };
  const walk = (/** @type {FileSystemEntry} */ entry) =>
    read(entry).catch((error) => {
      const why = `The browser cannot read it: ${toProblem(error).message.replace(/[.!]$/, "")}.`;
      unread.push({ file: pathOf(entry), why });
    });
  for (const entry of entries) if (entry) await walk(entry);
  return { files, unread };
}

/** @param {FileSystemEntry} entry */
function pathOf({ fullPath }) {
  return fullPath.replace(/^\//, "");
}
