/**
 * One worker and the requests under way in it: every call is answered, by the worker or by its end.
 *
 * A worker that traps cannot be trusted with another call, so it is never repaired; whoever owns the channel puts
 * another in its place.
 */

import { isAnswer, problem } from "./protocol.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").CallName} CallName */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {Pick<Worker, "postMessage"|"terminate"|"onmessage"|"onerror"|"onmessageerror">} WorkerLike */

/** Milliseconds that a call may take before its worker is given up. */
const PATIENCE = 20_000;

/** What a call is answered whose worker was closed on purpose. Nobody needs to be told of it. */
export const CLOSED = problem("internal", "The bench was closed.");

/**
 * Whether a problem says that a worker or its device is no more, which the pool mends by itself.
 *
 * @param {Problem} said
 */
export function isDeath({ code }) {
  return code === "worker-died" || code === "device-lost";
}

/** One worker and the requests under way in it. */
export class Channel {
  /**
   * @type {Map<number, {resolve(value: any): void, reject(problem: Problem): void, timer: ReturnType<typeof
   *   setTimeout>|undefined}>}
   */
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
   * @param {number} [patience]  milliseconds; `Infinity` where the owner listens for silence
   * @param {Problem|null} [late]  what a late answer means when it does not mean that the worker is dead
   * @returns {Promise<Calls[Name]["value"]>}
   */
  ask(call, args, patience = PATIENCE, late = null) {
    if (this.#over) return Promise.reject(problem("worker-died", "The worker is gone."));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        if (!late)
          return this.end(
            problem("worker-died", `The worker did not answer "${call}" within ${Math.round(patience / 1000)} s.`),
          );
        this.#waiting.delete(id);
        reject(late);
      };
      const timer = Number.isFinite(patience) ? setTimeout(giveUp, patience) : undefined;
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
