/**
 * The workers that run a study: one a core, each taking one fleet at a time.
 *
 * Work is pulled and never dealt out: a slow core takes fewer fleets, and a worker that died takes none. What it had
 * under way is run again
 * from its start, which gives the same outcomes. Nobody here knows what a study is; fleets come from `next` and go to
 * `done`.
 */

import { CLOSED, Channel, isDeath } from "./channel.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./protocol.js").Fleet} Fleet */
/** @typedef {import("./protocol.js").FleetDone} FleetDone */
/** @typedef {import("./protocol.js").Weights} Weights */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./protocol.js").Problem} Problem */
/**
 * @typedef {{channel: Channel|null, busy: boolean, running: boolean, watch: ReturnType<typeof setTimeout>|undefined,
 *   fleet: Fleet|null}} Hand
 */
/**
 * @typedef {object} Owner  who a crew works for
 * @property {() => Promise<Fleet|null>} next  what to run now; `null` if there is nothing until something is done
 * @property {(fleet: Fleet, found: FleetDone) => Promise<void>} done
 * @property {(ids: string[]) => Promise<Weights[]>} recall  the weights of trainings that are known
 * @property {(weights: Weights[]) => Promise<void>} retain
 * @property {(fleet: Fleet, share: number) => void} progress  how far a fleet is, from 0 to 1
 * @property {(why: Problem) => void} replaced  a worker died, and what it had under way is run again
 * @property {(why: Problem) => void} failed  it cannot go on
 */

/** Milliseconds that a module may take to load, and that a worker may be silent while it works. */
const PATIENCE = { load: 60_000, silence: 120_000 };

/** A fleet that ends so many workers would end them all. */
const DEATHS = 3;

export class Crew {
  /** @type {Hand[]} */
  #hands;
  /** Fleets whose worker died. @type {Fleet[]} */
  #again = [];
  /** @type {Map<string, number>} */
  #deaths = new Map();
  #closed = false;
  #held = true;
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {object} given
   * @param {() => import("./channel.js").WorkerLike} given.spawn
   * @param {number} given.size
   * @param {Owner} given.owner
   * @param {Partial<typeof PATIENCE>} [given.patience]
   */
  constructor({ spawn, size, owner, patience = {} }) {
    this.spawn = spawn;
    this.owner = owner;
    this.patience = { ...PATIENCE, ...patience };
    this.#hands = Array.from({ length: size }, () => ({
      channel: null,
      busy: false,
      running: false,
      watch: undefined,
      fleet: null,
    }));
  }

  /** Begins, or goes on where it was held. */
  start() {
    this.#held = false;
    for (const go of this.#waiting.splice(0)) go();
    for (const hand of this.#hands) this.#tellHeld(hand, false);
    this.wake();
  }

  /** Holds every worker where it stands; what is under way waits in it. */
  hold() {
    this.#held = true;
    for (const hand of this.#hands) this.#tellHeld(hand, true);
  }

  /** Has idle hands ask for work again: something new can be run. */
  wake() {
    if (this.#held) return;
    for (const hand of this.#hands) if (!hand.busy) void this.#work(hand);
  }

  /** Ends every worker. What is under way is lost. */
  close() {
    this.#closed = true;
    for (const go of this.#waiting.splice(0)) go();
    for (const hand of this.#hands) {
      clearTimeout(hand.watch);
      hand.channel?.end(CLOSED, true);
      hand.channel = null;
    }
  }

  /** Ids of the trials that are under way, or wait to be run again. */
  running() {
    return [...this.#hands.flatMap(({ fleet }) => fleet?.ids ?? []), ...this.#again.flatMap(({ ids }) => ids)];
  }

  /**
   * How fast a fleet trains here: a moment of it, which is thrown away.
   *
   * @param {Fleet} fleet
   * @param {number} time  milliseconds
   */
  async gauge(fleet, time) {
    const [hand] = this.#hands;
    if (!hand || hand.busy) return null;
    hand.busy = true;
    try {
      const channel = await this.#channel(hand);
      return await channel.ask("gauge", { trials: fleet.trials, time }, this.patience.silence);
    } catch (error) {
      hand.channel?.end(CLOSED, true);
      hand.channel = null;
      if (this.#closed) return null;
      throw error;
    } finally {
      hand.busy = false;
      this.wake();
    }
  }

  /** @param {Hand} hand @param {boolean} on */
  #tellHeld(hand, on) {
    if (!hand.channel || !hand.running) return;
    if (on) clearTimeout(hand.watch);
    else this.#listen(hand);
    // A worker that is gone by now is noticed by the call that it had under way.
    hand.channel.ask("hold", { on }, Infinity).catch(() => undefined);
  }

  /** @param {Hand} hand */
  async #work(hand) {
    hand.busy = true;
    try {
      while (await this.#going()) {
        const fleet = this.#again.shift() ?? (await this.owner.next());
        if (!fleet || this.#closed) break;
        hand.fleet = fleet;
        const found = await this.#run(hand, fleet);
        if (this.#closed) break;
        if (found) await this.owner.done(fleet, found);
        hand.fleet = null;
      }
    } catch (error) {
      if (!this.#closed) this.owner.failed(toProblem(error));
    } finally {
      hand.fleet = null;
      hand.busy = false;
    }
  }

  /** Waits while everything is held. @returns {Promise<boolean>} whether there is still something to wait for */
  async #going() {
    while (this.#held && !this.#closed) await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
    return !this.#closed;
  }

  /**
   * Runs a fleet. `null` if its worker died: then it will be run again.
   *
   * @param {Hand} hand
   * @param {Fleet} fleet
   * @returns {Promise<FleetDone|null>}
   */
  async #run(hand, fleet) {
    try {
      const channel = await this.#channel(hand);
      const origins = await this.#origins(hand, channel, fleet);
      return await this.#ask(hand, channel, { trials: fleet.trials, ids: fleet.ids, origins, keep: fleet.keep });
    } catch (error) {
      const why = toProblem(error);
      if (this.#closed) return null;
      if (!isDeath(why)) throw error;
      const name = fleet.ids.join();
      const deaths = (this.#deaths.get(name) ?? 0) + 1;
      this.#deaths.set(name, deaths);
      hand.channel?.end(why, true);
      hand.channel = null;
      this.#again.push(fleet);
      if (deaths >= DEATHS)
        throw problem(
          "worker-died",
          `${why.message} It happened ${deaths} times with the same trials.`,
          "Make the model smaller, then start the study again. What was found so far is kept.",
        );
      this.owner.replaced(why);
      return null;
    }
  }

  /**
   * The weights that a fleet goes on from. Those that are not known any more are trained once more: they come out the
   * same.
   *
   * @param {Hand} hand
   * @param {Channel} channel
   * @param {Fleet} fleet
   */
  async #origins(hand, channel, fleet) {
    if (fleet.origins.length === 0) return [];
    const known = await this.owner.recall(fleet.origins.map(({ id }) => id));
    for (const { id, trials } of fleet.origins.filter((origin) => !known.some((one) => one.id === origin.id))) {
      const { weights } = await this.#ask(hand, channel, { trials, ids: [id], origins: [], keep: [id] });
      await this.owner.retain(weights);
      known.push(...weights);
    }
    return known;
  }

  /** @param {Hand} hand @param {Channel} channel @param {import("./protocol.js").Calls["fleet"]["args"]} args */
  async #ask(hand, channel, args) {
    hand.running = true;
    this.#listen(hand);
    const asked = channel.ask("fleet", args, Infinity);
    // It may have been held while its worker was being made.
    if (this.#held) this.#tellHeld(hand, true);
    try {
      return await asked;
    } finally {
      hand.running = false;
      clearTimeout(hand.watch);
    }
  }

  /** The worker of a hand, with its module. @param {Hand} hand @returns {Promise<Channel>} */
  async #channel(hand) {
    if (hand.channel) return hand.channel;
    const channel = new Channel(this.spawn(), (news) => this.#hear(hand, channel, news));
    hand.channel = channel;
    try {
      await channel.ask("load", { device: "cpu", force: false, study: true }, this.patience.load);
      return channel;
    } catch (error) {
      if (hand.channel === channel) hand.channel = null;
      channel.end(CLOSED, true);
      const said = toProblem(error);
      throw isDeath(said)
        ? problem(
            "load-failed",
            said.message,
            "Check the connection and start the study again. What was found so far is kept.",
          )
        : said;
    }
  }

  /** @param {Hand} hand @param {Channel} channel @param {News} news */
  #hear(hand, channel, news) {
    if (hand.channel !== channel) return;
    // Nothing is lost with a worker that has nothing under way; the next fleet gets another one.
    if (news.news === "died" && !hand.running) hand.channel = null;
    if (news.news !== "lane") return;
    if (!this.#held) this.#listen(hand);
    if (hand.fleet) this.owner.progress(hand.fleet, news.total > 0 ? news.done / news.total : 1);
  }

  /** A trap in an asynchronous call can leave a worker silent rather than dead. @param {Hand} hand */
  #listen(hand) {
    clearTimeout(hand.watch);
    const { channel } = hand;
    hand.watch = setTimeout(
      () =>
        channel?.end(
          problem("worker-died", `A worker said nothing for ${Math.round(this.patience.silence / 1000)} s.`),
        ),
      this.patience.silence,
    );
  }
}
