/**
 * The worker that reads studies, plans what to run next and writes the report. It holds nothing that the page does not
 * hold too, so its successor is given everything again.
 */

import { TIMEOUTS, WorkerHost } from "./worker-host.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").Problem} Problem */

export class Planner {
  /** @type {{json: string, outcomes: Map<string, string>}|null} */
  #study = null;
  #host;

  /**
   * @param {object} given
   * @param {() => import("./worker-channel.js").WorkerLike} given.spawn
   * @param {(why: Problem) => void} [given.onRestart]
   * @param {Partial<typeof TIMEOUTS>} [given.timeouts]
   */
  constructor({ spawn, onRestart, timeouts = {} }) {
    const timeout = timeouts.study ?? TIMEOUTS.study;
    this.#host = new WorkerHost({
      spawn,
      module: { device: "cpu", force: false, study: true },
      timeouts: { request: timeout, ...timeouts },
      prepare: async (channel) => {
        if (this.#study) await channel.request("openStudy", this.#opening(this.#study), { timeout });
      },
      onRestart,
    });
  }

  /**
   * Turns to a study.
   *
   * @param {string} json
   * @param {Map<string, string>} outcomes  text by id of all that is known; kept, not copied
   * @param {AbortSignal} signal
   */
  async open(json, outcomes, signal) {
    this.#study = { json, outcomes };
    await this.#request("openStudy", this.#opening(this.#study), signal);
  }

  /**
   * Adds outcomes, which are in the map already.
   *
   * @param {string[]} outcomes
   * @param {AbortSignal} signal
   */
  add(outcomes, signal) {
    return this.#request("addOutcomes", { outcomes }, signal);
  }

  /** Ids of the trials that are needed and have no outcome. @param {AbortSignal} signal */
  missing(signal) {
    return this.#request("missing", {}, signal);
  }

  /**
   * What can be run now, packed for a device.
   *
   * @param {Calls["plan"]["args"]} args
   * @param {AbortSignal} signal
   */
  plan(args, signal) {
    return this.#request("plan", args, signal);
  }

  /** @param {AbortSignal} signal */
  report(signal) {
    return this.#request("report", {}, signal);
  }

  /** The record as text. */
  record() {
    return this.#request("record", {});
  }

  /** The study that a link asks for. @param {string} link @param {AbortSignal} signal */
  studyOfLink(link, signal) {
    return this.#request("studyOfLink", { link }, signal);
  }

  /** The study of a study file. @param {string} text @param {AbortSignal} signal */
  studyOfFile(text, signal) {
    return this.#request("studyOfFile", { text }, signal);
  }

  /** @param {string} text @param {AbortSignal} signal */
  readRecord(text, signal) {
    return this.#request("readRecord", { text }, signal);
  }

  close() {
    this.#study = null;
    this.#host.stop();
  }

  /** @param {{json: string, outcomes: Map<string, string>}} study */
  #opening({ json, outcomes }) {
    return { json, outcomes: [...outcomes.values()] };
  }

  /**
   * Adding what is known already changes nothing, so that every request can be put to a successor.
   *
   * @template {import("./protocol.js").CallName} Name
   * @param {Name} call
   * @param {Calls[Name]["args"]} args
   * @param {AbortSignal|null} [signal]
   * @returns {Promise<Calls[Name]["value"]>}
   */
  #request(call, args, signal = null) {
    return this.#host.request(call, args, { again: true, signal });
  }
}
