/**
 * The worker: an engine in a thread of its own. It says hello once it hears, which tells the page that workers are not
 * blocked. Slices of training are parted by a `MessageChannel`, because browsers hold back the timers of pages that
 * nobody looks at.
 */

import { serveEngine } from "./engine.js";
import { problem } from "./protocol.js";

/**
 * @type {{postMessage(message: unknown, transfer?: Transferable[]): void, addEventListener: typeof addEventListener,
 *   close(): void}}
 */
const scope = /** @type {any} */ (self);

const engine = serveEngine({
  say: (message, transfer = []) => scope.postMessage(message, transfer),
  close: () => scope.close(),
  rest: yieldToMessages,
  load: (href) => import(href),
  slice: 120,
  drawEvery: 330,
  saveEvery: 4000,
});

/** A turn of the event loop, without a timer. */
function yieldToMessages() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}

scope.addEventListener("message", (event) => void engine.hear(event.data));

scope.addEventListener("error", (event) => {
  event.preventDefault();
  engine.die(problem("worker-died", `The worker stopped: ${event.message}.`));
});

scope.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  engine.fail(event.reason);
});

scope.postMessage({ news: "hello" });
