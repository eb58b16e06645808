/**
 * What is done outside when something happens on the page: the only place where the store and the workers meet.
 *
 * Every follower reads the event, asks the pool, and sends what comes of it back as an event; none of them draws.
 */

import { chosenCut, presetOf, recipe, sameCut, withSettings } from "./link.js";
import { canRun, cutOf } from "./store.js";
import { CLOSED, isDeath } from "./channel.js";
import { toProblem } from "./protocol.js";
import { fetchRecord } from "./stored.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./pool.js").Pool} Pool */
/** @typedef {import("./protocol.js").Cut} Cut */
/** @typedef {import("./protocol.js").Description} Description */

export class Bench {
  /** What to do once the study that was asked for is described. @type {"play"|null} */
  #then = null;
  /** Calls for a description are answered in order; only the last one counts. */
  #asked = 0;
  /** @type {string|null} */
  #preset = null;
  /** What the open bench was opened for. */
  #openFor = "";
  /** Openings are numbered: what comes of one that was overtaken or closed is nobody's concern. */
  #openings = 0;
  /** What was pressed last; an answer that comes late does not overrule it. */
  #wantsPlay = false;

  /**
   * @param {Store} store
   * @param {Pool} pool
   * @param {{preset: string, records: URL}} given  the preset that an empty link means until the engine can say; where
   *   records lie
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
    // In this order: the desk that was started is the worker that is asked for an adapter.
    const starting = pool.start();
    void this.#probe();
    try {
      const { presets } = await starting;
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
        if (state.pending === null) break;
        this.#then = event.play && state.page.autorun !== "off" ? "play" : this.#stillPlaying(state);
        void this.#describe(state.pending);
        break;
      case "cut":
        if (!state.description) break;
        // A stored result is looked at and not run. A model that was trained here answers at once, and what its new cut
        // still needs goes on.
        this.#then =
          event.cut && state.page.autorun !== "off" && (event.play || state.run.status === "done")
            ? "play"
            : this.#stillPlaying(state);
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
        if (state.description)
          this.store.send({ type: "set", changes: { seed: nextSeed(state.description) }, play: true });
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
      if (asked === this.#asked)
        this.store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
    }
  }

  /** @param {Description} description @param {Description|null} before */
  async #afterDescribed(description, before) {
    const then = this.#then;
    this.#then = null;
    const same = before !== null && recipe(before) === recipe(description) && this.#openFor === recipe(description);
    if (!same) this.#close();
    else if (!sameCut(chosenCut(before), chosenCut(description)))
      await this.#quietly(() => this.pool.choose(chosenCut(description)));
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
    const opening = ++this.#openings;
    try {
      store.send({ type: "opening" });
      await pool.open({
        study: wanted,
        link: description.link,
        cut: cutOf(store.state),
        device: device.chosen,
        force: page.force === "gpu",
      });
      return opening === this.#openings;
    } catch (error) {
      if (opening !== this.#openings) return false;
      this.#openFor = "";
      store.send({ type: "stopped", done: false, problem: toProblem(error) });
      return false;
    }
  }

  #close() {
    this.#openings += 1;
    this.#openFor = "";
    this.pool.close();
  }

  /**
   * Training of a page that nobody looks at waits, unless it was asked to go on.
   *
   * @param {import("./store.js").State} state
   */
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

  /**
   * Says what went wrong, except that a worker or its device died, whose replacement is reported by the pool, or was
   * closed on purpose.
   *
   * @param {() => Promise<unknown>} work
   */
  async #quietly(work) {
    try {
      await work();
    } catch (error) {
      const problem = toProblem(error);
      if (error !== CLOSED && !isDeath(problem))
        this.store.send({ type: "notice", notice: { tone: "error", problem } });
    }
  }
}

/** @param {Store} store */
function play(store) {
  if (canRun(store.state)) store.send({ type: "play" });
}

/**
 * The settings that say a cut. No cut is the value that the field of the site offers for it, because a preset may come
 * with one.
 *
 * @param {Description} description
 * @param {Cut|null} cut
 * @returns {Record<string, import("./protocol.js").Value|null>}
 */
export function cutSettings(description, cut) {
  if (cut) return { "cut.site": cut.site, "cut.kind": cut.kind, "cut.factor": cut.factor };
  const options = description.fields.find((field) => field.path === "cut.site")?.options ?? [];
  return {
    "cut.site": options.find(({ value }) => value === "none" || value === "")?.value ?? "none",
    "cut.kind": null,
    "cut.factor": null,
  };
}

/** The seed after this one: a new draw that the next visitor gets too. @param {Description} description */
export function nextSeed({ settings, fields }) {
  const seed = Number(settings.seed ?? 0) + 1;
  const field = fields.find(({ path }) => path === "seed");
  return field?.maximum !== null && field?.maximum !== undefined && seed > field.maximum
    ? Number(field.minimum ?? 0)
    : seed;
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
      case "moved":
        return store.send({ type: "moved", device: news.device });
      case "replaced":
        // Whoever pressed play heard only of a death.
        if (news.playing && store.state.run.status === "opening") store.send({ type: "opened" });
        return store.send({ type: "notice", notice: replaced(news) });
    }
  };
}

/** @param {Extract<import("./pool.js").PoolNews, {news: "replaced"}>} news @returns {import("./store.js").Notice} */
function replaced({ problem: { code, message }, steps, device, playing }) {
  const lost = code === "device-lost";
  const where = lost ? `on the ${device === "cpu" ? "CPU" : "GPU"} ` : "";
  const point = steps > 0 ? `its checkpoint at step ${steps}` : "its start, because it had no checkpoint yet";
  const what = playing ? `The run went on ${where}from ${point}.` : `The run waits ${where}at ${point}.`;
  return {
    tone: "info",
    problem: {
      code,
      message: `${sentence(message)} ${what}`,
      hint: lost ? "WebGPU can be chosen again; that starts over." : "The worker was replaced.",
    },
  };
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
