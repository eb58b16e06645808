/**
 * Memory stays flat while models train on the CPU and while a study runs. For WebGPU see memory-gpu.js, for half an hour
 * of a study memory.js.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN, launch, open } from "./browser.js";
import { inEngine } from "./engine.js";
import { heap } from "./heap.js";

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
  const { page, close } = await open(browser, "", { path: "blank.html" });
  const link = "v=1&p=repeat&ablation.site=none&model.layers=1&model.width=16&train.batch=8&train.steps=5000";
  const { before, after } = await inEngine(page, "cpu", grown, { link, steps: 5000 });
  t.diagnostic(`WebAssembly memory: ${before} bytes after 100 steps, ${after} after 5,000`);
  assert.equal(after, before);
  await close();
});

/**
 * Bytes that a finished trial may add to the page: its outcome as text and its row of the grid, and nothing that it was
 * trained with. A model of this width alone has 8 KB of weights.
 */
const A_TRIAL = 4096;

test("a finished trial of a study leaves little behind", { timeout: 300_000 }, async (t) => {
  const study = "v=1&p=repeat&model.layers=1&model.width=16&train.steps=20&study.seeds=12&study.trials=16";
  const { page, close } = await open(browser, `${study}&view.tab=study`);
  await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
  await page.click("#study-go");
  /** Heap and finished trials, once there are so many. @param {number} least */
  const at = async (least) => {
    await page.waitForFunction(
      (count) => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.done.size >= count,
      least,
      { timeout: 2 * RUN },
    );
    const trials = await page.evaluate(
      () => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.done.size,
    );
    return { trials, bytes: await heap(page) };
  };
  const [early, late] = [await at(100), await at(600)];
  const each = (late.bytes - early.bytes) / (late.trials - early.trials);
  t.diagnostic(
    `${early.bytes} bytes after ${early.trials} trials, ${late.bytes} after ${late.trials}: ${each.toFixed(0)} each`,
  );
  assert.ok(each < A_TRIAL, `${each.toFixed(0)} bytes for each trial`);
  await close();
});
