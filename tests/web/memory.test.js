/** Memory stays flat while models train. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, open } from "./browser.js";
import { inEngine } from "./engine.js";

const browser = await launch();

/** Minutes that WebGPU may train; ten are the full measurement, one keeps the test short. */
const GPU_MINUTES = Number(process.env.GPU_MINUTES ?? 1);

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
  const link = "v=1&p=repeat&cut.site=none&model.layers=1&model.width=16&train.batch=8&train.steps=5000";
  const { before, after } = await inEngine(page, "cpu", grown, { link, steps: 5000 });
  t.diagnostic(`WebAssembly memory: ${before} bytes after 100 steps, ${after} after 5,000`);
  assert.equal(after, before);
  await close();
});

/**
 * Live GPU buffers, in bytes, after each step. Counts what is created and destroyed through the API.
 *
 * @param {any} engine @param {{link: string, minutes: number}} given
 */
async function buffers(engine, { link, minutes }) {
  const live = { bytes: 0, count: 0 };
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  const destroyed = new WeakSet();
  GPUDevice.prototype.createBuffer = function counted(descriptor) {
    live.bytes += descriptor.size;
    live.count += 1;
    return createBuffer.call(this, descriptor);
  };
  GPUBuffer.prototype.destroy = function counted() {
    if (!destroyed.has(this)) {
      destroyed.add(this);
      live.bytes -= this.size;
      live.count -= 1;
    }
    return destroy.call(this);
  };
  const run = await engine.Run.create([{ link, remove: [] }]);
  const series = [];
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    await run.step(1);
    series.push(live.bytes);
  }
  return series;
}

test("training on WebGPU does not pile up buffers", { timeout: (GPU_MINUTES + 4) * 60_000 }, async (t) => {
  const { page, close } = await open(browser, "view.stored=1");
  const link = "v=1&p=repeat&cut.site=none&model.layers=1&model.width=16&model.heads=2&task.length=8&train.batch=4&train.steps=20000";
  const series = await inEngine(page, "gpu", buffers, { link, minutes: GPU_MINUTES });
  // The pools of the first steps fill up; after that every step reuses them.
  const settled = series.slice(Math.min(20, Math.floor(series.length / 2)));
  t.diagnostic(`WebGPU: ${series.length} steps, ${settled[0]} bytes in buffers when settled, ${settled.at(-1)} at the end`);
  assert.ok(settled.length >= 3, `only ${series.length} steps in ${GPU_MINUTES} minutes`);
  assert.ok((settled.at(-1) ?? NaN) <= (settled[0] ?? NaN) * 1.01, settled.join(", "));
  await close();
});
