/**
 * What is done outside for the study that was chosen (see `study-choice.js`): the place where the store meets the
 * planner, the worker pool and the result store.
 *
 * It is a loop of four steps: plan, run some, save, report. The planner plans and reports, the pool runs, the result
 * store saves. What is stored need not be run, whichever tab stored it: this tab on another day, another tab now, or
 * another study that shares the trial.
 */

import { CLOSED } from "./worker-channel.js";
import { Planner } from "./planner.js";
import { textsIn } from "./texts.js";
import { WorkerPool } from "./worker-pool.js";
import { problem, toProblem } from "./protocol.js";
import { isHeld } from "./store.js";
import { rememberRate, rememberedRate } from "./rates.js";
import { fetchStudies } from "./stored-records.js";
import { StudyChoice } from "./study-choice.js";
import { TRIED, fasterOf, settledDevice } from "./study-device.js";
import { EXPORTS, fileName } from "./exports.js";
import { OtherTabs } from "./other-tabs.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./result-store.js").ResultStore} ResultStore */
/** @typedef {import("./generated/protocol.js").Fleet} Fleet */
/** @typedef {import("./protocol.js").FleetDone} FleetDone */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {import("./generated/protocol.js").ShownStudy} StudyShown */

/** Milliseconds of training that an estimate is made from, and between two reports of a study that runs. */
const BENCHMARK = 400;
const REPORT_EVERY = 3000;
/** And between two looks at what other tabs have stored. */
const CATCH_UP_EVERY = 700;

const REPORT_IT = "This is a fault of the program: please report it with the link of the study.";

export class StudyRunner {
  /** Hash of the study that is open. */
  #openFor = "";
  /** Aborted when the study that is open is left: what comes late of it is not taken for its successor's. */
  #open = new AbortController();
  /** @type {WorkerPool|null} */
  #pool = null;
  /** Outcomes as text, by the id of their trial. @type {Map<string, string>} */
  #known = new Map();
  /** Those of them that came with a record. @type {Set<string>} */
  #given = new Set();
  /** @type {Fleet[]} */
  #queue = [];
  #complete = false;
  /** Steps and milliseconds of all slots together. */
  #spent = { updates: 0, took: 0 };
  /** Devices that are being settled, by the life of the study that they are for. */
  #settling = /** @type {WeakMap<AbortSignal, Promise<void>>} */ (new WeakMap());
  /** Whether there are outcomes that were not reported. */
  #unreported = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #reporting;
  /** Plans and what changes them take turns. @type {Promise<unknown>} */
  #line = Promise.resolve();
  /** Gives up the claim on the study that keeps two tabs from running the same fleet. @type {(() => void)|null} */
  #release = null;
  /** Whether this tab was the first to open the study. */
  #first = true;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #catching;
  /** Other tabs that have the study open. */
  #tabs;

  /**
   * @param {Store} store
   * @param {object} given
   * @param {() => import("./worker-channel.js").WorkerLike} given.spawn
   * @param {ResultStore} given.results
   * @param {number} given.cores
   * @param {URL} given.studies  folder of the studies that ship with the page
   * @param {(name: string, type: string, text: string) => void} given.save  downloads a file
   * @param {(hashes: string[]) => Promise<import("./texts.js").Text[]>} [given.texts]  those of the texts that are here
   * @param {LockManager|undefined} [given.locks]
   * @param {() => import("./other-tabs.js").Channel} [given.channel]  to other tabs
   * @param {() => number} [given.clock]  milliseconds since 1970
   * @param {Partial<typeof import("./worker-host.js").TIMEOUTS>} [given.timeouts]
   */
  constructor(
    store,
    { spawn, results, cores, studies, save, texts = async () => [], locks, channel, clock = Date.now, timeouts },
  ) {
    this.texts = texts;
    this.store = store;
    this.spawn = spawn;
    this.results = results;
    this.cores = cores;
    this.studies = studies;
    this.save = save;
    this.locks = locks;
    this.clock = clock;
    this.timeouts = timeouts;
    this.planner = new Planner({ spawn, timeouts, onRestart: (why) => this.#notify(why) });
    this.choice = new StudyChoice(store, {
      planner: this.planner,
      results,
      studies,
      left: () => this.#close(),
      found: (outcomes) => void this.#reportErrors(() => this.#openStudy(outcomes)),
    });
    this.#tabs = new OtherTabs({
      locks,
      channel,
      changed: (others) => store.send({ type: "studyShared", others }),
      stored: () => this.#catchUpSoon(),
      discarded: () => void this.#reportErrors(() => this.#discardedElsewhere()),
    });
    store.follow((event, state, before) => this.#follow(event, state, before));
  }

  /** Loads what ships with the page. */
  async start() {
    const presets = await fetchStudies(this.studies);
    this.store.send({ type: "studies", presets });
    this.choice.listed();
    this.#tabChanged(this.store.state);
  }

  /** The record of the study that is open, as text; of outcomes, what there are so far. */
  record() {
    return this.planner.record();
  }

  /** How many fleets train at a time on processors: without workers all would share one thread. */
  #cores() {
    return this.store.state.place === "page" ? 1 : this.cores;
  }

  /** Ends every worker of it. */
  close() {
    this.#close();
    this.#tabs.close();
    this.planner.close();
  }

  /** @type {Parameters<Store["follow"]>[0]} */
  #follow(event, state, before) {
    if (event.type !== "fleetAt") this.#followPause(state, before);
    switch (event.type) {
      case "asked":
        if (state.page.study !== before.page.study) this.choice.named(state.page.study);
        if (state.page.tab !== before.page.tab) this.#tabChanged(state);
        break;
      case "described":
        this.choice.again();
        this.choice.readLink(state);
        break;
      case "engine":
        if (event.status === "ready" || event.status === "failed") this.choice.again();
        if (event.status === "failed") this.choice.offerStored();
        break;
      case "studyOfSandbox":
        this.choice.ofSandbox();
        break;
      case "studyFile":
        void this.choice.ofFile({ text: event.text, name: event.name });
        break;
      case "studyAssigned":
        void this.choice.ofAssignment({ text: event.text, name: event.name });
        break;
      case "studyPreset":
        void this.choice.ofName(event.name);
        break;
      case "studied":
        if (before.study.sheet?.study?.hash !== event.sheet.study?.hash) this.#leave(before);
        this.#tabChanged(state);
        break;
      case "tab":
        this.#tabChanged(state);
        break;
      case "studyStart":
        void this.#reportErrors(() => this.#start());
        break;
      case "studyDevice":
        // A study that stands still moves at once, so that what is said of its speed is true.
        if (state.study.status === "ready") void this.#reportErrors(() => this.#settleDevice());
        break;
      case "studyPause":
        this.#pool?.pause();
        this.#reportSoon(0);
        break;
      case "studyDiscard":
        void this.#reportErrors(() => this.#discard(before));
        break;
      case "hidden":
      case "background":
        // What was found meanwhile is reported when the page is looked at again, by another tab as well.
        this.#reportSoon(0);
        if (event.type === "hidden" && !state.run.hidden) void this.#reportErrors(() => this.#catchUp());
        if (state.study.status === "running") this.#followVisibility(state);
        break;
      case "export":
        void this.#reportErrors(() => this.#export(event.format, state));
        break;
    }
  }

  /**
   * Keeps since when the study stands still, and tells the other tabs whether this one computes it.
   *
   * @param {State} state
   * @param {State} before
   */
  #followPause(state, before) {
    const { store } = this;
    const now = computes(state);
    if (this.#openFor === state.study.sheet?.study?.hash) this.#tabs.running(now);
    if (now === computes(before)) return;
    const { pause } = state.study;
    if (!now && state.study.status === "ready" && !state.study.complete && before.study.status === "running")
      store.send({
        type: "studyHeld",
        pause: { since: pause?.until === null ? pause.since : this.clock(), until: null, why: "asked" },
      });
    else if (!now && state.study.status === "running" && state.run.hidden)
      store.send({ type: "studyHeld", pause: { since: this.clock(), until: null, why: "hidden" } });
    else if (now && pause?.why === "hidden")
      store.send({ type: "studyHeld", pause: { ...pause, until: this.clock() } });
  }

  /** Who looks at the sandbox alone needs no study opened. @param {State} state */
  #tabChanged(state) {
    const { page } = state;
    this.choice.readLink(state);
    if (page.tab !== "sandbox") {
      void this.#reportErrors(() => this.#openStudy().then(() => this.choice.offerStored()));
    }
    this.#reportSoon(0);
  }

  /** Leaves a study for another one, and says so if it was running. @param {State} before */
  #leave({ study }) {
    this.#close();
    if (study.status !== "running") return;
    const message = "The study that was running was paused, because another study is shown now.";
    this.#notify(problem("internal", message, "Its results are kept: open it again to resume it."));
  }

  /**
   * Opens the study: what is known of it is looked up and what is next is planned.
   *
   * @param {string[]} given  outcomes that came with it
   */
  async #openStudy(given = []) {
    const { sheet } = this.store.state.study;
    const study = sheet?.study;
    if (!study || this.store.state.engine.status !== "ready") return;
    if (this.#openFor === study.hash && given.length === 0) return;
    this.#close();
    this.#openFor = study.hash;
    const { signal } = this.#open;
    this.store.send({ type: "studyOpening" });
    this.#pool = this.#newPool("cpu", signal);
    try {
      await this.#inLine(async () => {
        // Another study may have taken its place while it stood in line.
        signal.throwIfAborted();
        for (const text of given) this.#known.set(idIn(text), text);
        this.#given = new Set(this.#known.keys());
        await current(signal, this.#claim(signal, study.hash));
        await this.planner.open(study.json, this.#known, signal);
        await this.#lookUp(signal);
        const device = settledDevice(this.store.state, this.#known.values());
        if (device && device !== "cpu") this.#usePool(this.#newPool(device, signal));
        await this.#plan(signal);
      });
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
      return;
    }
    if (signal.aborted) return;
    void this.#tabs.open(study.hash);
    await this.#sayWhenLeft(study.hash, signal);
    this.#unreported = this.#known.size > 0;
    this.#reportSoon(0);
    await this.#benchmark(study, signal);
  }

  /** @param {import("./protocol.js").DeviceName} device @param {AbortSignal} signal */
  #newPool(device, signal) {
    const { spawn, timeouts } = this;
    const size = device === "webgpu" ? 1 : this.#cores();
    const force = this.store.state.page.force === "gpu";
    /** @type {WorkerPool} */
    const pool = new WorkerPool({ spawn, size, device, force, timeouts, owner: this.#owner(signal, () => pool) });
    return pool;
  }

  /** Goes on with another pool. What the one before had under way is planned again. @param {WorkerPool} pool */
  #usePool(pool) {
    this.#pool?.close();
    this.#pool = pool;
    this.#queue = [];
    this.#spent = { updates: 0, took: 0 };
    this.store.send({ type: "studyMoved", device: pool.device });
  }

  /** Chooses the device of the study, which may have to be measured, and moves the study there. */
  #settleDevice() {
    const { signal } = this.#open;
    const settling = this.#settling.get(signal) ?? this.#settle(signal).finally(() => this.#settling.delete(signal));
    this.#settling.set(signal, settling);
    return settling;
  }

  /** @param {AbortSignal} signal */
  async #settle(signal) {
    // What is known of the study decides as well, so it has to be open.
    await this.#inLine(async () => undefined);
    if (signal.aborted) return;
    const device = settledDevice(this.store.state, this.#known.values()) ?? (await this.#fasterDevice(signal));
    if (signal.aborted || !this.#pool || this.#pool.device === device) return;
    await this.#inLine(async () => {
      if (signal.aborted || this.#pool?.device === device) return;
      this.#usePool(this.#newPool(device, signal));
      await this.#plan(signal);
    });
    const { study } = this.store.state.study.sheet ?? {};
    const rate = study && rememberedRate(study.settings, device);
    if (rate && !signal.aborted) this.store.send({ type: "rated", rate, measured: false });
  }

  /**
   * Has each device train some steps of a fleet of its own size.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<import("./protocol.js").DeviceName>}
   */
  async #fasterDevice(signal) {
    const { store } = this;
    store.send({ type: "studySpeeds", speeds: "measuring" });
    /** @type {import("./study-device.js").Speeds|null} */
    let speeds = null;
    try {
      const cpu = await this.#measure("cpu", signal);
      const webgpu = cpu > 0 ? await this.#measure("webgpu", signal) : 0;
      if (webgpu > 0) speeds = { cpu, webgpu };
    } catch (error) {
      // What is wrong with the study is said when it runs; a graphics device that fails is not used.
      if (!signal.aborted) this.#notify({ ...toProblem(error), hint: "The study is computed on the processor." });
    }
    if (signal.aborted) return "cpu";
    store.send({ type: "studySpeeds", speeds });
    return speeds ? fasterOf(speeds) : "cpu";
  }

  /**
   * Training steps per second of all that a device does at a time; 0 if there is nothing that can be tried.
   *
   * @param {import("./protocol.js").DeviceName} device
   * @param {AbortSignal} signal
   */
  async #measure(device, signal) {
    const cores = this.#cores();
    const { fleets } = await this.planner.plan({ cores, device, running: [] }, signal);
    const fleet = fleets.find(({ origins }) => origins.length === 0);
    if (!fleet) return 0;
    const isOwn = this.#pool?.device === device;
    const pool = (isOwn && this.#pool) || this.#newPool(device, signal);
    const close = () => void (isOwn || pool.close());
    signal.addEventListener("abort", close);
    try {
      const tried = await pool.benchmark(fleet, TRIED);
      if (!tried || tried.took <= 0) return 0;
      return ((1000 * tried.updates) / tried.took) * (device === "cpu" ? Math.min(cores, fleets.length) : 1);
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
  }

  /**
   * A study that was left before its end stands still since its last result was stored.
   *
   * @param {string} hash
   * @param {AbortSignal} signal
   */
  async #sayWhenLeft(hash, signal) {
    const { study } = this.store.state;
    if (study.status !== "ready" || study.done.size === 0 || study.pause) return;
    const since = await this.results.lastStored(hash);
    if (since === null || signal.aborted || this.store.state.study.status !== "ready") return;
    this.store.send({ type: "studyHeld", pause: { since, until: null, why: "left" } });
  }

  /** Leaves the study. What was found is stored. */
  #close() {
    this.#tabs.leave();
    clearTimeout(this.#catching);
    this.#catching = undefined;
    this.#open.abort(CLOSED);
    this.#open = new AbortController();
    this.#openFor = "";
    clearTimeout(this.#reporting);
    this.#reporting = undefined;
    this.#pool?.close();
    this.#pool = null;
    this.#known = new Map();
    this.#given = new Set();
    this.#queue = [];
    this.#complete = false;
    this.#unreported = false;
    this.#spent = { updates: 0, took: 0 };
    this.#release?.();
    this.#release = null;
  }

  /**
   * How fast a study trains here: as remembered, else a moment of its first fleet is tried.
   *
   * @param {StudyShown} study
   * @param {AbortSignal} signal
   */
  async #benchmark(study, signal) {
    const { device } = this.store.state.study;
    const remembered = rememberedRate(study.settings, device);
    if (remembered) return this.store.send({ type: "rated", rate: remembered, measured: false });
    const [fleet] = this.#queue;
    if (!fleet || fleet.origins.length > 0) return;
    const tried = await this.#pool?.benchmark(fleet, { time: BENCHMARK });
    if (tried && tried.took > 0 && !signal.aborted) this.#rate(study, (1000 * tried.updates) / tried.took);
  }

  /** @param {StudyShown} study @param {number} rate */
  #rate(study, rate) {
    if (!(rate > 0)) return;
    rememberRate(study.settings, this.store.state.study.device, rate);
    this.store.send({ type: "rated", rate, measured: true });
  }

  /** Opens the study if need be, and runs it. */
  async #start() {
    await this.#openStudy();
    await this.#settleDevice();
    const { state } = this.store;
    if (state.study.status === "running") this.#followVisibility(state);
  }

  /**
   * A study that nobody looks at is paused, unless it was asked to run in the background; so is that of a page that
   * waits for its turn.
   *
   * @param {State} state
   */
  #followVisibility(state) {
    if (isHeld(state)) this.#pool?.pause();
    // What runs while devices are measured would be measured with them; the study starts once one is chosen.
    else if (!this.#settling.has(this.#open.signal)) this.#pool?.start();
  }

  /** Throws away what is stored of the study, whether it could be opened or not. @param {State} before */
  async #discard(before) {
    const ids = [...new Set([...before.study.schedule.map(({ id }) => id), ...this.#known.keys()])];
    const hash = before.study.sheet?.study?.hash ?? "";
    this.#close();
    // A tab that opens it meanwhile finds nothing of it.
    await this.#inLine(() => this.results.discard(hash, ids));
    this.#tabs.tell("discarded", hash);
    await this.#openStudy();
  }

  /**
   * What the pool is given, and what it gives back.
   *
   * @param {AbortSignal} signal
   * @param {() => WorkerPool} pool
   * @returns {import("./worker-pool.js").Owner}
   */
  #owner(signal, pool) {
    const { store, results } = this;
    const hash = this.#openFor;
    // What comes late of a pool that was given up is not taken for its successor's.
    const over = () => signal.aborted || this.#pool !== pool();
    return {
      next: () => this.#inLine(async () => (over() ? null : this.#next(signal))),
      done: (fleet, found) => this.#inLine(async () => (over() ? undefined : this.#done(signal, fleet, found))),
      loadWeights: (ids) => results.weights(ids),
      loadTexts: (trials) => this.texts(textsIn(trials)),
      saveWeights: (weights) => results.put(hash, new Map(), weights),
      setAside: (ids, why) => results.setAside("weights", ids, why),
      progress: ({ ids }, fraction) => {
        if (!over()) store.send({ type: "fleetAt", ids, fraction });
      },
      notice: (why) => {
        if (!signal.aborted) this.#notify(why);
      },
      failed: (why) => {
        if (over()) return;
        if (pool().device === "webgpu") void this.#reportErrors(() => this.#leaveGpu(signal, why));
        else this.#fail(why);
      },
    };
  }

  /**
   * Goes on with the processor where the graphics device was lost, could not be loaded or ended its worker again and
   * again. What was found is stored, and what was under way is run again.
   *
   * @param {AbortSignal} signal
   * @param {Problem} why
   */
  async #leaveGpu(signal, why) {
    this.store.send({ type: "studyDevice", device: "cpu" });
    this.#notify({ ...why, hint: "The study goes on with the processor. Nothing that was found is lost." });
    await this.#inLine(async () => {
      if (signal.aborted) return;
      this.#usePool(this.#newPool("cpu", signal));
      await this.#plan(signal);
    });
    const { state } = this.store;
    if (!signal.aborted && state.study.status === "running") this.#followVisibility(state);
  }

  /** The next fleet that nobody has run yet. @param {AbortSignal} signal @returns {Promise<Fleet|null>} */
  async #next(signal) {
    for (;;) {
      if (this.#queue.length === 0 && !this.#complete) await this.#plan(signal);
      // The second tab begins at the other end.
      const fleet = this.#first ? this.#queue.shift() : this.#queue.pop();
      if (!fleet) {
        // The last outcomes may have been stored by another tab.
        this.#finishIfDone();
        return null;
      }
      const found = await current(signal, this.results.outcomes(fleet.ids));
      const accepted = found.size > 0 ? await this.#learn(signal, found) : 0;
      if (accepted === 0) {
        this.store.send({ type: "fleetAt", ids: fleet.ids, fraction: 0 });
        return fleet;
      }
      this.#reportSoon(REPORT_EVERY);
      // The rest of the fleet is planned anew.
      if (accepted < fleet.ids.length) this.#queue = [];
    }
  }

  /** @param {AbortSignal} signal @param {Fleet} fleet @param {FleetDone} found */
  async #done(signal, fleet, found) {
    const outcomes = new Map(fleet.ids.map((id, index) => [id, /** @type {string} */ (found.outcomes[index])]));
    await current(signal, this.results.put(this.#openFor, outcomes, found.weights));
    this.#tabs.tell("stored");
    this.#spent.updates += found.updates;
    this.#spent.took += found.took;
    const accepted = await this.#learn(signal, outcomes);
    // Running it again would give the same.
    if (accepted < outcomes.size)
      throw problem("internal", "The engine refused outcomes that it computed itself.", REPORT_IT);
    const { study } = this.store.state.study.sheet ?? {};
    if (study) this.#rate(study, (1000 * this.#spent.updates) / this.#spent.took);
    if (this.#queue.length === 0) await this.#plan(signal);
    this.#reportSoon(REPORT_EVERY);
    if (!this.#finishIfDone(fleet.ids)) setTimeout(() => this.#pool?.wake());
  }

  /**
   * Ends the study if nothing is missing and nothing is under way.
   *
   * @param {string[]} [found]  what is no longer under way, though a slot still holds it
   */
  #finishIfDone(found = []) {
    const pool = this.#pool;
    if (!pool || !this.#complete || pool.running().some((id) => !found.includes(id))) return false;
    pool.close();
    this.#pool = null;
    this.store.send({ type: "studyStopped", problem: null });
    this.#reportSoon(0);
    return true;
  }

  /**
   * Adds outcomes to what is known. Those that the engine does not accept are set aside, and their trials are run
   * again.
   *
   * @param {AbortSignal} signal
   * @param {Map<string, string>} outcomes
   * @returns {Promise<number>} how many were accepted
   */
  async #learn(signal, outcomes) {
    const accepted = await this.#accept(signal, outcomes);
    this.#unreported = true;
    this.store.send({ type: "fleetDone", ids: accepted });
    return accepted.length;
  }

  /**
   * @param {AbortSignal} signal
   * @param {Map<string, string>} outcomes
   * @returns {Promise<string[]>} ids of those that were accepted
   */
  async #accept(signal, outcomes) {
    for (const [id, text] of outcomes) this.#known.set(id, text);
    const refused = await this.planner.add([...outcomes.values()], signal);
    for (const { id, reason } of refused) {
      this.#known.delete(id);
      await current(signal, this.results.setAside("outcomes", [id], reason));
    }
    return [...outcomes.keys()].filter((id) => this.#known.has(id));
  }

  /**
   * Takes what is known from the result store, and what that makes known to be needed, until there is nothing more.
   *
   * @param {AbortSignal} signal
   */
  async #lookUp(signal) {
    for (;;) {
      const missing = await this.planner.missing(signal);
      const found = await current(signal, this.results.outcomes(missing));
      if (found.size === 0) return;
      await this.#accept(signal, found);
    }
  }

  /** Another tab has found something: it is read soon, and not too often. */
  #catchUpSoon() {
    // A hidden page catches up when it is shown again.
    if (this.store.state.run.hidden) return;
    this.#catching ??= setTimeout(() => {
      this.#catching = undefined;
      void this.#reportErrors(() => this.#catchUp());
    }, CATCH_UP_EVERY);
  }

  /** Another tab has thrown away what this one knows of the study. */
  async #discardedElsewhere() {
    this.store.send({ type: "studyPause" });
    this.#close();
    this.store.send({ type: "studyHeld", pause: null });
    this.#notify(
      problem("internal", "The results of this study were discarded in another tab.", "Press Start to run it anew."),
    );
    await this.#openStudy();
  }

  /** Learns what another tab has found meanwhile. */
  async #catchUp() {
    const { signal } = this.#open;
    if (!this.#openFor || this.#complete) return;
    await this.#inLine(async () => {
      if (signal.aborted || this.#complete) return;
      const before = this.#known.size;
      await this.#lookUp(signal);
      if (this.#known.size === before) return;
      this.#unreported = true;
      await this.#plan(signal);
      this.#finishIfDone();
    });
    if (!signal.aborted) this.#reportSoon(0);
  }

  /** @param {AbortSignal} signal */
  async #plan(signal) {
    const running = this.#pool?.running() ?? [];
    const device = this.#pool?.device ?? "cpu";
    const now = { cores: this.#cores(), device, running };
    const { fleets, schedule, margin, complete } = await this.planner.plan(now, signal);
    this.#queue = fleets;
    this.#complete = complete;
    this.store.send({ type: "planned", schedule, done: [...this.#known.keys()], margin, complete });
  }

  /** Has the report written, if somebody looks, and not too often. @param {number} wait  milliseconds */
  #reportSoon(wait) {
    if (wait === 0) clearTimeout(this.#reporting);
    else if (this.#reporting !== undefined) return;
    this.#reporting = setTimeout(() => {
      this.#reporting = undefined;
      void this.#reportErrors(() => this.#report());
    }, wait);
  }

  async #report() {
    const { page, run } = this.store.state;
    if (!this.#unreported || page.tab !== "report" || run.hidden || !this.#openFor) return;
    this.#unreported = false;
    const reported = await this.planner.report(this.#open.signal);
    this.store.send({ type: "reported", reported, source: this.#source() });
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
    const text = format === "record" ? await this.record() : wanted.text(study);
    if (text !== null) this.save(fileName(study.sheet.study, wanted), wanted.type, text);
  }

  /** Claims the study for this tab, or learns that another has it. @param {AbortSignal} signal @param {string} hash */
  async #claim(signal, hash) {
    const { locks } = this;
    this.#first = true;
    if (!locks) return;
    const name = `ablation-study-${hash}`;
    const hold = () => new Promise((release) => (this.#release = () => release(undefined)));
    await new Promise((answered) => {
      const take = (/** @type {unknown} */ lock) => {
        answered(undefined);
        // Nobody would give back what is granted to a study that was left.
        if (signal.aborted) return undefined;
        this.#first = lock !== null;
        if (lock !== null) return hold();
        // The lock is free once the first tab is closed; this tab is the first then.
        void locks.request(name, { signal }, () => this.#alone(signal, hold)).catch(() => undefined);
        return undefined;
      };
      locks.request(name, { ifAvailable: true }, take).catch(() => answered(undefined));
    });
  }

  /** The other tab has left the study. @param {AbortSignal} signal @param {() => Promise<unknown>} hold */
  #alone(signal, hold) {
    if (signal.aborted) return undefined;
    this.#first = true;
    return hold();
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inLine(work) {
    const result = this.#line.then(work);
    this.#line = result.catch(() => undefined);
    return result;
  }

  /**
   * Leaves a study that cannot be opened or cannot go on, and says why. What was found is stored.
   *
   * @param {unknown} error
   */
  #fail(error) {
    if (error === CLOSED) return;
    this.#close();
    this.store.send({ type: "studyStopped", problem: toProblem(error) });
  }

  /** Says what happened beside the study, which goes on. @param {Problem} why */
  #notify(why) {
    this.store.send({ type: "notice", notice: { tone: "info", problem: why } });
  }

  /** Says what went wrong beside the study, which goes on. @param {() => Promise<unknown>} work */
  async #reportErrors(work) {
    try {
      await work();
    } catch (error) {
      if (error !== CLOSED) this.store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
    }
  }
}

/** Whether this tab computes the study at this moment. @param {State} state */
function computes(state) {
  return state.study.status === "running" && !isHeld(state);
}

/**
 * What a study waits for. If it was left meanwhile the answer is of no use.
 *
 * @template T
 * @param {AbortSignal} signal
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
async function current(signal, work) {
  const value = await work;
  signal.throwIfAborted();
  return value;
}

/** @param {string} outcome */
function idIn(outcome) {
  return String(JSON.parse(outcome).trial);
}
