/**
 * A worker that is none: an engine in the page's own thread, for frames and policies that block workers. It takes and
 * says the same messages. Training comes in slices short enough that the page answers in between; one that is longer
 * than that is a single step of a large model, or a drawing.
 */

import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./worker-channel.js").WorkerLike} WorkerLike */

/** Milliseconds of a slice, and between two drawings and two checkpoints, each of which is one piece. */
const SLICE = 20;
const DRAW_EVERY = 1000;
const SAVE_EVERY = 15_000;

/** Engines that were ended by a trap. Their module is loaded anew, because nothing of it can be trusted. */
let traps = 0;

/** @returns {WorkerLike} */
export function startInPage() {
  const { port1: outside, port2: inside } = new MessageChannel();
  /** @type {WorkerLike} */
  const like = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage: (/** @type {unknown} */ message) => outside.postMessage(message),
    terminate() {
      ended = true;
      end();
      outside.close();
    },
  };
  let ended = false;
  let end = () => {};
  outside.onmessage = (event) => like.onmessage?.call(/** @type {any} */ (like), event);
  void start().catch((error) => inside.postMessage({ news: "died", problem: toProblem(error, "load-failed") }));

  async function start() {
    const { serveEngine } = await import("./engine.js");
    if (ended) return;
    const engine = serveEngine({
      say: (message, transfer = []) => inside.postMessage(message, transfer),
      close() {
        traps += 1;
        engine.end();
      },
      rest: () => new Promise((resolve) => setTimeout(resolve)),
      load: (href) => import(traps > 0 ? `${href}?again=${traps}` : href),
      slice: SLICE,
      drawEvery: DRAW_EVERY,
      saveEvery: SAVE_EVERY,
    });
    end = () => engine.end();
    inside.onmessage = ({ data }) => void engine.hear(data);
    inside.onmessageerror = () => engine.die(problem("worker-died", "The engine got a message that it cannot read."));
    inside.postMessage({ news: "hello" });
  }

  return like;
}
