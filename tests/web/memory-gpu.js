/**
 * GPU memory while a tiny model trains: `GPU_MINUTES=10 node tests/web/memory-gpu.js` prints the bytes in buffers after
 * every step, from the built page in dist/. A measurement and not a test: on a software adapter a step takes seconds,
 * and what has to be flat is the slope after the pools have filled.
 */

import { dist, executable, FLAGS } from "./browser.js";
import { inEngine } from "./engine.js";
import { serve } from "./serve.js";
import { chromium } from "playwright-core";

const MINUTES = Number(process.env.GPU_MINUTES ?? 10);

/**
 * Live GPU buffers, in bytes, after each step. A buffer lives until it is destroyed or, as wgpu leaves it, until
 * nothing refers to it any more and the garbage collector has been there; so it is sent there after each step.
 *
 * @param {any} engine @param {{link: string, minutes: number}} given
 */
async function buffers(engine, { link, minutes }) {
  const live = { bytes: 0, count: 0 };
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  const destroyed = new WeakSet();
  const collected = new FinalizationRegistry((/** @type {number} */ size) => {
    live.bytes -= size;
    live.count -= 1;
  });
  GPUDevice.prototype.createBuffer = function counted(descriptor) {
    live.bytes += descriptor.size;
    live.count += 1;
    const buffer = createBuffer.call(this, descriptor);
    collected.register(buffer, descriptor.size, buffer);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function counted() {
    if (!destroyed.has(this)) {
      destroyed.add(this);
      collected.unregister(this);
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
    /** @type {any} */ (globalThis).gc();
    await new Promise((resolve) => setTimeout(resolve, 0));
    series.push(live.bytes);
  }
  return series;
}

const server = await serve(dist());
const browser = await chromium.launch({
  executablePath: executable(),
  args: [...FLAGS, "--enable-unsafe-webgpu", "--js-flags=--expose-gc"],
});
const page = await browser.newPage();
await page.goto(`${server.url}blank.html`);
const link =
  "v=1&p=repeat&ablation.site=none&model.layers=1&model.width=16&model.heads=2&data.length=8&train.batch=4&train.steps=20000";
const series = await inEngine(page, "gpu", buffers, { link, minutes: MINUTES });
const settled = series.slice(20);
const slope = settled.length > 1 ? ((settled.at(-1) ?? 0) - (settled[0] ?? 0)) / (settled.length - 1) : NaN;
process.stdout.write(
  `${series.join(" ")}\n${series.length} steps; after the first 20 the buffers grow by ${slope.toFixed(0)} bytes per step\n`,
);
await browser.close();
await server.close();
