/** Nothing that is finished is lost: hidden tabs, second tabs, full and forbidden storage, and each is said in the bar. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { RUN, launch, open } from "./browser.js";

const browser = await launch({ webgpu: false });

const STUDY =
  "v=1&p=repeat&model.layers=1&model.width=8&train.steps=100&study.seeds=2&study.trials=2&study.without=position&view.tab=study";
const LONGER = STUDY.replace("train.steps=100", "train.steps=3000");

/** @typedef {import("./browser.js").Page} Page */

/** @param {Page} page @param {string|RegExp} text */
const status = (page, text) => page.locator("study-bar .status", { hasText: text }).waitFor({ timeout: RUN });

/** What the bar says of pauses and other tabs. @param {Page} page @param {RegExp} text */
const since = (page, text) => page.locator("study-bar .since", { hasText: text }).waitFor({ timeout: RUN });

/** @param {Page} page */
async function start(page) {
  await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
  await page.click("#study-go");
}

/** @param {Page} page @param {number} least */
const found = (page, least) =>
  page.waitForFunction(
    (count) => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.done.size >= count,
    least,
    { timeout: RUN },
  );

/** Outcomes as they are stored, by trial. @param {Page} page @returns {Promise<Record<string, string>>} */
const stored = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("ablation");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const store = opening.result.transaction("outcomes").objectStore("outcomes");
          const [keys, values] = [store.getAllKeys(), store.getAll()];
          values.onsuccess = () => {
            opening.result.close();
            resolve(Object.fromEntries(keys.result.map((key, at) => [String(key), values.result[at].value])));
          };
        };
      }),
  );

/** @param {Page} page @param {boolean} hidden */
const hide = (page, hidden) =>
  page.evaluate((on) => {
    Object.defineProperty(document, "visibilityState", { value: on ? "hidden" : "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

test("a hidden tab says from when to when it stood still, and what was finished stays as it was", async () => {
  const { page, close } = await open(browser, LONGER);
  await page.clock.install({ time: new Date(2026, 7, 3, 14, 2) });
  await page.reload();
  await start(page);
  await found(page, 2);
  const before = await stored(page);
  await hide(page, true);
  await status(page, "Paused while hidden");
  await since(page, /^Paused since 14:0\d, while this tab is hidden\. To let it run on, tick/);
  await page.clock.fastForward("07:30");
  await hide(page, false);
  await since(page, /^Paused from 14:0\d to 14:(09|1\d), while this tab was hidden; nothing is lost\./);
  await status(page, "Running");
  const after = await stored(page);
  for (const [id, outcome] of Object.entries(before)) assert.equal(after[id], outcome);
  await page.click("#study-go");
  await since(page, /^Paused since 14:\d\d\.$/);
  await close();
});

test("a study that is opened again says since when it stands still and how to go on", async () => {
  const { page, close } = await open(browser, LONGER);
  await start(page);
  await found(page, 2);
  await page.reload();
  await status(page, "Paused, ");
  await since(page, /^Paused since \d\d:\d\d, when its last result was saved\. Press Resume to go on\.$/);
  await page.getByRole("button", { name: "Resume" }).click();
  await status(page, "Running");
  assert.equal(await page.locator("study-bar .since").isVisible(), false);
  await close();
});

test("a second tab says that another one computes the study, follows it, and takes over when it is killed", async () => {
  const { page: first, url, close } = await open(browser, LONGER);
  await start(first);
  const second = await first.context().newPage();
  await second.goto(`${url}#${LONGER}`);
  await since(second, /^Another tab computes this study, and what it finds is shown here\./);
  await status(second, "Running in another tab, ");
  await found(first, 2);
  const least = await first.evaluate(
    () => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.done.size,
  );
  await found(second, least);
  await first.click("#study-go");
  await since(second, /^This study is open in another tab as well\./);
  await second.click("#study-go");
  await since(first, /^Another tab computes this study/);
  await first.click("#study-go");
  await since(second, /^Another tab computes this study as well: the two share its trials/);
  const protocol = await first.context().newCDPSession(first);
  const gone = first.waitForEvent("crash");
  void protocol.send("Page.crash").catch(() => undefined);
  await gone;
  await second.waitForFunction(
    () => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.others.open === 0,
    undefined,
    { timeout: RUN },
  );
  await status(second, "Running, ");
  await close();
});

/** A disk that is full from some moment on. */
const FULL = `
  window.full = false;
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...given) {
    if (window.full) throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, given);
  };`;

/** Storage that a page may not even look at. */
const FORBIDDEN = `
  Object.defineProperty(window, "indexedDB", { get: () => { throw new DOMException("denied", "SecurityError"); } });`;

for (const [name, init, notice] of /** @type {const} */ ([
  ["fills up", FULL, /This browser's storage is full: .*download the record before/s],
  ["is forbidden", FORBIDDEN, /Results cannot be stored in this browser \(denied\).*download the record before/s],
])) {
  test(`when storage ${name} it is said, the study goes on and its record is offered`, async () => {
    const { page: undisturbed, close: end } = await open(browser, STUDY);
    const whole = await record(undisturbed);
    await end();
    const { page, close } = await open(browser, STUDY, { init });
    const said = () => page.locator(".notices", { hasText: notice }).waitFor({ timeout: RUN });
    if (init === FORBIDDEN) await said();
    await start(page);
    if (init === FULL) {
      await found(page, 2);
      await page.evaluate(() => Object.assign(window, { full: true }));
      await said();
    }
    await page.locator("study-bar .how", { hasText: "does not save results here" }).waitFor();
    assert.equal(await record(page), whole, "no result of it is missing");
    // Who leaves is asked first.
    const asked = page.waitForEvent("dialog");
    void page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), "beforeunload");
    await dialog.dismiss();
    await close();
  });
}

/** The record of a study at its end. @param {Page} page */
async function record(page) {
  const { status: at } = await page.evaluate(
    () => /** @type {any} */ (document.querySelector("study-bar")).store.state.study,
  );
  if (at !== "running" && at !== "done") await start(page);
  await status(page, "Done");
  const button = page.getByRole("button", { name: "Download the record" });
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    (await button.isVisible())
      ? button.click()
      : page.evaluate(() =>
          /** @type {any} */ (document.querySelector("study-bar")).store.send({ type: "export", format: "record" }),
        ),
  ]);
  return readFile(await file.path(), "utf8");
}
