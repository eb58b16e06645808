/**
 * The worker that plans a study and tells what its outcomes say. It holds nothing that the page does not hold too, so
 * one that died is
 * replaced and told everything again.
 */

import { CLOSED, Channel, isDeath } from "./channel.js";
import { toProblem } from "./protocol.js";

/** @typedef {import("./protocol.js").Calls} Calls */

/** Milliseconds. A report resamples, and plans of large studies hash thousands of trials. */
const PATIENCE = { load: 60_000, call: 120_000 };

export class Clerk {
  /** @type {Promise<Channel>|null} */
  #opening = null;
  /** @type {Channel|null} */
  #channel = null;
  /** @type {{json: string, outcomes: Map<string, string>}|null} */
  #study = null;

  /** @param {() => import("./channel.js").WorkerLike} spawn */
  constructor(spawn) {
    this.spawn = spawn;
  }

  /**
   * Turns to a study, of which so much is known.
   *
   * @param {string} json
   * @param {Map<string, string>} outcomes  text by id; kept, not copied
   */
  async open(json, outcomes) {
    this.#study = { json, outcomes };
    await this.#retold("openStudy", { json, outcomes: [...outcomes.values()] });
  }

  /** Adds outcomes, which are in the map already. @param {string[]} outcomes */
  add(outcomes) {
    return this.#retold("addOutcomes", { outcomes });
  }

  missing() {
    return this.#retold("missing", {});
  }

  /** @param {number} cores @param {string[]} running */
  plan(cores, running) {
    return this.#retold("plan", { cores, running });
  }

  tell() {
    return this.#retold("tell", {});
  }

  record() {
    return this.#retold("record", {});
  }

  /** The study that a link asks for. @param {string} link */
  studyOfLink(link) {
    return this.#retold("studyOfLink", { link });
  }

  /** The study of a study file. @param {string} text */
  studyOfFile(text) {
    return this.#retold("studyOfFile", { text });
  }

  /** @param {string} text */
  readRecord(text) {
    return this.#retold("readRecord", { text });
  }

  close() {
    this.#channel?.end(CLOSED, true);
    this.#channel = this.#opening = null;
  }

  /**
   * Asks; if the worker dies of something else, asks its successor once.
   *
   * @template {import("./protocol.js").CallName} Name
   * @param {Name} call
   * @param {Calls[Name]["args"]} args
   * @returns {Promise<Calls[Name]["value"]>}
   */
  async #retold(call, args) {
    try {
      return await (await this.#ready()).ask(call, args, PATIENCE.call);
    } catch (error) {
      if (!isDeath(toProblem(error))) throw error;
      return (await this.#ready()).ask(call, args, PATIENCE.call);
    }
  }

  /** @returns {Promise<Channel>} */
  #ready() {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open() {
    const channel = new Channel(this.spawn(), (news) => {
      if (news.news === "died" && this.#channel === channel) this.#channel = this.#opening = null;
    });
    this.#channel = channel;
    try {
      await channel.ask("load", { device: "cpu", force: false, study: true }, PATIENCE.load);
      if (this.#study)
        await channel.ask(
          "openStudy",
          { json: this.#study.json, outcomes: [...this.#study.outcomes.values()] },
          PATIENCE.call,
        );
      return channel;
    } catch (error) {
      if (this.#channel === channel) this.#channel = this.#opening = null;
      channel.end(CLOSED, true);
      throw error;
    }
  }
}
