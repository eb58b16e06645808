/** Reads the files of a class, one after the other, so that the page stays quick with hundreds of them. */

import { saveFile } from "../save.js";
import { sha256 } from "../sha256.js";
import { toProblem } from "../protocol.js";
import { groupIn } from "./found.js";
import { readGiven } from "./given.js";
import { csvOf } from "./summary.js";
import { LARGEST, readSubmission } from "./submission.js";

/** @typedef {import("./state.js").ClassStore} ClassStore */

/** Milliseconds between two drawings of what was read: a figure of hundreds of marks takes longer than reading one. */
const SHOW_EVERY = 1000;

export class ClassRunner {
  /** Submissions that were read and are not shown yet. @type {import("./submission.js").Submission[]} */
  #unseen = [];
  #shown = 0;
  #controller = new AbortController();
  /** Files that wait for their turn. @type {File[]} */
  #waiting = [];
  #done = 0;

  /** @param {ClassStore} store @param {import("../planner.js").Planner} planner @param {typeof saveFile} [save] */
  constructor(store, planner, save = saveFile) {
    this.store = store;
    this.planner = planner;
    this.save = save;
    store.follow((event, state) => {
      if (event.type === "files") void this.#add(event.files);
      else if (event.type === "stop") {
        this.#stop();
        this.#show();
      } else if (event.type === "clear") this.#stop();
      else if (event.type === "csv") {
        const group = groupIn(state, event.assignment);
        if (group) this.save(`${fileName(group.assignment)}.class.csv`, "text/csv", csvOf(group));
      }
    });
  }

  /** @param {readonly File[]} files */
  async #add(files) {
    const running = this.#waiting.length > 0;
    this.#waiting.push(...files);
    if (running || files.length === 0) return;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#done = 0;
    for (let file = this.#waiting[0]; file; file = this.#waiting[0]) {
      const of = this.#done + this.#waiting.length;
      this.store.send({ type: "reading", done: this.#done, of, name: file.name });
      await this.#read(file, signal);
      if (signal.aborted) return;
      this.#waiting.shift();
      this.#done += 1;
      if (performance.now() - this.#shown > SHOW_EVERY) this.#show();
    }
    this.#show();
    this.store.send({ type: "done" });
  }

  #stop() {
    this.#controller.abort();
    this.#waiting = [];
  }

  #show() {
    const submissions = this.#unseen;
    this.#unseen = [];
    this.#shown = performance.now();
    if (submissions.length > 0) this.store.send({ type: "read", submissions });
  }

  /** Reads one file. Whatever is wrong with it, the others are read. @param {File} file @param {AbortSignal} signal */
  async #read(file, signal) {
    const name = file.webkitRelativePath || file.name;
    let text = "";
    try {
      // A picture of many megabytes is not worth reading.
      text = await file.slice(0, LARGEST + 4).text();
      const given = await readGiven({ name, text }, this.planner, signal);
      if (given) return void (signal.aborted || this.store.send({ type: "given", given }));
      const submission = await readSubmission({ name, text, at: file.lastModified }, this.planner, signal);
      if (!signal.aborted) this.#unseen.push(submission);
    } catch (error) {
      if (signal.aborted) return;
      const { message } = toProblem(error);
      const digest = sha256(`${file.size}\n${text}`);
      const refused = { file: name, why: message.replace(/[^.!?]$/, "$&."), digest };
      this.store.send({ type: "refused", refused });
    }
  }
}

/** As much of an id as a file may be called; a submission can say anything. @param {string} id */
function fileName(id) {
  return id.replaceAll(/[^A-Za-z0-9-]+/g, "-").slice(0, 40);
}
