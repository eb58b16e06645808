/**
 * One worker and the requests under way in it: every request is answered, by the worker or by its end.
 *
 * A worker that traps cannot be trusted with another request, so it is never repaired; `WorkerHost` starts another one.
 */

import { isAnswer, problem } from "./protocol.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").CallName} CallName */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {Pick<Worker, "postMessage"|"terminate"|"onmessage"|"onerror"|"onmessageerror">} WorkerLike */
/**
 * @typedef {object} RequestOptions
 * @property {number} timeout  milliseconds; `Infinity` where silence is watched instead
 * @property {Problem|null} [onTimeout]  what a late answer means, where it does not mean that the worker is dead
 * @property {AbortSignal|null} [signal]  aborted when nobody waits for the answer any more
 */

/** The reason of everything that was aborted or closed on purpose. It is not an error that anyone is told. */
export const CLOSED = problem("internal", "This was closed before it was done.");

/**
 * Whether a problem says that a worker or its device is gone, so that another worker can take over.
 *
 * @param {Problem} problem
 */
export function isDeath({ code }) {
  return code === "worker-died" || code === "device-lost";
}

/** Milliseconds that a worker gets once it is late. */
const WAKING = 5_000;

/**
 * Does something when a worker was silent for so long. A machine that slept wakes with every timer due at once, before
 * its workers can have said a word: they get a moment more.
 *
 * @param {number} time  milliseconds
 * @param {() => void} work
 * @returns {() => void} calls it off
 */
export function afterSilence(time, work) {
  let timer = setTimeout(() => (timer = setTimeout(work, Math.min(time, WAKING))), time);
  return () => clearTimeout(timer);
}

export class WorkerChannel {
  /** @type {Map<number, {resolve(value: any): void, reject(problem: Problem): void}>} */
  #pending = new Map();
  #nextId = 1;
  #ended = false;

  /**
   * @param {WorkerLike} worker
   * @param {(news: News) => void} onNews
   */
  constructor(worker, onNews) {
    this.worker = worker;
    this.onNews = onNews;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.end(problem("worker-died", `A worker stopped${event.message ? `: ${event.message}` : ""}.`));
    };
    worker.onmessageerror = () => this.end(problem("worker-died", "A worker sent a message that could not be read."));
  }

  /**
   * @template {CallName} Name
   * @param {Name} call
   * @param {Calls[Name]["args"]} args
   * @param {RequestOptions} options
   * @returns {Promise<Calls[Name]["value"]>}
   */
  request(call, args, { timeout, onTimeout = null, signal = null }) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#ended) return Promise.reject(problem("worker-died", "The worker is gone."));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const expire = () => {
        if (onTimeout) this.#pending.get(id)?.reject(onTimeout);
        else
          this.end(problem("worker-died", `A worker did not answer "${call}" within ${Math.round(timeout / 1000)} s.`));
      };
      const abort = () => this.#pending.get(id)?.reject(signal?.reason);
      const callOff = Number.isFinite(timeout) ? afterSilence(timeout, expire) : undefined;
      const settle = (/** @type {(value: any) => void} */ done) => (/** @type {any} */ value) => {
        this.#pending.delete(id);
        callOff?.();
        signal?.removeEventListener("abort", abort);
        done(value);
      };
      signal?.addEventListener("abort", abort);
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.worker.postMessage({ id, call, args });
    });
  }

  /**
   * Ends the worker, and with it every request under way, because of `reason`.
   *
   * @param {Problem} reason
   * @param {{quiet?: boolean}} [options]  `quiet`: the owner ends it and needs no news of its death
   */
  end(reason, { quiet = false } = {}) {
    if (this.#ended) return;
    this.#ended = true;
    this.worker.terminate();
    for (const { reject } of [...this.#pending.values()]) reject(reason);
    if (!quiet) this.onNews({ news: "died", problem: reason });
  }

  /** @param {import("./protocol.js").Answer|News} message */
  #receive(message) {
    if (this.#ended) return;
    if (!isAnswer(message)) {
      if (message.news === "died") this.end(message.problem);
      else this.onNews(message);
      return;
    }
    // A request that was aborted or given up is no longer pending.
    const pending = this.#pending.get(message.id);
    if ("value" in message) return pending?.resolve(message.value);
    pending?.reject(message.problem);
    // Its own word of its death may come later than the next request.
    if (message.problem.code === "worker-died") this.end(message.problem);
  }
}
