/**
 * Work on the page in small pieces, so that no task holds the main thread for long.
 *
 * Drawing four panels at once is one long task, in which neither a click nor a scroll is answered. Each piece here is
 * one figure or one small element; pieces run until a few milliseconds are used and then make room. A piece that is
 * asked for again before it ran runs once, with the latest work.
 */

/**
 * Milliseconds of a turn. Well below the 50 that count as a long task, because the last piece of a turn may be the
 * longest.
 */
const TURN = 6;

/** @type {Map<object, () => void>} */
const waiting = new Map();
const channel = typeof MessageChannel === "function" ? new MessageChannel() : null;
let woken = false;

function wake() {
  if (woken) return;
  woken = true;
  channel?.port2.postMessage(null);
}

if (channel) {
  channel.port1.onmessage = () => {
    woken = false;
    const end = performance.now() + TURN;
    try {
      for (const [key, work] of waiting) {
        waiting.delete(key);
        work();
        if (performance.now() >= end) break;
      }
    } finally {
      // A piece that throws is heard of, and keeps no other from being drawn.
      if (waiting.size > 0) wake();
    }
  };
}

/**
 * Does `work` soon, in a turn of its own if need be. Work of the same key replaces what still waits.
 *
 * @param {object} key
 * @param {() => void} work
 */
export function schedule(key, work) {
  waiting.set(key, work);
  wake();
}

/** Settled once nothing waits any more and a browser had the time to show it. @returns {Promise<void>} */
export async function drawn() {
  // Listeners ask for drawings at the end of the turn in which the state changed.
  await Promise.resolve();
  while (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
    globalThis.requestAnimationFrame?.(() => setTimeout(resolve));
  });
}
