/**
 * What is done outside for the study that was chosen (see `study-choice.js`): the place where the store meets the
 * clerk, the crew and the shelf.
 *
 * A loop of four lines hides in here: plan, run some, keep, tell. The clerk plans and tells, the crew runs, the shelf
 * keeps. Whatever is on the
 * shelf need not be run, whoever put it there: this tab on another day, another tab now, or another study that shares
 * the trial.
 */

import { CLOSED } from "./channel.js";
import { Clerk } from "./clerk.js";
import { Crew } from "./crew.js";
import { problem, toProblem } from "./protocol.js";
import { rememberRate, rememberedRate } from "./rates.js";
import { fetchStudies } from "./stored.js";
import { StudyChoice } from "./study-choice.js";
import { EXPORTS, fileName } from "./exports.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./shelf.js").Shelf} Shelf */
/** @typedef {import("./protocol.js").Fleet} Fleet */
/** @typedef {import("./protocol.js").FleetDone} FleetDone */
/** @typedef {import("./protocol.js").StudyShown} StudyShown */

/** Milliseconds of training that an estimate is made from, and between two reports of a study that runs. */
const GAUGE = 400;
const TELL_EVERY = 3000;

export class Study {
  /** Hash of the study that is open. */
  #openFor = "";
  /** Studies are numbered as they are opened: what comes of one that was left is nobody's concern. */
  #turn = 0;
  /** @type {Crew|null} */
  #crew = null;
  /** Outcomes as text, by the id of their trial. @type {Map<string, string>} */
  #known = new Map();
  /** Those of them that came with a record. @type {Set<string>} */
  #given = new Set();
  /** @type {Fleet[]} */
  #queue = [];
  #complete = false;
  /** Updates and milliseconds of all hands together. */
  #spent = { updates: 0, took: 0 };
  /** Whether there is something to tell that was not told. */
  #untold = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #telling;
  /** Plans and what changes them take turns. @type {Promise<unknown>} */
  #line = Promise.resolve();
  /** Gives the claim on the study up that keeps two tabs from running the same fleet. @type {(() => void)|null} */
  #release = null;
  /** Whether this tab was the first to open the study. */
  #first = true;

  /**
   * @param {Store} store
   * @param {object} given
   * @param {() => import("./channel.js").WorkerLike} given.spawn
   * @param {Shelf} given.shelf
   * @param {number} given.cores
   * @param {URL} given.studies  folder of the studies that ship with the page
   * @param {(name: string, type: string, text: string) => void} given.save  downloads a file
   * @param {LockManager|undefined} [given.locks]
   */
  constructor(store, { spawn, shelf, cores, studies, save, locks }) {
    this.store = store;
    this.spawn = spawn;
    this.shelf = shelf;
    this.cores = cores;
    this.studies = studies;
    this.save = save;
    this.locks = locks;
    this.clerk = new Clerk(spawn);
    this.choice = new StudyChoice(store, {
      clerk: this.clerk,
      shelf,
      studies,
      left: () => this.#close(),
      found: (outcomes) => void this.#quietly(() => this.#open(outcomes)),
    });
    store.follow((event, state, before) => this.#follow(event, state, before));
  }

  /** Loads what ships with the page. */
  async start() {
    const presets = await fetchStudies(this.studies);
    this.store.send({ type: "studies", presets });
    this.choice.listed();
    this.#turned(this.store.state);
  }

  /** Ends every worker of it. */
  close() {
    this.#close();
    this.clerk.close();
  }

  /** @type {Parameters<Store["follow"]>[0]} */
  #follow(event, state, before) {
    switch (event.type) {
      case "asked":
        if (state.page.study !== before.page.study) this.choice.named(state.page.study);
        if (state.page.tab !== before.page.tab) this.#turned(state);
        break;
      case "described":
        this.choice.again();
        this.choice.readLink(state);
        break;
      case "engine":
        if (event.status === "ready" || event.status === "failed") this.choice.again();
        if (event.status === "failed") this.choice.offerStored();
        break;
      case "studyOfBench":
        this.choice.ofBench();
        break;
      case "studyFile":
        void this.choice.ofFile({ text: event.text, name: event.name });
        break;
      case "studyPreset":
        void this.choice.ofName(event.name);
        break;
      case "studied":
        if (before.study.sheet?.study?.hash !== event.sheet.study?.hash) this.#leave(before);
        this.#turned(state);
        break;
      case "tab":
        this.#turned(state);
        break;
      case "studyStart":
        void this.#quietly(() => this.#start());
        break;
      case "studyPause":
        this.#crew?.hold();
        this.#tellSoon(0);
        break;
      case "studyDiscard":
        void this.#quietly(() => this.#discard(before));
        break;
      case "hidden":
      case "background":
        // What was found meanwhile is told to whoever looks again.
        this.#tellSoon(0);
        if (state.study.status === "running") this.#mind(state);
        break;
      case "export":
        void this.#quietly(() => this.#export(event.format, state));
        break;
    }
  }

  /** Nobody who looks at the bench alone needs a study opened. @param {State} state */
  #turned(state) {
    const { page } = state;
    this.choice.readLink(state);
    if (page.tab !== "bench") void this.#quietly(() => this.#open().then(() => this.choice.offerStored()));
    this.#tellSoon(0);
  }

  /** Leaves a study for another one, and says so if it was running. @param {State} before */
  #leave({ study }) {
    this.#close();
    if (study.status !== "running") return;
    const left = problem(
      "internal",
      "The study that ran was left, because another one is shown now.",
      "What it found is kept: going back to it goes on where it stood.",
    );
    this.store.send({ type: "notice", notice: { tone: "info", problem: left } });
  }

  /**
   * Opens the study: what is known of it is looked up and what is next is planned.
   *
   * @param {string[]} given  outcomes that came with it
   */
  async #open(given = []) {
    const { sheet } = this.store.state.study;
    const study = sheet?.study;
    if (!study || this.store.state.engine.status !== "ready") return;
    if (this.#openFor === study.hash && given.length === 0) return;
    this.#close();
    this.#openFor = study.hash;
    const turn = this.#turn;
    this.store.send({ type: "studyOpening" });
    this.#crew = new Crew({ spawn: this.spawn, size: this.cores, owner: this.#owner(turn) });
    try {
      await this.#inLine(async () => {
        // Another study may have taken its place while it stood in line.
        if (turn !== this.#turn) return;
        for (const text of given) this.#known.set(idIn(text), text);
        this.#given = new Set(this.#known.keys());
        await this.#ours(turn, this.#claim(turn, study.hash));
        await this.#ours(turn, this.clerk.open(study.json, this.#known));
        await this.#lookUp(turn);
        await this.#plan(turn);
      });
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
      return;
    }
    if (turn !== this.#turn) return;
    this.#untold = this.#known.size > 0;
    this.#tellSoon(0);
    const { state } = this.store;
    if (state.study.status === "running") this.#mind(state);
    await this.#gauge(study);
  }

  /**
   * What a study waits for. If it was left meanwhile nobody goes on with it: what there is to know by now is another
   * study's.
   *
   * @template T
   * @param {number} turn
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  async #ours(turn, work) {
    const value = await work;
    if (turn !== this.#turn) throw CLOSED;
    return value;
  }

  /** Leaves the study. What was found is on the shelf. */
  #close() {
    this.#turn += 1;
    this.#openFor = "";
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#crew?.close();
    this.#crew = null;
    this.#known = new Map();
    this.#given = new Set();
    this.#queue = [];
    this.#complete = false;
    this.#untold = false;
    this.#spent = { updates: 0, took: 0 };
    this.#release?.();
    this.#release = null;
  }

  /**
   * How fast a study trains here: as remembered, else a moment of its first fleet is tried.
   *
   * @param {StudyShown} study
   */
  async #gauge(study) {
    const remembered = rememberedRate(study.settings);
    if (remembered) return this.store.send({ type: "rated", rate: remembered, measured: false });
    const [fleet] = this.#queue;
    if (!fleet || fleet.origins.length > 0) return;
    const tried = await this.#crew?.gauge(fleet, GAUGE);
    if (tried && tried.took > 0 && this.#openFor === study.hash) this.#rate(study, (1000 * tried.updates) / tried.took);
  }

  /** @param {StudyShown} study @param {number} rate */
  #rate(study, rate) {
    if (!(rate > 0)) return;
    rememberRate(study.settings, rate);
    this.store.send({ type: "rated", rate, measured: true });
  }

  /** Opens the study if need be, and has it go on. */
  async #start() {
    await this.#open();
    const { state } = this.store;
    if (state.study.status === "running") this.#mind(state);
  }

  /** A study that nobody looks at waits, unless it was asked to go on. @param {State} state */
  #mind({ run, background }) {
    if (run.hidden && !background) this.#crew?.hold();
    else this.#crew?.start();
  }

  /** Throws away what is stored of the study. @param {State} before */
  async #discard(before) {
    const ids = [...new Set(before.study.schedule.map(({ id }) => id))];
    this.#close();
    // Whoever opens it meanwhile finds nothing of it.
    await this.#inLine(() => this.shelf.remove(ids));
    await this.#open();
  }

  /**
   * What the crew is given, and what it gives back.
   *
   * @param {number} turn
   * @returns {import("./crew.js").Owner}
   */
  #owner(turn) {
    const { store, shelf } = this;
    const here = () => turn === this.#turn;
    return {
      next: () => this.#inLine(async () => (here() ? this.#next(turn) : null)),
      done: (fleet, found) => this.#inLine(async () => (here() ? this.#done(turn, fleet, found) : undefined)),
      recall: (ids) => shelf.weights(ids),
      retain: (weights) => shelf.put(new Map(), weights),
      progress: (fleet, share) => here() && store.send({ type: "fleetAt", ids: fleet.ids, share }),
      replaced: (why) => {
        if (!here()) return;
        store.send({
          type: "notice",
          notice: {
            tone: "info",
            problem: {
              ...why,
              hint: "It was replaced, and what it had under way is run again. Nothing that was found is lost.",
            },
          },
        });
      },
      failed: (why) => here() && this.#fail(why),
    };
  }

  /** The next fleet that nobody has run yet. @param {number} turn @returns {Promise<Fleet|null>} */
  async #next(turn) {
    for (;;) {
      if (this.#queue.length === 0 && !this.#complete) await this.#plan(turn);
      // Whoever comes second begins at the other end.
      const fleet = this.#first ? this.#queue.shift() : this.#queue.pop();
      if (!fleet) {
        // The last outcomes may have come from the shelf.
        this.#finishIfDone();
        return null;
      }
      const found = await this.#ours(turn, this.shelf.outcomes(fleet.ids));
      if (found.size === 0) {
        this.store.send({ type: "fleetAt", ids: fleet.ids, share: 0 });
        return fleet;
      }
      await this.#learn(turn, found);
      this.#tellSoon(TELL_EVERY);
      // The rest of the fleet is planned anew.
      if (found.size < fleet.ids.length) this.#queue = [];
    }
  }

  /** @param {number} turn @param {Fleet} fleet @param {FleetDone} found */
  async #done(turn, fleet, found) {
    const outcomes = new Map(fleet.ids.map((id, index) => [id, /** @type {string} */ (found.outcomes[index])]));
    await this.#ours(turn, this.shelf.put(outcomes, found.weights));
    this.#spent.updates += found.updates;
    this.#spent.took += found.took;
    await this.#learn(turn, outcomes);
    const { study } = this.store.state.study.sheet ?? {};
    if (study) this.#rate(study, (1000 * this.#spent.updates) / this.#spent.took);
    if (this.#queue.length === 0) await this.#plan(turn);
    this.#tellSoon(TELL_EVERY);
    if (!this.#finishIfDone(fleet.ids)) setTimeout(() => this.#crew?.wake());
  }

  /**
   * Ends the study if nothing is missing and nothing is under way.
   *
   * @param {string[]} [found]  what is no longer under way, though a hand still holds it
   */
  #finishIfDone(found = []) {
    const crew = this.#crew;
    if (!crew || !this.#complete || crew.running().some((id) => !found.includes(id))) return false;
    crew.close();
    this.#crew = null;
    this.store.send({ type: "studyStopped", problem: null });
    this.#tellSoon(0);
    return true;
  }

  /** @param {number} turn @param {Map<string, string>} outcomes */
  async #learn(turn, outcomes) {
    for (const [id, text] of outcomes) this.#known.set(id, text);
    await this.#ours(turn, this.clerk.add([...outcomes.values()]));
    this.#untold = true;
    this.store.send({ type: "fleetDone", ids: [...outcomes.keys()] });
  }

  /**
   * Takes from the shelf what is known there, and what that makes known to be needed, until there is nothing more.
   *
   * @param {number} turn
   */
  async #lookUp(turn) {
    for (;;) {
      const missing = await this.#ours(turn, this.clerk.missing());
      const found = await this.#ours(turn, this.shelf.outcomes(missing));
      if (found.size === 0) return;
      for (const [id, text] of found) this.#known.set(id, text);
      await this.#ours(turn, this.clerk.add([...found.values()]));
    }
  }

  /** @param {number} turn */
  async #plan(turn) {
    const { fleets, schedule, margin, complete } = await this.#ours(
      turn,
      this.clerk.plan(this.cores, this.#crew?.running() ?? []),
    );
    this.#queue = fleets;
    this.#complete = complete;
    this.store.send({ type: "planned", schedule, done: [...this.#known.keys()], margin, complete });
  }

  /** Has the clerk tell what is found, if somebody looks, and not too often. @param {number} wait */
  #tellSoon(wait) {
    if (wait === 0) clearTimeout(this.#telling);
    else if (this.#telling !== undefined) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      void this.#quietly(() => this.#tell());
    }, wait);
  }

  async #tell() {
    const { page, run } = this.store.state;
    if (!this.#untold || page.tab !== "report" || run.hidden || !this.#openFor) return;
    const turn = this.#turn;
    this.#untold = false;
    const told = await this.clerk.tell();
    if (turn === this.#turn) this.store.send({ type: "told", told, source: this.#source() });
  }

  /** @returns {import("./study-state.js").StudySource} */
  #source() {
    const computed = [...this.#known].filter(([id]) => !this.#given.has(id));
    const kind = computed.length === 0 ? "stored" : this.#given.size === 0 ? "computed" : "mixed";
    const last = computed.at(-1)?.[1];
    return { kind, device: last ? String(JSON.parse(last).device) : "" };
  }

  /** @param {string} format @param {State} state */
  async #export(format, { study }) {
    const wanted = EXPORTS.find((one) => one.format === format);
    if (!wanted || !study.sheet?.study) return;
    const text = format === "record" ? await this.clerk.record() : wanted.text(study);
    if (text !== null) this.save(fileName(study.sheet.study, wanted), wanted.type, text);
  }

  /** Claims the study for this tab, or learns that another has it. @param {number} turn @param {string} hash */
  async #claim(turn, hash) {
    const { locks } = this;
    this.#first = true;
    if (!locks) return;
    await new Promise((answered) => {
      const hold = (/** @type {unknown} */ lock) => {
        answered(undefined);
        // Nobody would give back what is granted to a study that was left.
        if (turn !== this.#turn) return undefined;
        this.#first = lock !== null;
        return lock === null ? undefined : new Promise((release) => (this.#release = () => release(undefined)));
      };
      locks.request(`ablation-study-${hash}`, { ifAvailable: true }, hold).catch(() => answered(undefined));
    });
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inLine(work) {
    const result = this.#line.then(work);
    this.#line = result.catch(() => undefined);
    return result;
  }

  /**
   * Leaves a study that cannot be opened or cannot go on, and says why. What was found is on the shelf.
   *
   * @param {unknown} error
   */
  #fail(error) {
    if (error === CLOSED) return;
    this.#close();
    this.store.send({ type: "studyStopped", problem: toProblem(error) });
  }

  /** Says what went wrong beside the study, which goes on. @param {() => Promise<unknown>} work */
  async #quietly(work) {
    try {
      await work();
    } catch (error) {
      if (error !== CLOSED) this.store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
    }
  }
}

/** @param {string} outcome */
function idIn(outcome) {
  return String(JSON.parse(outcome).trial);
}
