/**
 * The workers of the page: who they are, how long they may take, and what happens when one dies.
 *
 * Two workers at most. The *desk* holds the CPU module and answers questions about studies at once, however busy training is; the
 * *bench* trains, on the device that was chosen. A worker that traps cannot be trusted with another call, so it is never repaired: it is
 * replaced, and the bench goes on from the last checkpoint, which the page holds.
 */

import { isAnswer, problem, toProblem } from "./protocol.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").CallName} CallName */
/** @typedef {import("./protocol.js").Cut} Cut */
/** @typedef {import("./protocol.js").DeviceName} DeviceName */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {Pick<Worker, "postMessage"|"terminate"|"onmessage"|"onerror"|"onmessageerror">} WorkerLike */
/** @typedef {{link: string, cut: Cut|null, device: DeviceName, force: boolean, ready: boolean, playing: boolean, saved: {bytes: Uint8Array, steps: number}|null, deaths: number}} Session */
/** @typedef {Extract<News, {news: "progress"|"view"|"stopped"}> | {news: "replaced", problem: Problem, steps: number, device: DeviceName}} PoolNews */

/** Milliseconds that a call may take before its worker is given up. The GPU module is large and compiles shaders at its first step. */
const PATIENCE = { load: 60_000, webgpu: 180_000, call: 20_000, silence: 45_000 };

/** A bench that dies this often without a new checkpoint would die for ever. */
const DEATHS = 3;

/** One worker and the requests under way in it. */
class Lane {
  /** @type {Map<number, {resolve(value: any): void, reject(problem: Problem): void, timer: ReturnType<typeof setTimeout>}>} */
  #waiting = new Map();
  #next = 1;
  #over = false;

  /**
   * @param {WorkerLike} worker
   * @param {(news: News) => void} tell
   */
  constructor(worker, tell) {
    this.worker = worker;
    this.tell = tell;
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.end(problem("worker-died", `The worker could not go on${event.message ? `: ${event.message}` : ""}.`));
    };
    worker.onmessageerror = () => this.end(problem("worker-died", "The worker said something that could not be read."));
  }

  /**
   * @template {CallName} Name
   * @param {Name} call
   * @param {Calls[Name]["args"]} args
   * @param {number} [patience]
   * @returns {Promise<Calls[Name]["value"]>}
   */
  ask(call, args, patience = PATIENCE.call) {
    if (this.#over) return Promise.reject(problem("worker-died", "The worker is gone."));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(problem("worker-died", `The worker did not answer "${call}" within ${Math.round(patience / 1000)} s.`)), patience);
      this.#waiting.set(id, { resolve, reject, timer });
      this.worker.postMessage({ id, call, args });
    });
  }

  /** Ends the worker, and every request in it, because of `reason`. @param {Problem} reason @param {boolean} [told] */
  end(reason, told = false) {
    if (this.#over) return;
    this.#over = true;
    this.worker.terminate();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#waiting.clear();
    if (!told) this.tell({ news: "died", problem: reason });
  }

  /** @param {import("./protocol.js").Answer|News} message */
  #hear(message) {
    if (this.#over) return;
    if (!isAnswer(message)) {
      if (message.news === "died") this.end(message.problem);
      else this.tell(message);
      return;
    }
    const asked = this.#waiting.get(message.id);
    if (!asked) return;
    this.#waiting.delete(message.id);
    clearTimeout(asked.timer);
    if ("problem" in message) asked.reject(message.problem);
    else asked.resolve(message.value);
  }
}

export class Pool {
  /** @type {Lane|null} */
  #desk = null;
  /** @type {Lane|null} */
  #bench = null;
  /** @type {Session|null} */
  #session = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #watch;
  #closing = problem("internal", "The bench was closed.");

  /**
   * @param {object} given
   * @param {() => WorkerLike} given.spawn
   * @param {(news: PoolNews) => void} given.report
   * @param {Partial<typeof PATIENCE>} [given.patience]
   */
  constructor({ spawn, report, patience = {} }) {
    this.spawn = spawn;
    this.report = report;
    this.patience = { ...PATIENCE, ...patience };
  }

  /** Starts the desk. @returns {Promise<import("./protocol.js").Catalog>} */
  async start() {
    const desk = await this.#openDesk();
    return desk.ask("catalog", {}, this.patience.call);
  }

  /** @param {string} link @returns {Promise<import("./protocol.js").Description>} */
  async describe(link) {
    const desk = this.#desk ?? (await this.#openDesk());
    return desk.ask("describe", { link }, this.patience.call);
  }

  /** Whether a worker gets a WebGPU adapter. The desk need not have its module for that. @param {boolean} force */
  async probe(force) {
    const lane = this.#desk ?? this.#lane(() => undefined);
    const adapter = await lane.ask("probe", { force }, this.patience.call).finally(() => {
      if (lane !== this.#desk) lane.end(this.#closing, true);
    });
    return adapter;
  }

  /** The link whose bench is open, if one is. */
  get opened() {
    return this.#session ? { link: this.#session.link, device: this.#session.device } : null;
  }

  /**
   * Opens a bench, in a fresh worker if the device is another.
   *
   * @param {{link: string, cut: Cut|null, device: DeviceName, force: boolean}} wanted
   */
  async open(wanted) {
    if (this.#session?.device !== wanted.device) this.close();
    const session = { ...wanted, ready: false, playing: false, saved: null, deaths: 0 };
    this.#session = session;
    try {
      await this.#openBench(session);
    } catch (error) {
      if (this.#session === session) this.close();
      throw error;
    }
  }

  /** @param {Cut|null} cut */
  async choose(cut) {
    const session = this.#open();
    session.cut = cut;
    await this.#lane0().ask("choose", { cut }, this.patience.silence);
  }

  async play() {
    const session = this.#open();
    session.playing = true;
    this.#listenForSilence();
    await this.#lane0().ask("play", {}, this.patience.silence);
    // Word of an earlier run's end can cross with the call; it is older than the answer.
    session.playing = true;
  }

  async pause() {
    if (!this.#session || !this.#bench) return;
    this.#session.playing = false;
    clearTimeout(this.#watch);
    await this.#bench.ask("pause", {}, this.patience.silence);
  }

  /** @param {number} steps */
  async advance(steps) {
    this.#open();
    await this.#lane0().ask("advance", { steps }, this.patience.silence);
  }

  /** Ends the bench and forgets its run. */
  close() {
    clearTimeout(this.#watch);
    this.#session = null;
    this.#bench?.end(this.#closing, true);
    this.#bench = null;
  }

  #open() {
    if (!this.#session) throw problem("internal", "No bench is open.");
    return this.#session;
  }

  #lane0() {
    if (!this.#bench) throw problem("worker-died", "The bench is being replaced.");
    return this.#bench;
  }

  /** @param {(news: News) => void} tell */
  #lane(tell) {
    return new Lane(this.spawn(), tell);
  }

  async #openDesk() {
    const desk = this.#lane((news) => {
      if (news.news === "died" && this.#desk === desk) this.#desk = null;
    });
    this.#desk = desk;
    try {
      await desk.ask("load", { device: "cpu", force: false }, this.patience.load);
    } catch (error) {
      // The worker's script may be there although its module is not; the desk is of no use without.
      desk.end(this.#closing, true);
      if (this.#desk === desk) this.#desk = null;
      const said = toProblem(error);
      throw said.code === "worker-died" ? problem("load-failed", said.message, "Check the connection and reload the page. Stored results stay readable.") : said;
    }
    return desk;
  }

  /** @param {Session} session */
  async #openBench(session) {
    if (!this.#bench) {
      const lane = this.#lane((news) => this.#hear(lane, news));
      this.#bench = lane;
      try {
        await lane.ask("load", { device: session.device, force: session.force }, session.device === "webgpu" ? this.patience.webgpu : this.patience.load);
      } catch (error) {
        lane.end(this.#closing, true);
        if (this.#bench === lane) this.#bench = null;
        throw error;
      }
    }
    // A copy is sent: the page keeps its own in case this worker dies too.
    const bytes = session.saved ? session.saved.bytes.slice() : null;
    await this.#lane0().ask("open", { link: session.link, cut: session.cut, bytes }, session.device === "webgpu" ? this.patience.webgpu : this.patience.load);
    session.ready = true;
  }

  /** @param {Lane} lane @param {News} news */
  #hear(lane, news) {
    if (lane !== this.#bench) return;
    const session = this.#session;
    if (session?.playing) this.#listenForSilence();
    if (news.news === "checkpoint" && session) {
      session.saved = { bytes: news.bytes, steps: news.steps };
      session.deaths = 0;
    } else if (news.news === "stopped") {
      // Word of a pause that comes after play was asked for again is out of date.
      if (session?.playing && !news.done && !news.problem) return;
      clearTimeout(this.#watch);
      if (session) session.playing = false;
      this.report(news);
    } else if (news.news === "died" || news.news === "lost") {
      void this.#replace(lane, news.problem, news.news === "lost");
    } else if (news.news === "progress" || news.news === "view") {
      this.report(news);
    }
  }

  /** A trap in an asynchronous call can leave a worker silent rather than dead. */
  #listenForSilence() {
    clearTimeout(this.#watch);
    const patience = this.#session?.device === "webgpu" ? this.patience.webgpu : this.patience.silence;
    this.#watch = setTimeout(() => this.#bench?.end(problem("worker-died", `The worker said nothing for ${Math.round(patience / 1000)} s.`)), patience);
  }

  /**
   * Puts a new worker in the place of one that died or lost its device, and takes the run up where the last checkpoint left it.
   *
   * @param {Lane} lane
   * @param {Problem} why
   * @param {boolean} lost  the device is gone: go on on the CPU
   */
  async #replace(lane, why, lost) {
    clearTimeout(this.#watch);
    lane.end(why, true);
    this.#bench = null;
    const session = this.#session;
    // Who waits for a bench to open hears of its death there.
    if (!session?.ready) return;
    session.ready = false;
    session.deaths += 1;
    if (session.deaths > DEATHS) {
      this.#session = null;
      this.report({ news: "stopped", done: false, problem: problem(why.code, `${why.message} It was replaced ${DEATHS} times and stopped again each time.`, "Make the model smaller or choose the other device, then restart.") });
      return;
    }
    if (lost) session.device = "cpu";
    try {
      await this.#openBench(session);
      if (this.#session !== session) return;
      this.report({ news: "replaced", problem: why, steps: session.saved?.steps ?? 0, device: session.device });
      if (session.playing) await this.play();
    } catch (error) {
      if (this.#session !== session) return;
      this.#session = null;
      this.report({ news: "stopped", done: false, problem: toProblem(error) });
    }
  }
}
