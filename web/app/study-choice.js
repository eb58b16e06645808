/**
 * Which study is shown: that of the link, one that ships with the page, or a file.
 *
 * Reading one takes a while, and another may be chosen meanwhile: only the last choice is shown. What is
 * done with a study once it is shown is in `study-runner.js`.
 */

import { CLOSED } from "./worker-channel.js";
import { ASSIGNED, FILE, isPlain, presetOf } from "./link.js";
import { problem, toProblem } from "./protocol.js";
import { fetchStudy } from "./stored-records.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./result-store.js").StudyFile} StudyFile */

export class StudyChoice {
  /**
   * The choice of a study that is being followed, with its link if it has one.
   *
   * @type {{link: string|null, controller: AbortController}|null}
   */
  #choice = null;
  /** The link whose study is shown. @type {string|null} */
  #read = null;
  /** Follows a choice again when the engine is there. @type {(() => void)|null} */
  #waiting = null;
  /** Kept once it is known which studies ship with the page. */
  #listed = promised();

  /**
   * @param {Store} store
   * @param {object} given
   * @param {import("./planner.js").Planner} given.planner
   * @param {import("./result-store.js").ResultStore} given.results
   * @param {URL} given.studies  folder of the studies that ship with the page
   * @param {() => void} given.left  called when what was open is left
   * @param {(outcomes: string[]) => void} given.found  called with the outcomes that came with a record
   */
  constructor(store, { planner, results, studies, left, found }) {
    this.store = store;
    this.planner = planner;
    this.results = results;
    this.studies = studies;
    this.left = left;
    this.found = found;
  }

  /** It is known which studies ship with the page. */
  listed() {
    this.#listed.keep();
  }

  /** The engine is there, or never will be: what waits for it goes on. */
  again() {
    this.#waiting?.();
  }

  /** What the address says changed. @param {string|null} name */
  named(name) {
    // The study of an assignment is known once it is known whose it is.
    if (name !== null && name !== ASSIGNED) return void this.ofName(name).then(() => this.offerStored());
    // The link is meant again, whatever was on its way.
    this.#abort();
  }

  /** A report is never empty where a stored study says what the sandbox's preset comes to. */
  offerStored() {
    const { page, study, link, description, engine, presets } = this.store.state;
    const asked = description?.link ?? link;
    // What is known here comes first; where the engine cannot say, nothing is.
    const unknown = page.stored || engine.status === "failed" || (study.status === "ready" && study.done.size === 0);
    const untouched = study.from === "link" && unknown && isPlain(asked) && !asked.includes("study.");
    // The first of them belongs to what a bare page shows.
    const shown = presetOf(asked) ?? presets[0]?.name ?? null;
    const preset =
      study.presets.find(({ name }) => name === shown) ??
      (asked === "" || shown === presets[0]?.name ? study.presets[0] : undefined);
    if (page.tab === "report" && page.assignment === null && untouched && preset && !this.#choice)
      this.store.send({ type: "studyPreset", name: preset.name });
  }

  /**
   * Reads the study of the link, once, if somebody looks or the link speaks of one: it takes a module of its own.
   *
   * @param {State} state
   */
  readLink({ page, description, live, link }) {
    const wanted = page.tab !== "sandbox" || link.includes("study.");
    // What the page named is shown in its place. A stored description is not all that the link asks for.
    if (!wanted || page.study !== null || page.assignment !== null || !description || !live) return;
    const chosen = this.#choice && (this.#choice.link === null || this.#choice.link === description.link);
    if (!chosen && description.link !== this.#read) void this.#ofLink(description.link);
  }

  /**
   * Follows a choice of study, of which only the last one counts: one that was overtaken is aborted and shows nothing.
   * The link is not read meanwhile, and is what one falls back on that came to nothing.
   *
   * @param {(signal: AbortSignal) => Promise<unknown>} work
   * @param {string|null} [link]  the link, if that was chosen
   */
  async #choose(work, link = null) {
    this.#abort();
    const choice = { link, controller: new AbortController() };
    const { signal } = choice.controller;
    this.#choice = choice;
    try {
      await work(signal);
      if (!signal.aborted && !this.#waiting) this.#choice = null;
    } catch (error) {
      if (signal.aborted || error === CLOSED) return;
      this.#choice = null;
      this.store.send({ type: "studyRefused", problem: toProblem(error) });
      if (link === null) this.readLink(this.store.state);
    }
  }

  /** Nothing that was chosen before counts any more. */
  #abort() {
    this.#choice?.controller.abort(CLOSED);
    this.#choice = null;
    this.#waiting = null;
  }

  /** Chooses again once the engine is there, without which this study cannot be read. @param {() => void} again */
  #wait(again) {
    if (this.store.state.engine.status === "failed")
      throw problem(
        "load-failed",
        "This study cannot be read, because the engine could not be loaded.",
        "Reload the page to try it again.",
      );
    this.#waiting = again;
  }

  /** The study of the sandbox, as soon as the engine has described that. */
  ofSandbox() {
    const { description, live } = this.store.state;
    if (description && live) void this.#ofLink(description.link);
    else void this.#choose(async () => this.#wait(() => this.ofSandbox()));
  }

  /** The study of the sandbox's link. @param {string} link */
  async #ofLink(link) {
    await this.#choose(async (signal) => {
      const sheet = await this.planner.studyOfLink(link, signal);
      // Its canonical form is the same study, without what was corrected; reading that as well would forget the
      // corrections.
      this.#read = sheet.link ?? link;
      this.store.send({ type: "studied", sheet, from: "link", name: null, named: null, asked: link });
    }, link);
  }

  /**
   * A study that ships with the page, or the file that was opened last.
   *
   * @param {string} named  what the address calls it
   */
  async ofName(named) {
    await this.#choose(async (signal) => {
      const file = named === FILE ? await this.#lastFile() : await this.#preset(named);
      signal.throwIfAborted();
      await this.#readFile(file, named, false, signal);
    });
  }

  /** A file that was opened just now. @param {StudyFile} file */
  async ofFile(file) {
    await this.#choose((signal) => this.#readFile(file, FILE, true, signal));
  }

  /** The study of an assignment, which is not a file that was opened. @param {StudyFile} file */
  async ofAssignment(file) {
    await this.#choose((signal) => this.#readFile(file, ASSIGNED, false, signal));
  }

  /**
   * Reads a study file or a record: what a record says of itself at once, the rest when the engine is there.
   *
   * @param {StudyFile} file
   * @param {string} named  what the address calls it
   * @param {boolean} keep  whether it is to be there when the tab is opened again
   * @param {AbortSignal} signal
   */
  async #readFile(file, named, keep, signal) {
    const record = recordIn(file.text);
    const { engine } = this.store.state;
    if (engine.status !== "ready") {
      if (record) this.#show(record, file.name, named);
      if (!record || engine.status !== "failed")
        this.#wait(() => void this.#choose((next) => this.#readFile(file, named, keep, next)));
      return;
    }
    const { sheet, outcomes } = record
      ? await this.planner.readRecord(file.text, signal)
      : { sheet: await this.planner.studyOfFile(file.text, signal), outcomes: [] };
    if (keep) await this.results.keepFile(file);
    signal.throwIfAborted();
    this.#read = null;
    this.store.send({ type: "studied", sheet, from: "file", name: file.name, named, asked: null });
    if (outcomes.length > 0) this.found(outcomes);
  }

  async #lastFile() {
    const file = await this.results.file();
    if (!file)
      throw problem(
        "bad-study",
        "The link refers to a file that was opened in another browser.",
        "Open the file here, or study what the sandbox shows.",
      );
    return file;
  }

  /** @param {string} name @returns {Promise<StudyFile>} */
  async #preset(name) {
    await this.#listed.promise;
    const preset = this.store.state.study.presets.find((one) => one.name === name);
    if (!preset)
      throw problem(
        "bad-study",
        `No study called "${name}" ships with this page.`,
        "Choose one from the list of studies, or study what the sandbox shows.",
      );
    return { text: await fetchStudy(this.studies, preset), name: preset.title };
  }

  /**
   * Shows what a record says of itself, before the engine can read it.
   *
   * @param {{study: any, report: any}} record
   * @param {string} name
   * @param {string} named
   */
  #show({ study, report }, name, named) {
    this.left();
    const empty = { figures: [], left_out: null, card: null, written: null, findings: [], tables: null, sentences: [] };
    const content = { report, ...empty };
    const shown = {
      ...study,
      json: "",
      hash: report.study,
      units: report.analysis.units,
      cost: { runs: 0, updates: 0, items: [] },
      tiers: [],
    };
    this.#read = null;
    this.store.send({ type: "recorded", study: shown, reported: content, name, named });
  }
}

/** A promise, and what keeps it. */
function promised() {
  let keep = () => {};
  const promise = /** @type {Promise<void>} */ (new Promise((resolve) => (keep = () => resolve())));
  return { promise, keep: () => keep() };
}

/**
 * The record in a text, if it is one; what it says is only shown, and read properly by the engine.
 *
 * @param {string} text
 */
function recordIn(text) {
  try {
    const record = JSON.parse(text);
    return record?.outcomes && record.report?.analysis?.components ? record : null;
  } catch {
    // The engine says what is wrong with it.
    return null;
  }
}
