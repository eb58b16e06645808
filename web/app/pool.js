/**
 * The workers of the page: who they are, how long they may take, and what happens when one dies.
 *
 * Two workers at most. The *desk* holds the CPU module and answers questions about studies at once, however busy
 * training is; the
 * *bench* trains, on the device that was chosen. A worker that traps cannot be trusted with another call, so it is
 * never repaired: it is
 * replaced, and the bench goes on from the last checkpoint, which the page holds. When it cannot be replaced the page
 * keeps the checkpoint,
 * and the next time the same study is opened it goes on from there.
 */

import { CLOSED, Channel, isDeath } from "./channel.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").CallName} CallName */
/** @typedef {import("./protocol.js").Cut} Cut */
/** @typedef {import("./protocol.js").DeviceName} DeviceName */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {import("./channel.js").WorkerLike} WorkerLike */
/**
 * @typedef {{study: string, link: string, cut: Cut|null, device: DeviceName, force: boolean}} Wanted  `study` says
 *   whose checkpoint it is; a link says the cut too
 */
/** @typedef {{bytes: Uint8Array, steps: number}} Saved */
/**
 * @typedef {Wanted & {ready: boolean, opening: Promise<void>|null, playing: boolean, saved: Saved|null, deaths:
 *   number}} Session
 */
/**
 * @typedef {Extract<News, {news: "progress"|"view"|"stopped"}>
 *   | {news: "moved", device: DeviceName}
 *   | {news: "replaced", problem: Problem, steps: number, device: DeviceName, playing: boolean}} PoolNews
 */

/**
 * Milliseconds that a call may take before its worker is given up. The GPU module is large and compiles shaders at its
 * first step.
 */
const PATIENCE = { load: 60_000, webgpu: 180_000, call: 20_000, silence: 45_000 };

/** A bench that dies this often without a new checkpoint would die for ever. */
const DEATHS = 3;

export class Pool {
  /** @type {Channel|null} */
  #desk = null;
  /** The desk, once it has its module. @type {Promise<Channel>|null} */
  #opening = null;
  /** @type {Channel|null} */
  #bench = null;
  /** @type {Session|null} */
  #session = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #watch;

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
    const desk = await this.#openDesk();
    return desk.ask("describe", { link }, this.patience.call);
  }

  /** Whether a worker gets a WebGPU adapter. The desk need not have its module for that. @param {boolean} force */
  async probe(force) {
    const late = problem(
      "no-adapter",
      "This browser has WebGPU, but did not say in time which graphics adapter it has.",
      "Training on the CPU works without it.",
    );
    const lane = this.#desk ?? this.#lane(() => undefined);
    return lane.ask("probe", { force }, this.patience.load, late).finally(() => {
      if (lane !== this.#desk) lane.end(CLOSED, true);
    });
  }

  /** The link and the device of the bench that is open, if one is. */
  get opened() {
    return this.#session?.ready ? { link: this.#session.link, device: this.#session.device } : null;
  }

  /**
   * Opens a bench, in a fresh worker if the device is another. Who asks for a bench that is being opened waits for that
   * one. The
   * checkpoint of a bench of the same study that could not be replaced is taken up.
   *
   * @param {Wanted} wanted
   * @returns {Promise<void>}
   */
  async open(wanted) {
    const before = this.#session;
    const same = before !== null && before.study === wanted.study && !before.ready;
    if (same && before.opening && before.device === wanted.device) return before.opening;
    if (before?.device !== wanted.device || before.opening) this.close();
    /** @type {Session} */
    const session = {
      ...wanted,
      ready: false,
      opening: null,
      playing: false,
      saved: same ? before.saved : null,
      deaths: 0,
    };
    this.#session = session;
    return this.#begin(session, () => this.#openBench(session));
  }

  /** @param {Cut|null} cut */
  async choose(cut) {
    this.#open().cut = cut;
    const lane = await this.#ready();
    await lane.ask("choose", { cut }, this.patience.silence);
  }

  async play() {
    const session = this.#open();
    session.playing = true;
    const lane = await this.#ready();
    if (!session.playing) return;
    this.#listenForSilence();
    await lane.ask("play", {}, this.patience.silence);
    // Word of an earlier run's end can cross with the call; it is older than the answer.
    session.playing = true;
  }

  async pause() {
    clearTimeout(this.#watch);
    if (this.#session) this.#session.playing = false;
    await this.#bench?.ask("pause", {}, this.patience.silence);
  }

  /** @param {number} steps */
  async advance(steps) {
    const lane = await this.#ready();
    await lane.ask("advance", { steps }, this.patience.silence);
  }

  /** Ends the bench and forgets its run. */
  close() {
    clearTimeout(this.#watch);
    this.#session = null;
    this.#bench?.end(CLOSED, true);
    this.#bench = null;
  }

  #open() {
    if (!this.#session) throw problem("internal", "No bench is open.");
    return this.#session;
  }

  /** The bench, once it is open; whoever opens it says why when it does not. @returns {Promise<Channel>} */
  async #ready() {
    const session = this.#open();
    while (session.opening) await session.opening.catch(() => undefined);
    if (this.#session !== session) throw CLOSED;
    if (!session.ready || !this.#bench) throw problem("worker-died", "The bench could not be replaced.");
    return this.#bench;
  }

  /** @param {(news: News) => void} tell */
  #lane(tell) {
    return new Channel(this.spawn(), tell);
  }

  /** The desk, with its module. A desk that died is opened anew. @returns {Promise<Channel>} */
  #openDesk() {
    this.#opening ??= this.#loadDesk();
    return this.#opening;
  }

  async #loadDesk() {
    const forget = () => {
      if (this.#desk === desk) this.#desk = this.#opening = null;
    };
    const desk = this.#lane((news) => {
      if (news.news === "died") forget();
    });
    this.#desk = desk;
    try {
      await desk.ask("load", { device: "cpu", force: false }, this.patience.load);
    } catch (error) {
      // The worker's script may be there although its module is not; the desk is of no use without.
      const said = toProblem(error);
      const why =
        said.code === "worker-died"
          ? problem(
              "load-failed",
              said.message,
              "Check the connection and reload the page. Stored results stay readable.",
            )
          : said;
      desk.end(why, true);
      forget();
      throw why;
    }
    return desk;
  }

  /**
   * Notes that a bench is being opened, so that whoever needs it waits for this.
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

  /** Opens the bench of a session, and leaves no worker behind where that fails. @param {Session} session */
  async #openBench(session) {
    const patience = session.device === "webgpu" ? this.patience.webgpu : this.patience.load;
    const fresh = this.#bench === null;
    const lane = this.#bench ?? this.#lane((news) => this.#hear(lane, news));
    this.#bench = lane;
    try {
      if (fresh) await lane.ask("load", { device: session.device, force: session.force }, patience);
      // A copy is sent: the page keeps its own in case this worker dies too.
      const bytes = session.saved ? session.saved.bytes.slice() : null;
      await lane.ask("open", { link: session.link, cut: session.cut, bytes }, patience);
      if (this.#session !== session) throw CLOSED;
      session.ready = true;
    } catch (error) {
      lane.end(CLOSED, true);
      if (this.#bench === lane) this.#bench = null;
      // What cannot be read once can never be read.
      if (toProblem(error).code === "bad-checkpoint") session.saved = null;
      throw error;
    }
  }

  /** @param {Channel} lane @param {News} news */
  #hear(lane, news) {
    if (lane !== this.#bench) return;
    const session = this.#session;
    if (session?.playing && session.ready) this.#listenForSilence();
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
      void this.#replace(lane, news.problem);
    } else if (news.news === "progress" || news.news === "view") {
      this.report(news);
    }
  }

  /** A trap in an asynchronous call can leave a worker silent rather than dead. */
  #listenForSilence() {
    clearTimeout(this.#watch);
    const patience = this.#session?.device === "webgpu" ? this.patience.webgpu : this.patience.silence;
    this.#watch = setTimeout(
      () => this.#bench?.end(problem("worker-died", `The worker said nothing for ${Math.round(patience / 1000)} s.`)),
      patience,
    );
  }

  /**
   * Puts a new worker in the place of one that died or lost its device, and takes the run up where the last checkpoint
   * left it.
   *
   * @param {Channel} lane
   * @param {Problem} why
   */
  async #replace(lane, why) {
    clearTimeout(this.#watch);
    lane.end(why, true);
    this.#bench = null;
    const session = this.#session;
    // Who waits for a bench to open hears of its death there.
    if (!session?.ready) return;
    session.ready = false;
    try {
      await this.#begin(session, () => this.#reopen(session, why));
      // A bench that dies at once is replaced, and reported, by the next turn of this.
      if (session.playing) await this.play();
      if (this.#session === session && session.ready)
        this.report({
          news: "replaced",
          problem: why,
          steps: session.saved?.steps ?? 0,
          device: session.device,
          playing: session.playing,
        });
    } catch (error) {
      if (this.#session !== session || session.ready || session.opening) return;
      session.playing = false;
      this.report({ news: "stopped", done: false, problem: unreplaced(toProblem(error), session.saved) });
    }
  }

  /**
   * Opens the bench of a session again, as often as it may die.
   *
   * @param {Session} session
   * @param {Problem} why
   */
  async #reopen(session, why) {
    for (;;) {
      session.deaths += 1;
      if (session.deaths > DEATHS)
        throw problem(
          why.code,
          `${why.message} It was replaced ${DEATHS} times and stopped again each time.`,
          "Make the model smaller or choose the other device, then restart.",
        );
      if (why.code === "device-lost" && session.device !== "cpu") {
        session.device = "cpu";
        this.report({ news: "moved", device: "cpu" });
      }
      try {
        return await this.#openBench(session);
      } catch (error) {
        const said = toProblem(error);
        if (this.#session !== session || !isDeath(said)) throw error;
        why = said;
      }
    }
  }
}

/**
 * What stopped a run whose bench could not be replaced, and how it goes on.
 *
 * @param {Problem} why
 * @param {Saved|null} saved
 * @returns {Problem}
 */
function unreplaced(why, saved) {
  if (!saved) return why;
  const first =
    why.code === "load-failed"
      ? "Check the connection."
      : isDeath(why)
        ? "If it stops again, make the model smaller or choose the other device."
        : "";
  return {
    ...why,
    hint: `Nothing up to step ${saved.steps} is lost: train on, and it goes on from the checkpoint there. ${first}`.trim(),
  };
}
