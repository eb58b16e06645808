/**
 * Starting a worker wherever the page is shown. Three ways are tried, each where the one before is blocked:
 *
 * 1. A worker of the page's own address.
 * 2. A worker of a text that imports it. A frame that is sandboxed without `allow-same-origin` has an origin of its
 *    own, so that no address is of the same origin; the server has to allow its modules to be read
 *    (`Access-Control-Allow-Origin`), as it had to for the page's own. WebGPU is missing in such a worker.
 * 3. The page's own thread, in small slices (`in-page.js`).
 *
 * Some browsers throw where a worker is blocked, others tell it an error later. A worker says hello when it is there;
 * until then what it is asked is kept for its successor. A worker whose file is missing is not blocked.
 */

import { startInPage } from "./in-page.js";
import { problem } from "./protocol.js";
import { importing, scriptAddress } from "./trusted.js";

/** @typedef {import("./worker-channel.js").WorkerLike} WorkerLike */
/** @typedef {"worker"|"text"|"page"} Way */
/** @typedef {Record<Way, (address: URL) => WorkerLike>} Ways */

/** @type {Ways} */
const WAYS = {
  worker: ({ href }) => new Worker(scriptAddress(href), { type: "module" }),
  text: ({ href }) => new Worker(scriptAddress(importing(href)), { type: "module" }),
  page: () => startInPage(),
};
const ORDER = /** @type {const} */ (["worker", "text", "page"]);

/**
 * What starts workers. Once one said hello, the others are started in the same way.
 *
 * @param {URL} address  the module of the worker
 * @param {object} [given]
 * @param {() => Way} [given.first]  the first way to try
 * @param {(way: Way) => void} [given.found]  called with the way that works
 * @param {Ways} [given.ways]
 * @param {(address: URL) => Promise<boolean>} [given.isThere]  whether the module can be read
 * @returns {() => WorkerLike}
 */
export function spawner(address, { first = () => "worker", found, ways = WAYS, isThere = isReadable } = {}) {
  /** @type {Way|null} */
  let works = null;
  return () =>
    new Climber({ address, ways, isThere, first: works ?? first() }, (way) => {
      if (works !== way) found?.(way);
      works = way;
    });
}

/** @implements {WorkerLike} */
class Climber {
  /** @type {WorkerLike["onmessage"]} */
  onmessage = null;
  /** @type {WorkerLike["onerror"]} */
  onerror = null;
  /** @type {WorkerLike["onmessageerror"]} */
  onmessageerror = null;
  /** What was asked before anybody said hello. @type {unknown[]|null} */
  #early = [];
  /** @type {WorkerLike|null} */
  #worker = null;
  #ended = false;

  /**
   * @param {{address: URL, ways: Ways, isThere: (address: URL) => Promise<boolean>, first: Way}} given
   * @param {(way: Way) => void} found
   */
  constructor(given, found) {
    this.given = given;
    this.found = found;
    this.#try(given.first);
  }

  /** @param {unknown} message */
  postMessage(message) {
    this.#early?.push(message);
    this.#worker?.postMessage(message);
  }

  terminate() {
    this.#ended = true;
    this.#worker?.terminate();
  }

  /** @param {Way|undefined} way @returns {void} */
  #try(way) {
    if (!way) return this.#blocked();
    const next = ORDER[ORDER.indexOf(way) + 1];
    /** @type {WorkerLike} */
    let worker;
    try {
      worker = this.given.ways[way](this.given.address);
    } catch {
      return this.#try(next);
    }
    this.#worker = worker;
    worker.onmessage = (event) => {
      if (event.data?.news !== "hello") return this.onmessage?.call(/** @type {any} */ (this), event);
      this.#early = null;
      this.found(way);
    };
    worker.onmessageerror = (event) => this.onmessageerror?.call(/** @type {any} */ (this), event);
    worker.onerror = (event) => {
      if (this.#early) void this.#climb(event, next);
      else this.onerror?.call(/** @type {any} */ (this), event);
    };
    for (const message of this.#early ?? []) worker.postMessage(message);
  }

  /** @param {ErrorEvent} event @param {Way|undefined} next */
  async #climb(event, next) {
    event.preventDefault?.();
    const missing = !(await this.given.isThere(this.given.address));
    if (this.#ended) return;
    this.#worker?.terminate();
    if (missing) this.onerror?.call(/** @type {any} */ (this), event);
    else this.#try(next);
  }

  #blocked() {
    const blocked = problem(
      "blocked-worker",
      "Nothing can be trained here, because workers are blocked and so is the engine in the page itself.",
      "Open the page in a tab of its own, or ask the author of the host page for allow-same-origin and worker-src.",
    );
    setTimeout(() =>
      this.onmessage?.call(
        /** @type {any} */ (this),
        /** @type {any} */ ({ data: { news: "died", problem: blocked } }),
      ),
    );
  }
}

/** @param {URL} address */
async function isReadable(address) {
  const answer = await fetch(address, { method: "HEAD" }).catch(() => null);
  return answer?.ok === true;
}
