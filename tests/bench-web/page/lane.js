/** A contender's worker, as functions. */

export class Lane {
  #worker = new Worker("./worker.js", { type: "module" });
  #waiting = new Map();
  #next = 0;
  /** Why it answers nothing any more. */
  #died = null;

  constructor() {
    this.#worker.onmessage = ({ data }) => {
      if (data.died) return this.#die(new Error(data.died));
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.error) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.result);
    };
    this.#worker.onerror = (event) => this.#die(new Error(event.message || "the worker did not load"));
  }

  call(command, options) {
    if (this.#died) return Promise.reject(this.#died);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, command, options });
    });
  }

  close() {
    this.#worker.terminate();
  }

  #die(error) {
    this.#died = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
