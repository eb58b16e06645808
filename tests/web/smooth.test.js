/** Nothing on the page holds the main thread while a model trains. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALL, ablate, launch, open, ready, reveal, steps } from "./browser.js";

const browser = await launch();

const WATCH = `
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration, startTime }) => ({ duration, startTime })))).observe({ type: "longtask" });
`;

test("no task on the main thread is longer than 50 ms while training", async () => {
  const { page, close } = await open(browser, SMALL.transformer.replace("train.steps=80", "train.steps=20000"), {
    init: WATCH,
  });
  await ready(page);
  await ablate(page, "position", "Mean");
  await page.click("#play");
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor();
  await reveal(page, "panels");
  await page.locator('[data-panel="reference"] details.twin summary').first().click();
  /** @type {unknown[]} */
  let long = [];
  // Every second has several drawings and tables: work that is too long is so in every window. A neighbour of the
  // machine is not.
  for (let window = 0; window < 5; window++) {
    const from = await page.evaluate(() => performance.now());
    await page.waitForTimeout(3000);
    long = await page.evaluate(
      (since) => /** @type {any} */ (window).longTasks.filter((/** @type {any} */ task) => task.startTime > since),
      from,
    );
    if (long.length === 0) break;
  }
  assert.deepEqual(long, []);
  assert.ok((await steps(page)) > 10, "it trained all the while");
  await close();
});

test("training pauses while nobody looks, unless it is asked to go on", async () => {
  const { page, close } = await open(browser, SMALL.transformer.replace("train.steps=80", "train.steps=20000"));
  await ready(page);
  await page.click("#play");
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor();
  const hide = (/** @type {boolean} */ hidden) =>
    page.evaluate((on) => {
      Object.defineProperty(document, "visibilityState", { value: on ? "hidden" : "visible", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  await page.locator("run-bar .status", { hasText: "Paused while hidden" }).waitFor();
  await hide(false);
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor();
  await reveal(page, "options");
  await page.locator("run-bar").getByLabel("Keep running in the background").check();
  await hide(true);
  await page.waitForTimeout(500);
  assert.match((await page.locator("run-bar .status").textContent()) ?? "", /Training/);
  await close();
});
