/** A link against what the browser has stored: the link wins, in whichever order links are opened in one tab. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN, launch, open } from "./browser.js";

/** @typedef {import("./browser.js").Page} Page */

const browser = await launch({ webgpu: false });

const ONE = "v=1&p=repeat&model.heads=2&model.layers=1";
const OTHER = "v=1&p=two-moons&model.prediction=data";

/** Opens a link in the tab, as one that is clicked or pasted. @param {Page} page @param {string} fragment */
async function follow(page, fragment) {
  await page.goto(`${page.url().split("#")[0]}#${fragment}`);
}

/**
 * Waits until address, headings and settings are those of a link, in the sandbox and of the study.
 *
 * @param {Page} page
 * @param {{title: string, task: string, settings: Record<string, unknown>, hash: string}} expected
 */
async function says(page, { title, task, settings, hash }) {
  await page.waitForFunction((wanted) => location.hash === wanted, `#${hash}`, { timeout: RUN });
  await page.waitForFunction(
    (wanted) => document.querySelector("task-card :is(h2, h3)")?.textContent === wanted,
    task,
    { timeout: RUN },
  );
  await page.click("#tab-study");
  await page.locator("#study-title", { hasText: title }).waitFor({ timeout: RUN });
  await page.waitForFunction(
    (wanted) => {
      const { description, study } = /** @type {any} */ (document.querySelector("study-bar")).store.state;
      const here = description?.settings ?? {};
      // Settings that every trial shares are no part of the study's own.
      const there = study.sheet?.study ? { ...here, ...study.sheet.study.settings } : {};
      return [here, there].every((all) => Object.entries(wanted).every(([path, value]) => all[path] === value));
    },
    settings,
    { timeout: RUN },
  );
  await page.click("#tab-sandbox");
}

const FIRST = {
  title: "Copy a sequence",
  task: "Repeat",
  settings: { "model.heads": "2", "model.layers": 1 },
  hash: ONE,
};
const SECOND = {
  title: "Two moons",
  task: "Two moons",
  settings: { "objective.prediction": "data" },
  hash: "v=1&p=two-moons&objective.prediction=data",
};

test("a link wins over what was set before, in any order, and going back goes back one link", async () => {
  const { page, close } = await open(browser, ONE);
  await says(page, FIRST);
  await page.locator("details[data-drawer=inputs] > summary").click();
  await page.locator("#field-model-width").fill("16");
  await page.locator("#field-model-width").blur();
  const changed = `${ONE}&model.width=16`;
  await page.waitForFunction((wanted) => location.hash === wanted, `#${changed}`, { timeout: RUN });
  await follow(page, OTHER);
  await says(page, SECOND);
  await follow(page, ONE);
  await says(page, { ...FIRST, settings: { ...FIRST.settings, "model.width": 32 } });
  await page.goBack();
  await says(page, SECOND);
  await page.goBack();
  await says(page, { ...FIRST, settings: { "model.width": 16 }, hash: changed });
  await close();
});

test("a link that was pasted twice is the link, and sharing it again gives the same", async () => {
  const { page, close } = await open(browser, `${ONE}#${ONE}`);
  await says(page, FIRST);
  const url = page.url();
  await page.reload();
  await says(page, FIRST);
  assert.equal(page.url(), url);
  await close();
});

test("a link that is damaged shows a study that works, says what was wrong, and leaves the one before to go back to", async () => {
  const { page, close } = await open(browser, ONE);
  await says(page, FIRST);
  await follow(page, "v=0&p=no-such-preset&model.hedas=4&study.title=%E0%A4%A");
  await page.locator(".corrections", { hasText: /version 1, this one says version 0/ }).waitFor({ timeout: RUN });
  await says(page, { title: "Copy a sequence", task: "Repeat", settings: {}, hash: "v=1&p=repeat" });
  await page.goBack();
  await says(page, FIRST);
  await close();
});
