/** Training on WebGPU, on an adapter that has to exist. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALL, launch, open, ready } from "./browser.js";

const browser = await launch();

test("a worker of this browser has a WebGPU adapter with timestamp-query", async () => {
  const { page, close } = await open(browser, "view.stored=1");
  const found = await page.evaluate(() => {
    const code = `navigator.gpu.requestAdapter().then((adapter) => postMessage(adapter && [...adapter.features]), (error) => postMessage(String(error)));`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    return new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  });
  assert.ok(Array.isArray(found), `no adapter: ${found}`);
  assert.ok(found.includes("timestamp-query"), found.join(", "));
  await close();
});

test("a link that forces WebGPU gets it", async () => {
  const { page, close } = await open(browser, `${SMALL.transformer}&view.force=gpu`);
  await ready(page);
  await page.locator('input[value="webgpu"]:checked').waitFor();
  assert.equal(await page.locator('input[value="webgpu"]').isDisabled(), false);
  await close();
});
