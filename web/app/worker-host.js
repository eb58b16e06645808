/**
 * A worker with its module: started when it is first needed, ended when it is silent for too long, replaced when it
 * dies. Every worker of the page has such a host, so that there is one set of rules:
 *
 * - A request that is not answered in time ends its worker: a trap in an asynchronous call can leave a worker silent
 *   rather than dead.
 * - While a host `watch`es its worker, the worker has to report something at least every `TIMEOUTS.silence`.
 * - A worker that dies while it works is reported to the owner, who knows what was under way. The next request starts
 *   another worker.
 * - A worker that dies while it loads is replaced at once, `MOST_DEATHS` times at most, and each time this is said.
 * - A worker whose module is still being built is started again until the module is there, and this is said.
 */

import { CLOSED, WorkerChannel, afterSilence, isDeath } from "./worker-channel.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").CallName} CallName */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {import("./worker-channel.js").WorkerLike} WorkerLike */

/**
 * Milliseconds until a worker is given up. The GPU module is large and compiles shaders; a plan hashes thousands of
 * trials and a report resamples, which is what `study` is for; `probe` is how long a graphics adapter may be looked
 * for; `retry` is the pause before a worker is started again, and `building` the one before a module is asked for again
 * that is still being built.
 */
export const TIMEOUTS = {
  load: 60_000,
  probe: 10_000,
  loadGpu: 180_000,
  request: 20_000,
  study: 120_000,
  silence: 120_000,
  retry: 250,
  building: 3_000,
};

/** What kills this many workers in a row would kill them all. */
export const MOST_DEATHS = 3;

const RELOAD =
  "Check the connection and reload the page. Stored results stay readable, and nothing that was found is lost.";

export class WorkerHost {
  /** The worker that is there or being started. @type {WorkerChannel|null} */
  #channel = null;
  /** @type {Promise<WorkerChannel>|null} */
  #starting = null;
  /** The worker that is there, with its module. @type {WorkerChannel|null} */
  #loaded = null;
  /** Aborted by `stop`. */
  #life = new AbortController();
  #watching = false;
  /** Calls off the end of a worker that is silent. @type {(() => void)|undefined} */
  #silence;

  /**
   * @param {object} given
   * @param {() => WorkerLike} given.spawn
   * @param {Calls["load"]["args"]} given.module  what the worker loads
   * @param {Partial<typeof TIMEOUTS>} [given.timeouts]
   * @param {(channel: WorkerChannel) => Promise<unknown>} [given.prepare]  makes a new worker what its predecessor was
   * @param {(news: News) => void} [given.onNews]
   * @param {(why: Problem) => void} [given.onDeath]  the worker died while it was loaded; the host has no worker now
   * @param {(why: Problem) => void} [given.onRestart]  it died while it loaded, and is started again; or its module is
   *   still being built, or is there now
   */
  constructor({ spawn, module, timeouts = {}, prepare, onNews, onDeath, onRestart }) {
    this.spawn = spawn;
    this.module = module;
    this.timeouts = { ...TIMEOUTS, ...timeouts };
    this.prepare = prepare;
    this.onNews = onNews;
    this.onDeath = onDeath;
    this.onRestart = onRestart;
  }

  /** Whether a worker is there or being started. */
  get started() {
    return this.#channel !== null || this.#starting !== null;
  }

  /** Starts the worker, unless it is there. @returns {Promise<unknown>} once it is loaded */
  start() {
    return this.#ready();
  }

  /**
   * Asks the worker, which is started if need be.
   *
   * @template {CallName} Name
   * @param {Name} call
   * @param {Calls[Name]["args"]} args
   * @param {Partial<import("./worker-channel.js").RequestOptions> & {again?: boolean}} [options]
   *   `again`: the request changes nothing, so that it can be put to the successor of a worker that died of it, once
   * @returns {Promise<Calls[Name]["value"]>}
   */
  async request(call, args, { timeout = this.timeouts.request, onTimeout = null, signal = null, again = false } = {}) {
    signal?.throwIfAborted();
    const channel = await this.#ready();
    try {
      return await channel.request(call, args, { timeout, onTimeout, signal });
    } catch (error) {
      if (!again || signal?.aborted || !isDeath(toProblem(error))) throw error;
      return (await this.#ready()).request(call, args, { timeout, onTimeout, signal });
    }
  }

  /** Whether the worker is expected to report; one that does not is ended. @param {boolean} on */
  watch(on) {
    this.#watching = on;
    this.#silence?.();
    if (!on) return;
    // A graphics device may compile shaders for as long as it takes to load.
    const silence = this.module.device === "webgpu" ? this.timeouts.loadGpu : this.timeouts.silence;
    const why = problem("worker-died", `A worker reported nothing for ${Math.round(silence / 1000)} s.`);
    this.#silence = afterSilence(silence, () => this.#channel?.end(why));
  }

  /** Ends the worker and what is under way in it. The next request starts another one. @param {Problem} [why] */
  stop(why = CLOSED) {
    this.watch(false);
    this.#life.abort(why);
    this.#life = new AbortController();
    this.#channel?.end(why, { quiet: true });
    this.#channel = this.#loaded = this.#starting = null;
  }

  /** @returns {Promise<WorkerChannel>} */
  #ready() {
    if (this.#starting) return this.#starting;
    const starting = this.#start(this.#life.signal).catch((error) => {
      if (this.#starting === starting) this.#starting = null;
      throw error;
    });
    this.#starting = starting;
    return starting;
  }

  /** @param {AbortSignal} signal @returns {Promise<WorkerChannel>} */
  async #start(signal) {
    let building = false;
    for (let deaths = 1; ; deaths++) {
      const channel = new WorkerChannel(this.spawn(), (news) => this.#receive(channel, news));
      this.#channel = channel;
      try {
        const timeout = this.module.device === "webgpu" ? this.timeouts.loadGpu : this.timeouts.load;
        await channel.request("load", this.module, { timeout, signal });
        await this.prepare?.(channel);
        signal.throwIfAborted();
        this.#loaded = channel;
        if (building) this.onRestart?.(problem("module-ready", "The module that was still being built is there now."));
        return channel;
      } catch (error) {
        channel.end(CLOSED, { quiet: true });
        if (this.#channel === channel) this.#channel = null;
        signal.throwIfAborted();
        const why = toProblem(error);
        if (why.code === "module-building") {
          if (!building) this.onRestart?.(why);
          building = true;
          deaths -= 1;
          await new Promise((resolve) => setTimeout(resolve, this.timeouts.building));
          signal.throwIfAborted();
          continue;
        }
        // A module that is not there, or a graphics device that is lost, does not come back by asking again.
        if (why.code !== "worker-died") throw why;
        if (deaths > MOST_DEATHS)
          throw problem("load-failed", `${why.message} It was started ${deaths} times.`, RELOAD);
        this.onRestart?.({
          ...why,
          hint: `It died while it was loading and is started again (${deaths} of ${MOST_DEATHS}).`,
        });
        await new Promise((resolve) => setTimeout(resolve, deaths * this.timeouts.retry));
        signal.throwIfAborted();
      }
    }
  }

  /** @param {WorkerChannel} channel @param {News} news */
  #receive(channel, news) {
    if (this.#channel !== channel) return;
    if (news.news === "died") {
      // While it is being started, `#start` hears of it from the request that was under way.
      if (this.#loaded !== channel) return;
      this.#channel = this.#loaded = this.#starting = null;
      this.watch(false);
      this.onDeath?.(news.problem);
      return;
    }
    if (this.#watching) this.watch(true);
    this.onNews?.(news);
  }
}
