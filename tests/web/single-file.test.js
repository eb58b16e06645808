/** The page as one file, opened from a disk: nothing is served, and nothing is asked of a network. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN, SMALL, done, launch, ready } from "./browser.js";
import { singleFile } from "./single-file.js";

/** A browser that has an adapter, in pages; workers have one where the machine does. */
const FAKE_GPU = `Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => ({ features: new Set(["timestamp-query"]), info: {} }) } });`;

const browser = await launch({ webgpu: false });

/**
 * The file at a fragment. What it throws, logs as an error or asks of a network fails the test when it is closed.
 *
 * @param {string} fragment
 * @param {string} [init]  a script that runs before the file's own
 */
async function opened(fragment, init) {
  const session = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await session.newPage();
  /** @type {string[]} */
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) wrong.push(`asked for ${request.url()}`);
  });
  if (init) await page.addInitScript(init);
  await page.goto(singleFile(fragment));
  const close = async () => {
    await session.close();
    assert.deepEqual(wrong, []);
  };
  return { page, close };
}

test("a stored result is there at once, and a model is trained in a worker", async () => {
  const { page, close } = await opened(SMALL.transformer);
  await ready(page);
  await page.locator("#play").click();
  await done(page);
  await page.locator("details[data-drawer=panels] > summary").click();
  await page.locator('[data-panel="reference"]', { hasText: "computed here, on CPU" }).waitFor();
  assert.ok(page.workers().length > 0, "a worker trained");
  await close();
});

test("every preset has its stored result", async () => {
  const { page, close } = await opened("");
  await ready(page);
  const presets = await page
    .locator("task-picker option")
    .evaluateAll((all) => all.map((one) => /** @type {HTMLOptionElement} */ (one).value));
  assert.ok(presets.length >= 7, `${presets.length} presets`);
  await close();
  for (const preset of presets) {
    const { page, close } = await opened(`v=1&p=${preset}`);
    await page.locator(".arm-card[data-known]").first().waitFor();
    await close();
  }
});

test("the text that comes with the page is in the file, and a model of it is trained", async () => {
  const link = SMALL.transformer.replace("train.steps=80", "train.steps=20");
  const { page, close } = await opened(`${link}&data.kind=text&data.length=16&sandbox.search=none`);
  await ready(page);
  await page.locator("details[data-drawer=inputs] > summary").click();
  await page.locator("own-text .state", { hasText: "Trained on the text that comes with the page" }).waitFor();
  await page.locator("#play").click();
  await done(page);
  await close();
});

test("where workers are blocked it trains in the page's own thread", async () => {
  const { page, close } = await opened(`${SMALL.points}&view.force=main`);
  await ready(page);
  await page.locator("#play").click();
  await done(page);
  await close();
});

test("a stored study is reported, and read again by the engine of the file", async () => {
  const { page, close } = await opened("view.tab=report&view.study=positions-causal");
  await page.locator("verdict-table tbody tr").first().waitFor({ timeout: RUN });
  assert.ok((await page.locator("verdict-table tbody tr").count()) > 3);
  // The files of a report are written by the engine.
  await page.locator("report-exports button:not([disabled])").first().waitFor({ timeout: RUN });
  await close();
});

test("an assignment that ships with the page is opened", async () => {
  const { page, close } = await opened("view.assignment=positions");
  await page.locator("#assignment-title", { hasText: /\S/ }).waitFor({ timeout: RUN });
  await close();
});

test("a module that is not in the file is not offered", async () => {
  const { page, close } = await opened("", FAKE_GPU);
  await ready(page);
  await page.locator("run-bar details.options > summary").click();
  await page.locator("run-bar .why", { hasText: "not in this file" }).waitFor();
  assert.equal(await page.locator('run-bar input[value="webgpu"]').isVisible(), false);
  await close();
});

test("nothing leads to pages that are not there", async () => {
  const { page, close } = await opened("");
  await ready(page);
  const links = await page
    .locator("a[href]")
    .evaluateAll((all) => all.map((one) => /** @type {HTMLAnchorElement} */ (one).getAttribute("href") ?? ""));
  assert.deepEqual(
    links.filter((href) => !href.startsWith("#") && !/^https?:/.test(href)),
    [],
  );
  assert.equal(await page.locator("embed-menu:visible").count(), 0);
  const colophon = (await page.locator("footer.colophon").textContent()) ?? "";
  assert.doesNotMatch(colophon.replaceAll(/\s+/g, " "), / [.,]/, "no sentence lost its links");
  await close();
});
