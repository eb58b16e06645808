/** Memory stays flat while models train on the CPU. For WebGPU see memory-gpu.js. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, open } from "./browser.js";
import { inEngine } from "./engine.js";

const browser = await launch();

/**
 * Bytes of WebAssembly memory after the first hundred of 5,000 steps and at the end.
 *
 * @param {any} engine @param {{link: string, steps: number}} given
 */
async function grown(engine, { link, steps }) {
  const wasm = await engine.default();
  const run = await engine.Run.create([{ link, remove: [] }]);
  await run.step(100);
  const before = wasm.memory.buffer.byteLength;
  for (let step = 100; step < steps; step += 50) await run.step(50);
  return { before, after: wasm.memory.buffer.byteLength };
}

test("5,000 steps on the CPU need no more memory than a hundred", { timeout: 300_000 }, async (t) => {
  const { page, close } = await open(browser, "view.stored=1");
  const link = "v=1&p=repeat&ablation.site=none&model.layers=1&model.width=16&train.batch=8&train.steps=5000";
  const { before, after } = await inEngine(page, "cpu", grown, { link, steps: 5000 });
  t.diagnostic(`WebAssembly memory: ${before} bytes after 100 steps, ${after} after 5,000`);
  assert.equal(after, before);
  await close();
});
