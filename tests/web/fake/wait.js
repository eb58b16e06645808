/** Waiting for what a test expects: a fixed pause is too short on a busy machine and too long on every other. */

import assert from "node:assert/strict";

export const settle = (time = 30) => new Promise((resolve) => setTimeout(resolve, time));

/** Waits for something, as long as a busy machine may take. @param {() => boolean} holds @param {string} what */
export async function met(holds, what) {
  const end = Date.now() + 10_000;
  while (!holds() && Date.now() < end) await settle(5);
  assert.ok(holds(), what);
}
