/**
 * The two workers of the sandbox. The *control worker* holds the CPU module and answers questions about links at once,
 * however busy training is; the *training worker* trains, on the device that was chosen. When the training worker dies,
 * its successor goes on from the last checkpoint, which the page holds. When it cannot be replaced the page keeps the
 * checkpoint, and the next time the same model is opened training goes on from there.
 */

import { CLOSED, isDeath } from "./worker-channel.js";
import { MOST_DEATHS, WorkerHost } from "./worker-host.js";
import { MEASURED } from "./pace.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./generated/protocol.js").Ablation} Ablation */
/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").DeviceName} DeviceName */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./protocol.js").Problem} Problem */
/**
 * @typedef {object} Wanted
 * @property {string} model  what decides the training, which says whose checkpoint it is; a link says the ablation too
 * @property {string} link
 * @property {Ablation|null} ablation
 * @property {DeviceName} device
 * @property {boolean} force
 * @property {string} [text]  SHA-256 of the text that it is trained on, if it is
 */
/** @typedef {{bytes: Uint8Array, steps: number}} Checkpoint */
/**
 * @typedef {Wanted & {life: AbortController, ready: boolean, opening: Promise<void>|null, playing: boolean,
 *   saved: Checkpoint|null, deaths: number}} Session  `deaths` without a new checkpoint
 */
/**
 * @typedef {Extract<News, {news: "progress"|"view"|"stopped"}>
 *   | {news: "moved", device: DeviceName}
 *   | {news: "restarting", problem: Problem}
 *   | {news: "replaced", problem: Problem, steps: number, device: DeviceName, playing: boolean}} SandboxNews
 */

export class SandboxWorkers {
  #control;
  /** @type {WorkerHost|null} */
  #training = null;
  /** @type {Session|null} */
  #session = null;

  /**
   * @param {object} given
   * @param {() => import("./worker-channel.js").WorkerLike} given.spawn
   * @param {(news: SandboxNews) => void} given.report
   * @param {Partial<typeof import("./worker-host.js").TIMEOUTS>} [given.timeouts]
   * @param {(hashes: string[]) => Promise<import("./texts.js").Text[]>} [given.texts]  those of the texts that are here
   */
  constructor({ spawn, report, timeouts = {}, texts = async () => [] }) {
    this.texts = texts;
    this.spawn = spawn;
    this.report = report;
    this.timeouts = timeouts;
    this.#control = this.#host("cpu", false);
  }

  /** Starts the control worker. @returns {Promise<import("./generated/protocol.js").Catalog>} */
  start() {
    return this.#control.request("catalog", {}, { again: true });
  }

  /**
   * A link described; a text that it needs is looked for.
   *
   * @param {string} link
   * @param {AbortSignal} signal
   * @returns {Promise<import("./generated/protocol.js").Description>}
   */
  async describe(link, signal) {
    const description = await this.#control.request("describe", { link }, { again: true, signal });
    const texts = description.lacks ? await this.texts([description.lacks.sha256]) : [];
    if (texts.length === 0) return description;
    return this.#control.request("describe", { link, texts }, { again: true, signal });
  }

  /** Whether a worker gets a WebGPU adapter. @param {boolean} force */
  probe(force) {
    const onTimeout = problem(
      "no-adapter",
      "This browser has WebGPU, but did not say in time which graphics adapter it has.",
      "Training on the CPU works without it.",
    );
    return this.#control.request("probe", { force }, { timeout: this.#control.timeouts.probe, onTimeout });
  }

  /** The link and the device of the model that is open, if one is. */
  get opened() {
    return this.#session?.ready ? { link: this.#session.link, device: this.#session.device } : null;
  }

  /**
   * Opens a model for training, in a fresh worker if the device is another. Who asks for a model that is being opened
   * waits for that one. The checkpoint of a training of the same model that could not be replaced is taken up.
   *
   * @param {Wanted} wanted
   * @returns {Promise<void>}
   */
  async open(wanted) {
    const before = this.#session;
    const same = before !== null && before.model === wanted.model && !before.ready;
    if (same && before.opening && before.device === wanted.device) return before.opening;
    if (before?.device !== wanted.device || before.opening) this.close();
    before?.life.abort(CLOSED);
    /** @type {Session} */
    const session = {
      ...wanted,
      life: new AbortController(),
      ready: false,
      opening: null,
      playing: false,
      saved: same ? before.saved : null,
      deaths: 0,
    };
    this.#session = session;
    return this.#begin(session, () => this.#openSession(session));
  }

  /** @param {Ablation|null} ablation */
  async choose(ablation) {
    this.#current().ablation = ablation;
    const host = await this.#ready();
    await host.request("choose", { ablation }, { timeout: host.timeouts.silence });
  }

  async play() {
    const session = this.#current();
    session.playing = true;
    const host = await this.#ready();
    if (!session.playing) return;
    host.watch(true);
    await host.request("play", {}, { timeout: host.timeouts.silence });
    // Word of an earlier run's end can cross with the request; it is older than the answer.
    session.playing = true;
  }

  async pause() {
    this.#training?.watch(false);
    if (this.#session) this.#session.playing = false;
    if (this.#training?.started)
      await this.#training.request("pause", {}, { timeout: this.#training.timeouts.silence });
  }

  /** @param {number} steps */
  async advance(steps) {
    const host = await this.#ready();
    await host.request("advance", { steps }, { timeout: host.timeouts.silence });
  }

  /**
   * How long a training step of a link takes on each device, in workers of their own that are ended again.
   *
   * @param {string} link
   * @param {boolean} force
   * @param {AbortSignal} signal
   * @param {string} [text]  SHA-256 of the text that it is trained on, if it is
   * @returns {Promise<import("./store.js").Times>}
   */
  async measure(link, force, signal, text) {
    const cpu = await this.#timeSteps({ link, device: "cpu", force, signal, text });
    const webgpu = await this.#timeSteps({ link, device: "webgpu", force, signal, text });
    return { cpu: cpu.each, webgpu: webgpu.each, steps: Math.min(cpu.made, webgpu.made) };
  }

  /** @param {{link: string, device: DeviceName, force: boolean, signal: AbortSignal, text?: string|undefined}} given */
  async #timeSteps({ link, device, force, signal, text }) {
    /** @type {WorkerHost} */
    const host = this.#host(device, force, {
      onNews: (news) => news.news === "lost" && host.stop(news.problem),
    });
    try {
      await host.start();
      const timeout = device === "webgpu" ? host.timeouts.loadGpu : host.timeouts.load;
      const texts = await this.#textsOf({ text });
      await host.request("open", { link, ablation: null, bytes: null, ...texts }, { timeout, signal });
      const { made, took } = await host.request("time", MEASURED, { timeout, signal });
      if (made === 0) throw problem("refused", "This model makes too few steps to be measured.", "Choose more steps.");
      return { made, each: took / made };
    } finally {
      host.stop();
    }
  }

  /**
   * The effects of an operator in the model that is open, and what each head costs; in a worker of its own on the CPU
   * that is ended again.
   *
   * @param {object} asked
   * @param {string} asked.operator
   * @param {boolean} asked.retrain  whether to train without each head as well
   * @param {string|undefined} asked.text  SHA-256 of the text that it is trained on, if it is
   * @param {AbortSignal} asked.signal
   * @param {(found: Calls["effects"]["value"]) => void} asked.onFound
   * @param {(share: number) => void} asked.onShare  of the training that is done
   * @returns {Promise<import("./generated/protocol.js").Figure|null>}  the heads
   */
  async effects({ operator, retrain, text, signal, onFound, onShare }) {
    return this.#besides({ text, signal, onShare }, async (host, trained, wait) => {
      const found = await host.request("effects", { ...trained, operator }, wait);
      onFound(found);
      if (!retrain || !found.heads) return found.heads;
      host.watch(true);
      return await host.request("retrainHeads", {}, wait);
    });
  }

  /**
   * Every set of a few components of the model that is open, ablated together; in a worker as {@link effects}.
   *
   * @param {object} asked
   * @param {string} asked.operator
   * @param {string[]} asked.components
   * @param {string|undefined} asked.text  SHA-256 of the text that it is trained on, if it is
   * @param {AbortSignal} asked.signal
   */
  together({ operator, components, text, signal }) {
    return this.#besides({ text, signal }, (host, trained, wait) =>
      host.request("together", { ...trained, operator, components }, wait),
    );
  }

  /**
   * Asks a worker of its own on the CPU, which is ended again, about the model that is open.
   *
   * @template T
   * @param {{text: string|undefined, signal: AbortSignal, onShare?: (share: number) => void}} asked
   * @param {(host: WorkerHost, trained: {bytes: Uint8Array, texts?: import("./texts.js").Text[]},
   *   wait: {timeout: number, signal: AbortSignal}) => Promise<T>} ask
   * @returns {Promise<T>}
   */
  async #besides({ text, signal, onShare }, ask) {
    const training = await this.#ready();
    const bytes = await training.request("checkpoint", {}, { timeout: training.timeouts.silence, signal });
    const host = this.#host("cpu", false, {
      onNews: (news) => news.news === "lane" && onShare?.(news.done / Math.max(1, news.total)),
    });
    const stop = () => host.stop();
    signal.addEventListener("abort", stop);
    try {
      await host.start();
      const texts = await this.#textsOf({ text });
      // However long it takes: it can be stopped.
      return await ask(host, { bytes, ...texts }, { timeout: Infinity, signal });
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  /**
   * A text encoded with a vocabulary that is learned on it (see `encoded-text.js`), in a worker of its own that is
   * ended again, so that its memory is given back.
   *
   * @param {Uint8Array} text
   * @param {number} size  tokens of the vocabulary, at most
   * @param {AbortSignal} signal
   * @returns {Promise<string>}
   */
  async encode(text, size, signal) {
    signal.throwIfAborted();
    const host = this.#host("cpu", false, { module: { device: "cpu", force: false, tokens: true } });
    // Also while its module is still loaded.
    const stop = () => host.stop();
    signal.addEventListener("abort", stop);
    try {
      return await host.request("encode", { text, size }, { timeout: host.timeouts.silence, signal });
    } catch (error) {
      signal.throwIfAborted();
      const why = toProblem(error);
      // What is said of a worker that trains is not true of this one.
      throw isDeath(why) ? { ...why, hint: "Give a part of the text, or choose a smaller vocabulary." } : why;
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  /** Ends the training worker and forgets its run. */
  close() {
    this.#session?.life.abort(CLOSED);
    this.#session = null;
    this.#training?.stop();
    this.#training = null;
  }

  #current() {
    if (!this.#session) throw problem("internal", "No model is open for training.");
    return this.#session;
  }

  /**
   * The training worker, once the model is open in it; the caller that opens it reports why it cannot be opened.
   *
   * @returns {Promise<WorkerHost>}
   */
  async #ready() {
    const session = this.#current();
    while (session.opening) await session.opening.catch(() => undefined);
    session.life.signal.throwIfAborted();
    if (!session.ready || !this.#training) throw problem("worker-died", "The training worker could not be replaced.");
    return this.#training;
  }

  /** @param {DeviceName} device @param {boolean} force @param {Partial<WorkerHost>} [listeners] */
  #host(device, force, listeners = {}) {
    const onRestart = (/** @type {Problem} */ problem) => this.report({ news: "restarting", problem });
    const { spawn, timeouts } = this;
    return new WorkerHost({ spawn, module: { device, force }, timeouts, onRestart, ...listeners });
  }

  /**
   * Notes that a model is being opened, so that calls that need it wait for this.
   *
   * @param {Session} session
   * @param {() => Promise<void>} work
   */
  #begin(session, work) {
    const opening = work().finally(() => {
      if (session.opening === opening) session.opening = null;
    });
    session.opening = opening;
    return opening;
  }

  /** @param {Session} session */
  #trainingHost({ device, force }) {
    const host = this.#host(device, force, {
      onNews: (news) => this.#training === host && this.#receive(host, news),
      onDeath: (why) => this.#training === host && void this.#replace(why),
    });
    return host;
  }

  /** What a model reads, as a part of a request. @param {{text?: string|undefined}} wanted */
  async #textsOf({ text }) {
    return text === undefined ? {} : { texts: await this.texts([text]) };
  }

  /** Opens the model of a session, and leaves no worker behind where that fails. @param {Session} session */
  async #openSession(session) {
    const host = this.#training ?? this.#trainingHost(session);
    this.#training = host;
    const { signal } = session.life;
    try {
      await host.start();
      signal.throwIfAborted();
      // A copy is sent: the page keeps its own in case this worker dies too.
      const bytes = session.saved ? session.saved.bytes.slice() : null;
      const timeout = session.device === "webgpu" ? host.timeouts.loadGpu : host.timeouts.load;
      const texts = await this.#textsOf(session);
      await host.request(
        "open",
        { link: session.link, ablation: session.ablation, bytes, ...texts },
        { timeout, signal },
      );
      session.ready = true;
    } catch (error) {
      const why = toProblem(error);
      if (this.#training === host) {
        host.stop();
        this.#training = null;
      }
      signal.throwIfAborted();
      // A checkpoint that cannot be read would stop every opening.
      if (why.code === "bad-checkpoint") session.saved = null;
      throw error;
    }
  }

  /** @param {WorkerHost} host @param {News} news */
  #receive(host, news) {
    const session = this.#session;
    if (!session) return;
    switch (news.news) {
      case "progress":
        return this.report(news);
      case "view":
        return this.report(news);
      case "checkpoint":
        session.saved = { bytes: news.bytes, steps: news.steps };
        session.deaths = 0;
        return;
      case "stopped":
        // Word of a pause can come after playing again was asked for.
        if (!news.done && !news.problem && session.playing) return;
        session.playing = false;
        host.watch(false);
        return this.report(news);
      case "lost":
        return void this.#replace(news.problem);
    }
  }

  /**
   * Puts another worker in the place of one that died, from the last checkpoint.
   *
   * @param {Problem} why
   */
  async #replace(why) {
    this.#training?.stop(why);
    this.#training = null;
    const session = this.#session;
    // Who waits for a model to be opened hears of the death there.
    if (!session?.ready) return;
    session.ready = false;
    const { signal } = session.life;
    try {
      await this.#begin(session, () => this.#reopen(session, why));
      // A worker that dies at once is replaced, and reported, by the next turn of this.
      if (session.playing) await this.play();
      const { saved, device, playing } = session;
      if (signal.aborted || !session.ready) return;
      this.report({ news: "replaced", problem: why, steps: saved?.steps ?? 0, device, playing });
    } catch (error) {
      if (signal.aborted || session.ready || session.opening) return;
      session.playing = false;
      this.report({ news: "stopped", done: false, problem: unreplaced(toProblem(error), session.saved) });
    }
  }

  /**
   * Opens the model of a session again, as often as its worker may die.
   *
   * @param {Session} session
   * @param {Problem} why
   */
  async #reopen(session, why) {
    for (;;) {
      session.deaths += 1;
      if (session.deaths > MOST_DEATHS) {
        const message = `${why.message} It was replaced ${MOST_DEATHS} times and stopped again each time.`;
        throw problem(why.code, message, "Make the model smaller or choose the other device, then restart.");
      }
      if (why.code === "device-lost" && session.device !== "cpu") {
        session.device = "cpu";
        this.report({ news: "moved", device: "cpu" });
      }
      try {
        return await this.#openSession(session);
      } catch (error) {
        why = toProblem(error);
        if (session.life.signal.aborted || !isDeath(why)) throw error;
      }
    }
  }
}

/**
 * What stopped a run whose worker could not be replaced, and how to go on.
 *
 * @param {Problem} why
 * @param {Checkpoint|null} saved
 * @returns {Problem}
 */
function unreplaced(why, saved) {
  if (!saved) return why;
  const resume = `Nothing up to step ${saved.steps} is lost: press Train to resume from the checkpoint there.`;
  return { ...why, hint: `${resume} ${firstAid(why)}`.trim() };
}

/** @param {Problem} why */
function firstAid(why) {
  if (why.code === "load-failed") return "Check the connection.";
  return isDeath(why) ? "If it stops again, make the model smaller or choose the other device." : "";
}
