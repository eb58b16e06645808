/**
 * Starting a worker wherever the page is shown. A frame that is sandboxed without `allow-same-origin` has an origin of
 * its own, so that no address is of the same origin and `new Worker(address)` throws. A worker from a `data:` address
 * that imports the module may start there (one from a blob does not, in Chromium), and the server has to allow the
 * module to be read (`Access-Control-Allow-Origin`), as it had to for the page's own. WebGPU is missing in such a
 * worker; the CPU trains.
 */

import { problem } from "./protocol.js";

/**
 * @param {URL} address  the module of the worker
 * @returns {Worker}
 */
export function startWorker(address) {
  try {
    return new Worker(address, { type: "module" });
  } catch (refused) {
    try {
      const text = `import ${JSON.stringify(address.href)};`;
      return new Worker(`data:text/javascript,${encodeURIComponent(text)}`, { type: "module" });
    } catch {
      throw problem(
        "blocked-worker",
        `Nothing can be trained here, because workers are blocked (${/** @type {Error} */ (refused).name}).`,
        "Open the page in a tab of its own, or ask the author of the host page for allow-same-origin and worker-src.",
      );
    }
  }
}
