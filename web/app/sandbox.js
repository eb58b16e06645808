/**
 * What is done outside when something happens in the sandbox: the place where the store meets the sandbox's workers.
 *
 * Every follower reads the event, asks the workers, and sends what comes of it back as an event; none of them draws.
 * What was overtaken by a later event is aborted.
 */

import { chosenAblation, presetOf, recipe, sameAblation, withSettings } from "./link.js";
import { ablationOf, canRun, fasterDevice, isHeld } from "./store.js";
import { CLOSED, isDeath } from "./worker-channel.js";
import { lacking } from "./capable.js";
import { problem, toProblem } from "./protocol.js";
import { fetchRecord } from "./stored-records.js";
import { TOKENS, SIZES, encodedName, readEncoded, tokenizerFile } from "./encoded-text.js";
import { LARGEST_ENCODED, readText } from "./texts.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./sandbox-workers.js").SandboxWorkers} SandboxWorkers */
/** @typedef {import("./generated/protocol.js").Ablation} Ablation */
/** @typedef {import("./generated/protocol.js").Description} Description */

/** Events after which devices are no longer compared. */
const ENDS_MEASURING = new Set(["asked", "goto", "set", "reseed", "device", "play", "step", "stop", "restart"]);

export class Sandbox {
  /** Aborted when another description is asked for. */
  #describing = new AbortController();
  /** Aborted when the model is closed, or another one is opened. */
  #opening = new AbortController();
  /** Aborted by a pause; an answer that comes late does not overrule it. */
  #playing = new AbortController();
  /** Aborted when the stored record of another preset is asked for. */
  #loading = new AbortController();
  /** Aborted by whatever would be measured as well, or would make what is measured another model. */
  #measuring = new AbortController();
  /** Aborted when another text is given, or another one is described. */
  #reading = new AbortController();
  /** The SHA-256 of the text that was turned to last. @type {string|null} */
  #text = null;
  /** The preset whose stored record was asked for last. @type {string|null} */
  #preset = null;
  /** What the open model was opened for. */
  #openFor = "";

  /**
   * @param {Store} store
   * @param {SandboxWorkers} workers
   * @param {{preset: string, records: URL, loaded?: string|null, texts?: import("./texts.js").Texts|null,
   *   save?: (name: string, type: string, text: string) => void}} given  the preset that an empty link means until the
   *   engine can say; where records lie; the preset whose record was asked for already; where texts are kept; what
   *   hands over a file
   */
  constructor(store, workers, { preset, records, loaded = null, texts = null, save = () => {} }) {
    this.texts = texts;
    this.save = save;
    this.store = store;
    this.workers = workers;
    this.defaultPreset = preset;
    this.records = records;
    this.#preset = loaded;
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
    const { store, workers } = this;
    const missing = lacking();
    if (missing) return store.send({ type: "engine", status: "failed", problem: missing });
    store.send({ type: "engine", status: "loading" });
    const starting = workers.start();
    void this.#probe();
    try {
      const { presets, version } = await starting;
      store.send({ type: "engine", status: "ready", presets, version });
    } catch (error) {
      store.send({ type: "engine", status: "failed", problem: toProblem(error) });
      return;
    }
    await this.#describe(store.state.link, store.state.page.autorun === "on");
  }

  async #probe() {
    const { store, workers } = this;
    const force = store.state.page.force;
    try {
      const adapter = await workers.probe(force === "gpu");
      store.send({ type: "probed", adapter: adapter.name, problem: null });
      if (force === "gpu") store.send({ type: "device", device: "webgpu" });
    } catch (error) {
      store.send({ type: "probed", adapter: null, problem: toProblem(error) });
    }
  }

  /** @type {Parameters<Store["follow"]>[0]} */
  #follow(event, state, before) {
    if (ENDS_MEASURING.has(event.type)) this.#measuring.abort(CLOSED);
    const mayRun = state.page.autorun !== "off";
    switch (event.type) {
      case "asked":
        // Autorun that is switched on later is heard as well; a link that keeps it on is looked at first.
        if (state.engine.status === "ready")
          void this.#describe(state.link, state.page.autorun === "on" && before.page.autorun !== "on");
        else if (state.engine.status === "off" && before.page.stored && !state.page.stored) void this.#startEngine();
        else this.#loadStored(presetOf(state.link) ?? this.defaultPreset);
        break;
      case "goto":
        void this.#describe(event.link, Boolean(event.play) && mayRun);
        break;
      case "set":
        if (state.pending === null) break;
        void this.#describe(state.pending, (Boolean(event.play) && mayRun) || isPlaying(state));
        break;
      case "ablate": {
        if (!state.description) break;
        // A stored result is looked at and not run. A model that was trained here answers at once, and what its new
        // ablation still needs is trained.
        const play = event.ablation !== null && mayRun && (Boolean(event.play) || state.run.status === "done");
        const link = withSettings(state.description, ablationSettings(state.description, event.ablation));
        void this.#describe(link, play || isPlaying(state));
        break;
      }
      case "text":
        void this.#useText(event);
        break;
      case "saveText":
        void this.#quietly(() => this.#saveText(event));
        break;
      case "described":
        // Somebody turned to another text, or to another task.
        if (fileOf(state) !== fileOf(before) && fileOf(state) !== this.#text) this.#stopReading();
        break;
      case "device":
        this.#close();
        if (isPlaying(before)) play(this.store);
        break;
      case "measure":
        void this.#measure();
        break;
      case "play":
        this.#playing.abort(CLOSED);
        this.#playing = new AbortController();
        void this.#play(this.#playing.signal);
        break;
      case "progress":
        // Every further step of a model that diverged is lost time.
        if (state.run.diverged && !before.run.diverged && isPlaying(state)) this.store.send({ type: "pause" });
        break;
      case "pause":
        this.#playing.abort(CLOSED);
        void this.#quietly(() => this.workers.pause());
        break;
      case "step":
        void this.#step();
        break;
      case "stop":
        this.#playing.abort(CLOSED);
        this.#close();
        this.store.send({ type: "reset" });
        break;
      case "restart":
        this.#close();
        this.store.send({ type: "reset" });
        play(this.store);
        break;
      case "reseed":
        if (state.description) {
          this.store.send({ type: "set", changes: { seed: nextSeed(state.description) }, play: true });
        }
        break;
      case "hidden":
      case "background":
        this.#followVisibility(state);
        break;
    }
  }

  /**
   * Turns to a text that somebody brought, encoded if the data set asks for that. One that cannot be trained on is
   * refused with a sentence, and what is there stays as it is.
   *
   * @param {{file: Blob, name: string, size?: number}} given  `size`: tokens of the vocabulary to learn
   */
  async #useText({ file, name, size = SIZES.usual }) {
    const { store, workers, texts } = this;
    this.#stopReading();
    const kind = store.state.description?.data_set.name;
    if (kind === undefined || !texts) return;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    try {
      const given = await readText(file, name);
      signal.throwIfAborted();
      const used = kind === TOKENS ? await this.#encoded(given, { name, size, signal }) : plain(given, name);
      const hash = await texts.keep(used.text, name);
      signal.throwIfAborted();
      // Other settings may have been changed while a vocabulary was learned.
      const description = /** @type {Description} */ (store.state.description);
      const link = withSettings(description, { "data.kind": kind, "data.corpus": hash, ...used.settings });
      const { lacks } = await workers.describe(link, signal);
      if (lacks)
        throw problem("no-asset", `${name} cannot be used: ${lacks.reason}.`, "The model that is open stays as it is.");
      this.#text = hash;
      store.send({ type: "textUsed", name, link });
      store.send({ type: "goto", link });
    } catch (error) {
      if (!signal.aborted) store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
    } finally {
      if (!signal.aborted) this.#stopReading();
    }
  }

  /**
   * A text as it is trained on in tokens. One that is encoded already is used as it is.
   *
   * @param {string} given
   * @param {{name: string, size: number, signal: AbortSignal}} how
   */
  async #encoded(given, { name, size, signal }) {
    const { store, workers } = this;
    const known = readEncoded(given, name);
    if (known) return { text: given, settings: { "data.vocabulary": known.tokens } };
    // Learning a vocabulary cannot be cut into slices.
    if (store.state.place === "page")
      throw problem(
        "blocked-worker",
        "A vocabulary is learned in a worker, and here the engine runs in the page itself.",
        "Give an encoded text, which can be saved where the page is open in a tab of its own.",
      );
    store.send({ type: "encoding", size });
    const text = await workers.encode(new TextEncoder().encode(given), size, signal);
    signal.throwIfAborted();
    const learned = readEncoded(text, name);
    if (!learned) throw problem("internal", "The module tokens answered with what is no encoded text.");
    const { size: bytes } = new Blob([text]);
    if (bytes > LARGEST_ENCODED)
      throw problem(
        "bad-study",
        `${name} has ${(bytes / 1e6).toFixed(1)} MB once it is encoded, and an encoded text has at most 4 MB.`,
        "Give a part of it, or choose a larger vocabulary.",
      );
    return { text, settings: { "data.vocabulary": learned.tokens } };
  }

  /** Drops the text that is being read or encoded. */
  #stopReading() {
    this.#reading.abort(CLOSED);
    if (this.store.state.encoding !== null) this.store.send({ type: "encoding", size: null });
  }

  /**
   * Hands over the encoded text that is trained on, or its tokenizer.
   *
   * @param {{what: "encoded"|"tokenizer", name: string|null}} wanted
   */
  async #saveText({ what, name }) {
    const hash = fileOf(this.store.state);
    const [found] = (hash !== undefined && (await this.texts?.find([hash]))) || [];
    const text = found && new TextDecoder("utf-8", { ignoreBOM: true }).decode(found.bytes);
    const encoded = text === undefined ? null : readEncoded(text, name ?? "The text");
    if (text === undefined || !encoded)
      throw problem("no-asset", "The encoded text is not here any more.", "Give the text again.");
    if (what === "encoded") this.save(encodedName(name), "application/json", text);
    else this.save("tokenizer.json", "application/json", tokenizerFile(encoded));
  }

  /**
   * @param {string} link
   * @param {boolean} play  whether to train what it describes
   */
  async #describe(link, play) {
    const { store } = this;
    this.#describing.abort(CLOSED);
    this.#describing = new AbortController();
    const { signal } = this.#describing;
    store.send({ type: "describing" });
    let description;
    try {
      description = await this.workers.describe(link, signal);
    } catch (error) {
      if (!signal.aborted) store.send({ type: "undescribed", problem: toProblem(error) });
      return;
    }
    try {
      const before = store.state.live ? store.state.description : null;
      store.send({ type: "described", description });
      this.#loadStored(presetOf(store.state.link) ?? this.defaultPreset);
      await this.#afterDescribed(description, before, play);
    } catch (error) {
      if (!signal.aborted) store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
    }
  }

  /** @param {Description} description @param {Description|null} before @param {boolean} shouldPlay */
  async #afterDescribed(description, before, shouldPlay) {
    const same = before !== null && recipe(before) === recipe(description) && this.#openFor === recipe(description);
    if (!same) this.#close();
    else if (!sameAblation(chosenAblation(before), chosenAblation(description))) {
      await this.#quietly(() => this.workers.choose(chosenAblation(description)));
    }
    if (shouldPlay) play(this.store);
  }

  /** @param {AbortSignal} signal */
  async #play(signal) {
    const { store, workers } = this;
    if (!(await this.#open())) return;
    await this.#quietly(async () => {
      signal.throwIfAborted();
      await workers.play();
      signal.throwIfAborted();
      store.send({ type: "opened" });
    });
    this.#followVisibility(store.state);
  }

  async #step() {
    if (!(await this.#open())) return;
    this.store.send({ type: "pause" });
    await this.#quietly(() => this.workers.advance(1));
  }

  /** Opens the present model for training unless it is open. @returns {Promise<boolean>} */
  async #open() {
    const { store, workers } = this;
    const { description, device, page } = store.state;
    if (!description || !canRun(store.state)) return false;
    const model = recipe(description);
    if (this.#openFor === model && workers.opened?.device === device.chosen) return true;
    this.#openFor = model;
    this.#opening.abort(CLOSED);
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    try {
      store.send({ type: "opening" });
      const { link } = description;
      await workers.open({
        model,
        link,
        ablation: ablationOf(store.state),
        device: device.chosen,
        force: page.force === "gpu",
        ...(description.data_set.file === undefined ? {} : { text: description.data_set.file }),
      });
      return !signal.aborted;
    } catch (error) {
      if (signal.aborted) return false;
      this.#openFor = "";
      store.send({ type: "stopped", done: false, problem: toProblem(error) });
      return false;
    }
  }

  /** Measures the present model on each device and, where no run would be lost by it, chooses the faster one. */
  async #measure() {
    const { store, workers } = this;
    const { description, page } = store.state;
    if (!description) return;
    const model = recipe(description);
    this.#measuring = new AbortController();
    const { signal } = this.#measuring;
    try {
      const times = await workers.measure(description.link, page.force === "gpu", signal, description.data_set.file);
      signal.throwIfAborted();
      store.send({ type: "measured", measured: { model, times } });
      const { device, run } = store.state;
      const faster = fasterDevice(times);
      if (run.status === "idle" && device.chosen !== faster) store.send({ type: "device", device: faster });
    } catch (error) {
      store.send({ type: "measured", measured: null });
      if (!signal.aborted) store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
    }
  }

  #close() {
    this.#opening.abort(CLOSED);
    this.#openFor = "";
    this.workers.close();
  }

  /**
   * Training of a page that nobody looks at is paused, unless it was asked to run in the background; so is that of a
   * page that waits for its turn.
   *
   * @param {import("./store.js").State} state
   */
  #followVisibility(state) {
    if (state.run.status !== "playing") return;
    void this.#quietly(() => (isHeld(state) ? this.workers.pause() : this.workers.play()));
  }

  /** @param {string} preset */
  #loadStored(preset) {
    if (preset === this.#preset) return;
    this.#preset = preset;
    this.#loading.abort(CLOSED);
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    fetchRecord(this.records, preset).then(
      (record) => !signal.aborted && this.store.send({ type: "stored", record }),
      (error) => !signal.aborted && this.store.send({ type: "storedMissing", why: toProblem(error).message }),
    );
  }

  /**
   * Says what went wrong, except that a worker or its device died, which is reported with its replacement, or that
   * something was closed on purpose.
   *
   * @param {() => Promise<unknown>} work
   */
  async #quietly(work) {
    try {
      await work();
    } catch (error) {
      const problem = toProblem(error);
      if (error === CLOSED || isDeath(problem)) return;
      this.store.send({ type: "notice", notice: { tone: "error", problem } });
    }
  }
}

/** The file that is trained on, by its SHA-256. @param {import("./store.js").State} state */
function fileOf({ description }) {
  return description?.data_set.file;
}

/** A text that is trained on as it is. @param {string} text @param {string} name */
function plain(text, name) {
  if (!readEncoded(text, name)) return { text, settings: {} };
  const hint = "Choose the data set “Your own text in word pieces” for it, or give the text itself.";
  throw problem("bad-study", `${name} is an encoded text, and this data set reads a text as it is.`, hint);
}

/** @param {import("./store.js").State} state */
function isPlaying({ run: { status } }) {
  return status === "playing" || status === "opening";
}

/** @param {Store} store */
function play(store) {
  if (canRun(store.state)) store.send({ type: "play" });
}

/**
 * The settings that say an ablation. None is the value that the field of the site offers for it, because a preset may
 * come with one.
 *
 * @param {Description} description
 * @param {Ablation|null} ablation
 * @returns {Record<string, import("./generated/protocol.js").Value|null>}
 */
export function ablationSettings(description, ablation) {
  if (ablation) return Object.fromEntries(Object.entries(ablation).map(([key, value]) => [`ablation.${key}`, value]));
  const site = description.fields.find(({ path }) => path === "ablation.site");
  const options = site?.kind === "choice" ? site.options : [];
  const none = options.find(({ value }) => value === "none" || value === "")?.value ?? "none";
  const others = description.fields.filter(({ path }) => path.startsWith("ablation.") && path !== "ablation.site");
  return { ...Object.fromEntries(others.map(({ path }) => [path, null])), "ablation.site": none };
}

/** The seed after this one: a new draw that the next visitor gets too. @param {Description} description */
export function nextSeed({ settings, fields }) {
  const seed = Number(settings.seed ?? 0) + 1;
  const field = fields.find(({ path }) => path === "seed");
  return field?.kind === "integer" && seed > field.maximum ? field.minimum : seed;
}

/**
 * What the workers report, as events.
 *
 * @param {Store} store
 * @returns {(news: import("./sandbox-workers.js").SandboxNews) => void}
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
        if (!news.done && !news.problem && isHeld(store.state)) return;
        return store.send({ type: "stopped", done: news.done, problem: news.problem });
      case "moved":
        return store.send({ type: "moved", device: news.device });
      case "restarting":
        return store.send({ type: "notice", notice: { tone: "info", problem: news.problem } });
      case "replaced":
        // The model is opened anew after its worker died; the page was told of the death only.
        if (news.playing && store.state.run.status === "opening") store.send({ type: "opened" });
        return store.send({ type: "notice", notice: replaced(news) });
    }
  };
}

/**
 * @param {Extract<import("./sandbox-workers.js").SandboxNews, {news: "replaced"}>} news
 * @returns {import("./store.js").Notice}
 */
function replaced({ problem: { code, message }, steps, device, playing }) {
  const lost = code === "device-lost";
  const where = lost ? `on the ${device === "cpu" ? "CPU" : "GPU"} ` : "";
  const point = steps > 0 ? `its checkpoint at step ${steps}` : "its start, because it had no checkpoint yet";
  const what = playing ? `Training resumed ${where}from ${point}.` : `Training is paused ${where}at ${point}.`;
  const hint = lost ? "WebGPU can be chosen again; that starts over." : "The worker was replaced.";
  return { tone: "info", problem: { code, message: `${sentence(message)} ${what}`, hint } };
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
