/**
 * Which study is shown: that of the link, one that ships with the page, or a file.
 *
 * Reading one takes a while, and whoever chose may choose again meanwhile: only the last choice shows anything. What is
 * done with a study once it
 * is shown is told in `study.js`.
 */

import { CLOSED } from "./channel.js";
import { FILE, isPlain, presetOf } from "./link.js";
import { problem, toProblem } from "./protocol.js";
import { fetchStudy } from "./stored.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./shelf.js").StudyFile} StudyFile */

export class StudyChoice {
  /** The choice of a study that is being followed, with its link if it has one. @type {{link: string|null}|null} */
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
   * @param {import("./clerk.js").Clerk} given.clerk
   * @param {import("./shelf.js").Shelf} given.shelf
   * @param {URL} given.studies  folder of the studies that ship with the page
   * @param {() => void} given.left  told when what was open no longer is
   * @param {(outcomes: string[]) => void} given.found  told what came with a record
   */
  constructor(store, { clerk, shelf, studies, left, found }) {
    this.store = store;
    this.clerk = clerk;
    this.shelf = shelf;
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
    if (name !== null) return void this.ofName(name).then(() => this.offerStored());
    // The link is meant again, whatever was on its way.
    this.#choice = null;
    this.#waiting = null;
  }

  /** A report is never empty where a stored study says what the bench's preset comes to. */
  offerStored() {
    const { page, study, link, description, engine, presets } = this.store.state;
    const asked = description?.link ?? link;
    // What is known here comes first; where the engine cannot say, nothing is.
    const unknown = page.stored || engine.status === "failed" || (study.status === "ready" && study.done.size === 0);
    const untouched = study.from === "link" && unknown && isPlain(asked) && !asked.includes("study.");
    // The first of them belongs to what a bare page shows.
    const bench = presetOf(asked) ?? presets[0]?.name ?? null;
    const preset =
      study.presets.find(({ name }) => name === bench) ??
      (asked === "" || bench === presets[0]?.name ? study.presets[0] : undefined);
    if (page.tab === "report" && untouched && preset && !this.#choice)
      this.store.send({ type: "studyPreset", name: preset.name });
  }

  /**
   * Reads the study of the link, once, if somebody looks or the link speaks of one: it takes a module of its own.
   *
   * @param {State} state
   */
  readLink({ page, description, live, link }) {
    const wanted = page.tab !== "bench" || link.includes("study.");
    // What the page named is shown in its place. A stored description is not all that the link asks for.
    if (!wanted || page.study !== null || !description || !live) return;
    const chosen = this.#choice && (this.#choice.link === null || this.#choice.link === description.link);
    if (!chosen && description.link !== this.#read) void this.#ofLink(description.link);
  }

  /**
   * Follows a choice of study, of which only the last one counts: one that was overtaken shows nothing, whenever it
   * comes to its end. The link
   * is not read meanwhile, and is what one falls back on that came to nothing.
   *
   * @param {(still: () => boolean) => Promise<unknown>} work  told whether its choice still counts
   * @param {string|null} [link]  the link, if that was chosen
   */
  async #choose(work, link = null) {
    const choice = { link };
    this.#choice = choice;
    this.#waiting = null;
    const still = () => this.#choice === choice;
    try {
      await work(still);
      if (still() && !this.#waiting) this.#choice = null;
    } catch (error) {
      if (!still() || error === CLOSED) return;
      this.#choice = null;
      this.store.send({ type: "studyRefused", problem: toProblem(error) });
      if (link === null) this.readLink(this.store.state);
    }
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

  /** The study of the bench, as soon as the engine has described that. */
  ofBench() {
    const { description, live } = this.store.state;
    if (description && live) void this.#ofLink(description.link);
    else void this.#choose(async () => this.#wait(() => this.ofBench()));
  }

  /** The study of the bench's link. @param {string} link */
  async #ofLink(link) {
    await this.#choose(async (still) => {
      const sheet = await this.clerk.studyOfLink(link);
      if (!still()) return;
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
    await this.#choose(async (still) => {
      const file = named === FILE ? await this.#lastFile() : await this.#preset(named);
      if (still()) await this.#readFile(file, named, false, still);
    });
  }

  /** A file that was opened just now. @param {StudyFile} file */
  async ofFile(file) {
    await this.#choose((still) => this.#readFile(file, FILE, true, still));
  }

  /**
   * Reads a study file or a record: what a record says of itself at once, the rest when the engine is there.
   *
   * @param {StudyFile} file
   * @param {string} named  what the address calls it
   * @param {boolean} keep  whether it is to be there when the tab is opened again
   * @param {() => boolean} still
   */
  async #readFile(file, named, keep, still) {
    const record = recordIn(file.text);
    const { engine } = this.store.state;
    if (engine.status !== "ready") {
      if (record) this.#show(record, file.name, named);
      if (!record || engine.status !== "failed")
        this.#wait(() => void this.#choose((again) => this.#readFile(file, named, keep, again)));
      return;
    }
    const { sheet, outcomes } = record
      ? await this.clerk.readRecord(file.text)
      : { sheet: await this.clerk.studyOfFile(file.text), outcomes: [] };
    if (still() && keep) await this.shelf.keepFile(file);
    if (!still()) return;
    this.#read = null;
    this.store.send({ type: "studied", sheet, from: "file", name: file.name, named, asked: null });
    if (outcomes.length > 0) this.found(outcomes);
  }

  async #lastFile() {
    const file = await this.shelf.file();
    if (!file)
      throw problem(
        "bad-study",
        "The link speaks of a file that was opened in another browser.",
        "Open the file here, or take the study that the bench shows.",
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
        "Take one from the list of studies, or the study that the bench shows.",
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
    const told = { report, figures: [], card: null, written: null, findings: [], tables: null, sentences: [] };
    const shown = {
      ...study,
      json: "",
      hash: report.study,
      units: report.analysis.units,
      cost: { runs: 0, updates: 0, items: [] },
      tiers: [],
    };
    this.#read = null;
    this.store.send({ type: "recorded", study: shown, told, name, named });
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
