/**
 * The workers that run a study: one slot per core, each taking one fleet at a time; on WebGPU one slot for the adapter.
 *
 * Work is pulled and never dealt out: a slow core takes fewer fleets, and a worker that died takes none. What it had
 * under way is run again from its start, which gives the same outcomes. A slot whose worker cannot be loaded any more,
 * because memory is short, is closed, and the others go on. A graphics device that is lost does not come back: the pool
 * fails, and its owner goes on with another one. The pool does not know what a study is; fleets come from `owner.next`
 * and go to `owner.done`.
 */

import { CLOSED, isDeath } from "./worker-channel.js";
import { MOST_DEATHS, WorkerHost } from "./worker-host.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./generated/protocol.js").Fleet} Fleet */
/** @typedef {import("./protocol.js").FleetDone} FleetDone */
/** @typedef {import("./protocol.js").Weights} Weights */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {{host: WorkerHost, busy: boolean, running: boolean, closed: boolean, fleet: Fleet|null}} Slot */
/**
 * @typedef {object} Owner  who a pool works for
 * @property {() => Promise<Fleet|null>} next  what to run now; `null` if there is nothing until something is done
 * @property {(fleet: Fleet, found: FleetDone) => Promise<void>} done
 * @property {(ids: string[]) => Promise<Weights[]>} loadWeights  the weights of trainings that are known
 * @property {(weights: Weights[]) => Promise<void>} saveWeights
 * @property {(ids: string[], why: string) => Promise<void>} setAside  weights that cannot be used: they are trained
 *   again
 * @property {(trials: string) => Promise<import("./texts.js").Text[]>} [loadTexts]  the texts that
 *   trials read and that are here
 * @property {(fleet: Fleet, fraction: number) => void} progress  how far a fleet is, from 0 to 1
 * @property {(why: Problem) => void} notice  something was mended, and the study goes on
 * @property {(why: Problem) => void} failed  it cannot go on
 */

const RUN_AGAIN = "It was replaced, and what it had under way is run again. Nothing that was found is lost.";
const KEPT = "What was found so far is kept.";

export class WorkerPool {
  /** @type {Slot[]} */
  #slots;
  /** Fleets whose worker died. @type {Fleet[]} */
  #again = [];
  /** Deaths by fleet. @type {Map<string, number>} */
  #deaths = new Map();
  /** Weights that were set aside; what takes their place was trained by this pool. @type {Set<string>} */
  #setAside = new Set();
  /** Trainings that are under way because their weights were missing, by id: two slots that miss them share one. */
  #retraining = /** @type {Map<string, Promise<Weights[]>>} */ (new Map());
  #closed = new AbortController();
  #paused = true;
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {object} given
   * @param {() => import("./worker-channel.js").WorkerLike} given.spawn
   * @param {number} given.size
   * @param {import("./protocol.js").DeviceName} [given.device]
   * @param {boolean} [given.force]  takes a graphics adapter that is a program
   * @param {Owner} given.owner
   * @param {Partial<typeof import("./worker-host.js").TIMEOUTS>} [given.timeouts]
   */
  constructor({ spawn, size, device = "cpu", force = false, owner, timeouts = {} }) {
    this.owner = owner;
    this.device = device;
    this.#slots = Array.from({ length: size }, () => {
      /** @type {Slot} */
      const slot = {
        host: new WorkerHost({
          spawn,
          module: { device, force, study: true },
          timeouts,
          onNews: (news) => this.#report(slot, news),
          onRestart: (why) => this.owner.notice(why),
        }),
        busy: false,
        running: false,
        closed: false,
        fleet: null,
      };
      return slot;
    });
  }

  /** Begins, or goes on where it was paused. */
  start() {
    this.#paused = false;
    for (const resume of this.#waiting.splice(0)) resume();
    for (const slot of this.#slots) this.#hold(slot, false);
    this.wake();
  }

  /** Every worker stops where it stands; what is under way waits in it. */
  pause() {
    this.#paused = true;
    for (const slot of this.#slots) this.#hold(slot, true);
  }

  /** Has idle slots ask for work again: something new can be run. */
  wake() {
    if (this.#paused) return;
    for (const slot of this.#slots) if (!slot.busy && !slot.closed) void this.#work(slot);
  }

  /** Ends every worker. What is under way is lost. */
  close() {
    this.#closed.abort(CLOSED);
    for (const resume of this.#waiting.splice(0)) resume();
    for (const { host } of this.#slots) host.stop();
  }

  /** Ids of the trials that are under way, or wait to be run again. */
  running() {
    return [...this.#slots.flatMap(({ fleet }) => fleet?.ids ?? []), ...this.#again.flatMap(({ ids }) => ids)];
  }

  /**
   * How fast a fleet trains here: a moment of it, which is thrown away.
   *
   * @param {Fleet} fleet
   * @param {{time: number, steps?: number}} moment  milliseconds, and steps, at most
   */
  async benchmark({ trials }, { time, steps = Infinity }) {
    const slot = this.#slots.find(({ busy, closed }) => !busy && !closed);
    if (!slot || slot !== this.#slots[0]) return null;
    slot.busy = true;
    try {
      const { timeouts } = slot.host;
      const timeout = this.device === "webgpu" ? timeouts.loadGpu : timeouts.study;
      const texts = (await this.owner.loadTexts?.(trials)) ?? [];
      const args = { trials, time, steps, ...(texts.length > 0 ? { texts } : {}) };
      return await slot.host.request("benchmark", args, { timeout });
    } catch (error) {
      // It is only an estimate that is missing; the study says what is wrong when it is started.
      if (this.#closed.signal.aborted || isDeath(toProblem(error))) return null;
      throw error;
    } finally {
      slot.busy = false;
      this.wake();
    }
  }

  /** Has a worker that runs a fleet stand still, or go on. @param {Slot} slot @param {boolean} on */
  #hold(slot, on) {
    if (!slot.running) return;
    slot.host.watch(!on);
    // A worker that is gone by now is noticed by the request that it had under way.
    slot.host.request("hold", { on }, { timeout: Infinity }).catch(() => undefined);
  }

  /** @param {Slot} slot */
  async #work(slot) {
    slot.busy = true;
    try {
      while (await this.#unpaused()) {
        const fleet = this.#again.shift() ?? (await this.owner.next());
        if (!fleet || this.#closed.signal.aborted) break;
        slot.fleet = fleet;
        const found = await this.#run(slot, fleet);
        if (this.#closed.signal.aborted || slot.closed) break;
        if (found) await this.owner.done(fleet, found);
        slot.fleet = null;
      }
    } catch (error) {
      if (!this.#closed.signal.aborted) this.owner.failed(toProblem(error));
    } finally {
      slot.fleet = null;
      slot.busy = false;
    }
  }

  /** Waits while everything is paused. @returns {Promise<boolean>} whether there is still something to wait for */
  async #unpaused() {
    while (this.#paused && !this.#closed.signal.aborted) {
      await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
    }
    return !this.#closed.signal.aborted;
  }

  /**
   * Runs a fleet. `null` if its worker died or the weights that it goes on from were unusable: then it is run again.
   *
   * @param {Slot} slot
   * @param {Fleet} fleet
   * @returns {Promise<FleetDone|null>}
   */
  async #run(slot, fleet) {
    try {
      await slot.host.start();
    } catch (error) {
      if (this.#closed.signal.aborted) return null;
      return this.#closeSlot(slot, fleet, toProblem(error));
    }
    try {
      const origins = await this.#origins(slot, fleet);
      return await this.#request(slot, { trials: fleet.trials, ids: fleet.ids, origins, keep: fleet.keep });
    } catch (error) {
      if (this.#closed.signal.aborted) return null;
      const why = toProblem(error);
      if (why.code === "device-lost") throw why;
      if (isDeath(why)) return this.#runAgain(fleet, why);
      if (why.code === "bad-checkpoint" && fleet.origins.length > 0) return this.#retrain(fleet, why);
      throw error;
    }
  }

  /** @param {Fleet} fleet @param {Problem} why @returns {null} */
  #runAgain(fleet, why) {
    const deaths = this.#count(fleet);
    if (deaths >= MOST_DEATHS) {
      const message = `${why.message} It happened ${deaths} times with the same trials.`;
      throw problem("worker-died", message, `Make the model smaller, then start the study again. ${KEPT}`);
    }
    this.#again.push(fleet);
    this.owner.notice({ ...why, hint: RUN_AGAIN });
    return null;
  }

  /**
   * Weights that cannot be read are trained again, and give what they gave.
   *
   * @param {Fleet} fleet
   * @param {Problem} why
   */
  async #retrain(fleet, why) {
    if (this.#count(fleet) >= MOST_DEATHS) throw why;
    // Several slots may find the same weights unusable. The first of them sets them aside, and only once.
    const ids = fleet.origins.map(({ id }) => id).filter((id) => !this.#setAside.has(id));
    for (const id of ids) this.#setAside.add(id);
    if (ids.length > 0) await this.owner.setAside(ids, why.message);
    this.#again.push(fleet);
    return null;
  }

  /** @param {Fleet} fleet */
  #count(fleet) {
    const name = fleet.ids.join();
    const times = (this.#deaths.get(name) ?? 0) + 1;
    this.#deaths.set(name, times);
    return times;
  }

  /**
   * A slot without a worker takes no more work. The study fails with the last of them.
   *
   * @param {Slot} slot
   * @param {Fleet} fleet
   * @param {Problem} why
   * @returns {null}
   */
  #closeSlot(slot, fleet, why) {
    slot.closed = true;
    slot.fleet = null;
    this.#again.push(fleet);
    const open = this.#slots.filter(({ closed }) => !closed).length;
    if (open === 0) throw problem(why.code, why.message, `Check the connection and start the study again. ${KEPT}`);
    this.owner.notice({ ...why, hint: `The study goes on with ${open} ${open === 1 ? "worker" : "workers"}.` });
    this.wake();
    return null;
  }

  /**
   * The weights that a fleet goes on from. Those that are not known any more are trained once more: they come out the
   * same.
   *
   * @param {Slot} slot
   * @param {Fleet} fleet
   */
  async #origins(slot, fleet) {
    if (fleet.origins.length === 0) return [];
    const known = await this.owner.loadWeights(fleet.origins.map(({ id }) => id));
    const missing = fleet.origins.filter(({ id }) => !known.some((one) => one.id === id));
    for (const origin of missing) known.push(...(await this.#trainOrigin(slot, origin)));
    return known;
  }

  /** @param {Slot} slot @param {Fleet["origins"][number]} origin @returns {Promise<Weights[]>} */
  #trainOrigin(slot, { id, trials }) {
    const train = async () => {
      const { weights } = await this.#request(slot, { trials, ids: [id], origins: [], keep: [id] });
      await this.owner.saveWeights(weights);
      return weights;
    };
    const training = this.#retraining.get(id) ?? train().finally(() => this.#retraining.delete(id));
    this.#retraining.set(id, training);
    return training;
  }

  /** @param {Slot} slot @param {import("./protocol.js").Calls["fleet"]["args"]} args */
  async #request(slot, args) {
    const texts = (await this.owner.loadTexts?.(args.trials)) ?? [];
    slot.running = true;
    slot.host.watch(true);
    const found = slot.host.request("fleet", texts.length > 0 ? { ...args, texts } : args, { timeout: Infinity });
    // It may have been paused while its worker was being started.
    if (this.#paused) this.#hold(slot, true);
    try {
      return await found;
    } finally {
      slot.running = false;
      slot.host.watch(false);
    }
  }

  /** @param {Slot} slot @param {import("./protocol.js").News} news */
  #report({ fleet, host }, news) {
    if (news.news === "lost") host.stop(news.problem);
    if (news.news !== "lane" || !fleet) return;
    this.owner.progress(fleet, news.total > 0 ? news.done / news.total : 1);
  }
}
