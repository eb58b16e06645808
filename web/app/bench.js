/**
 * What is done outside when something happens on the page: the only place where the store and the workers meet.
 *
 * Every follower reads the event, asks the pool, and sends what comes of it back as an event; none of them draws.
 */

import { chosenCut, presetOf, recipe, sameCut, withSettings } from "./link.js";
import { canRun, cutOf } from "./store.js";
import { toProblem } from "./protocol.js";
import { fetchRecord } from "./stored.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./pool.js").Pool} Pool */
/** @typedef {import("./protocol.js").Cut} Cut */
/** @typedef {import("./protocol.js").Description} Description */
/** @typedef {import("./protocol.js").Problem} Problem */

export class Bench {
  /** What to do once the study that was asked for is described. @type {"play"|null} */
  #then = null;
  /** Calls for a description are answered in order; only the last one counts. */
  #asked = 0;
  /** @type {string|null} */
  #preset = null;
  /** What the open bench was opened for. */
  #openFor = "";
  /** What was pressed last; an answer that comes late does not overrule it. */
  #wantsPlay = false;

  /**
   * @param {Store} store
   * @param {Pool} pool
   * @param {{preset: string, records: URL}} given  the preset that an empty link means until the engine can say; where records lie
   */
  constructor(store, pool, { preset, records }) {
    this.store = store;
    this.pool = pool;
    this.defaultPreset = preset;
    this.records = records;
    store.follow((event, state, before) => this.#follow(event, state, before));
  }

  /** Loads the engine, unless the link asks for stored results only. */
  async start() {
    this.#loadStored(presetOf(this.store.state.link) ?? this.defaultPreset);
    const { page } = this.store.state;
    if (page.stored) return;
    await this.#startEngine();
  }

  async #startEngine() {
    const { store, pool } = this;
    store.send({ type: "engine", status: "loading" });
    void this.#probe();
    try {
      const { presets } = await pool.start();
      store.send({ type: "engine", status: "ready", presets });
    } catch (error) {
      store.send({ type: "engine", status: "failed", problem: toProblem(error) });
      return;
    }
    if (store.state.page.autorun === "on") this.#then = "play";
    await this.#describe(store.state.link);
  }

  async #probe() {
    const { store, pool } = this;
    const force = store.state.page.force;
    try {
      const adapter = await pool.probe(force === "gpu");
      store.send({ type: "probed", adapter: adapter.name, problem: null });
      if (force === "gpu") store.send({ type: "device", device: "webgpu" });
    } catch (error) {
      store.send({ type: "probed", adapter: null, problem: toProblem(error) });
    }
  }

  /** @type {Parameters<Store["follow"]>[0]} */
  #follow(event, state, before) {
    switch (event.type) {
      case "asked":
        if (state.engine.status === "ready") void this.#describe(state.link);
        else if (state.engine.status === "off" && before.page.stored && !state.page.stored) void this.#startEngine();
        else this.#loadStored(presetOf(state.link) ?? this.defaultPreset);
        break;
      case "goto":
        this.#then = event.play && state.page.autorun !== "off" ? "play" : null;
        void this.#describe(event.link);
        break;
      case "set":
        if (!state.description) break;
        this.#then = event.play && state.page.autorun !== "off" ? "play" : this.#stillPlaying(state);
        void this.#describe(withSettings(state.description, event.changes));
        break;
      case "cut":
        if (!state.description) break;
        this.#then = event.cut && state.page.autorun !== "off" ? "play" : this.#stillPlaying(state);
        void this.#describe(withSettings(state.description, cutSettings(state.description, event.cut)));
        break;
      case "described":
        this.#loadStored(presetOf(state.link) ?? this.defaultPreset);
        void this.#afterDescribed(event.description, before.live ? before.description : null);
        break;
      case "device":
        this.#close();
        if (before.run.status === "playing" || before.run.status === "opening") play(this.store);
        break;
      case "play":
        this.#wantsPlay = true;
        void this.#play();
        break;
      case "pause":
        this.#wantsPlay = false;
        void this.#quietly(() => this.pool.pause());
        break;
      case "step":
        void this.#step();
        break;
      case "restart":
        this.#close();
        this.store.send({ type: "reset" });
        play(this.store);
        break;
      case "reseed":
        if (state.description) this.store.send({ type: "set", changes: { seed: nextSeed(state.description) }, play: true });
        break;
      case "hidden":
      case "background":
        this.#mindVisibility(state);
        break;
    }
  }

  /** @param {import("./store.js").State} state @returns {"play"|null} */
  #stillPlaying({ run: { status } }) {
    return status === "playing" || status === "opening" ? "play" : null;
  }

  /** @param {string} link */
  async #describe(link) {
    const asked = ++this.#asked;
    try {
      const description = await this.pool.describe(link);
      if (asked === this.#asked) this.store.send({ type: "described", description });
    } catch (error) {
      this.#then = null;
      if (asked === this.#asked) this.store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
    }
  }

  /** @param {Description} description @param {Description|null} before */
  async #afterDescribed(description, before) {
    const then = this.#then;
    this.#then = null;
    const same = before !== null && recipe(before) === recipe(description) && this.#openFor === recipe(description);
    if (!same) this.#close();
    else if (!sameCut(chosenCut(before), chosenCut(description))) await this.#quietly(() => this.pool.choose(chosenCut(description)));
    if (then === "play") play(this.store);
  }

  async #play() {
    const { store, pool } = this;
    if (!(await this.#open())) return;
    await this.#quietly(async () => {
      if (!this.#wantsPlay) return;
      await pool.play();
      if (this.#wantsPlay) store.send({ type: "opened" });
    });
    this.#mindVisibility(store.state);
  }

  async #step() {
    if (!(await this.#open())) return;
    this.store.send({ type: "pause" });
    await this.#quietly(() => this.pool.advance(1));
  }

  /** Opens the bench of the present study unless it is open. @returns {Promise<boolean>} */
  async #open() {
    const { store, pool } = this;
    const { description, device, page } = store.state;
    if (!description || !canRun(store.state)) return false;
    const wanted = recipe(description);
    if (this.#openFor === wanted && pool.opened?.device === device.chosen) return true;
    this.#openFor = wanted;
    try {
      store.send({ type: "opening" });
      await pool.open({ link: description.link, cut: cutOf(store.state), device: device.chosen, force: page.force === "gpu" });
      return this.#openFor === wanted;
    } catch (error) {
      if (this.#openFor !== wanted) return false;
      this.#openFor = "";
      store.send({ type: "stopped", done: false, problem: toProblem(error) });
      return false;
    }
  }

  #close() {
    this.#openFor = "";
    this.pool.close();
  }

  /** Training of a page that nobody looks at waits, unless it was asked to go on. @param {import("./store.js").State} state */
  #mindVisibility({ run, background }) {
    if (run.status !== "playing") return;
    void this.#quietly(() => (run.hidden && !background ? this.pool.pause() : this.pool.play()));
  }

  /** @param {string} preset */
  #loadStored(preset) {
    if (preset === this.#preset) return;
    this.#preset = preset;
    fetchRecord(this.records, preset).then(
      (record) => preset === this.#preset && this.store.send({ type: "stored", record }),
      (error) => preset === this.#preset && this.store.send({ type: "storedMissing", why: toProblem(error).message }),
    );
  }

  /** Says what went wrong, except that a worker died: its replacement is reported by the pool. @param {() => Promise<unknown>} work */
  async #quietly(work) {
    try {
      await work();
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code !== "worker-died") this.store.send({ type: "notice", notice: { tone: "error", problem } });
    }
  }
}

/** @param {Store} store */
function play(store) {
  if (canRun(store.state)) store.send({ type: "play" });
}

/**
 * The settings that say a cut. No cut is the value that the field of the site offers for it, because a preset may come with one.
 *
 * @param {Description} description
 * @param {Cut|null} cut
 * @returns {Record<string, import("./protocol.js").Value|null>}
 */
export function cutSettings(description, cut) {
  if (cut) return { "cut.site": cut.site, "cut.kind": cut.kind, "cut.factor": cut.factor };
  const options = description.fields.find((field) => field.path === "cut.site")?.options ?? [];
  return { "cut.site": options.find(({ value }) => value === "none" || value === "")?.value ?? "none", "cut.kind": null, "cut.factor": null };
}

/** The seed after this one: a new draw that the next visitor gets too. @param {Description} description */
export function nextSeed({ settings, fields }) {
  const seed = Number(settings.seed ?? 0) + 1;
  const field = fields.find(({ path }) => path === "seed");
  return field?.maximum !== null && field?.maximum !== undefined && seed > field.maximum ? Number(field.minimum ?? 0) : seed;
}

/**
 * What the pool reports, as events.
 *
 * @param {Store} store
 * @returns {(news: import("./pool.js").PoolNews) => void}
 */
export function reporter(store) {
  return (news) => {
    switch (news.news) {
      case "progress":
        return store.send({ type: "progress", progress: news.progress, steps: news.steps, took: news.took });
      case "view":
        return store.send({ type: "viewed", view: news.view });
      case "stopped":
        // A run that waits only because nobody looks is still playing.
        if (!news.done && !news.problem && store.state.run.hidden && !store.state.background) return;
        return store.send({ type: "stopped", done: news.done, problem: news.problem });
      case "replaced":
        return store.send({ type: "notice", notice: replaced(news.problem, news.steps, news.device) });
    }
  };
}

/** @param {Problem} why @param {number} steps @param {import("./protocol.js").DeviceName} device @returns {import("./store.js").Notice} */
function replaced(why, steps, device) {
  const from = steps > 0 ? `from its checkpoint at step ${steps}` : "from its start, because it had no checkpoint yet";
  const where = why.code === "device-lost" ? `on the ${device === "cpu" ? "CPU" : "GPU"} ` : "";
  const hint = why.code === "device-lost" ? "WebGPU can be chosen again." : "The worker was replaced.";
  return { tone: "info", problem: { code: why.code, message: `${why.message} The run went on ${where}${from}.`, hint } };
}
