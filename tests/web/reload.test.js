/**
 * A study whose page is reloaded, closed or killed at any moment loses no finished trial, and ends with the record of a
 * run that nobody disturbed.
 *
 * Moments are drawn, each from an address of its own: the same moments every time, and a failure names its own.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { RUN, dist, launch } from "./browser.js";
import { serve } from "./serve.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} Session */

const MOMENTS = 50;
const STUDY =
  "v=1&p=repeat&model.layers=1&model.width=8&train.steps=150&study.seeds=2&study.trials=2&study.without=position,blocks.0.mlp&view.tab=study";

const WAYS = /** @type {const} */ (["reloaded", "closed", "killed"]);
const WHENS = /** @type {const} */ (["opening", "running", "running", "running", "saved"]);
/** Milliseconds within which a moment lies. */
const WITHIN = 600;

const browser = await launch({ webgpu: false });

/** A number from 0 to 1 that belongs to an address. @param {string} address */
const draw = (address) => createHash("sha256").update(address).digest().readUInt32LE() / 2 ** 32;

/** @template T @param {readonly T[]} list @param {string} address @returns {T} */
const pick = (list, address) => /** @type {T} */ (list[Math.floor(draw(address) * list.length)]);

/** @param {string} address */
function moment(address) {
  const way = pick(WAYS, `${address} way`);
  const when = pick(WHENS, `${address} when`);
  const after = Math.round(WITHIN * draw(`${address} after`));
  return { way, when, after, name: `moment ${address}: ${way} while ${when}, after ${after} ms` };
}

/** Ids of the trials that are finished, as the page knows them, and how the study stands. @param {Page} page */
const known = (page) =>
  page.evaluate(() => {
    const { study } = /** @type {any} */ (document.querySelector("study-bar"))?.store?.state ?? {};
    return { done: /** @type {string[]} */ ([...(study?.done ?? [])]), status: String(study?.status ?? "idle") };
  });

/** Waits until what is stored of the study is looked up. @param {Page} page */
async function opened(page) {
  await page.waitForFunction(
    () =>
      ["ready", "done"].includes(/** @type {any} */ (document.querySelector("study-bar"))?.store?.state.study.status),
    undefined,
    { timeout: RUN },
  );
  return known(page);
}

/** Runs the study on, until its end. @param {Page} page @returns {Promise<string>} its record */
async function finish(page) {
  const { status } = await opened(page);
  if (status !== "done") await page.click("#study-go");
  await page.locator("study-bar .status", { hasText: "Done" }).waitFor({ timeout: RUN });
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.evaluate(() =>
      /** @type {any} */ (document.querySelector("study-bar")).store.send({ type: "export", format: "record" }),
    ),
  ]);
  return readFile(await file.path(), "utf8");
}

/**
 * The page after it was taken away.
 *
 * @param {Session} session @param {Page} page @param {typeof WAYS[number]} way
 */
async function again(session, page, way) {
  const url = page.url();
  if (way === "reloaded") {
    await page.reload({ waitUntil: "commit" });
    return page;
  }
  // A process that is killed runs nothing more, not even what a page does when it is closed.
  if (way === "killed") {
    const protocol = await session.newCDPSession(page);
    const gone = page.waitForEvent("crash");
    void protocol.send("Page.crash").catch(() => undefined);
    await gone;
  }
  await page.close();
  const next = await session.newPage();
  await next.goto(url, { waitUntil: "commit" });
  return next;
}

/** The record of the study when nobody disturbs it. @param {string} url */
async function undisturbed(url) {
  const session = await browser.newContext();
  const page = await session.newPage();
  await page.goto(url);
  const record = await finish(page);
  await session.close();
  return record;
}

/**
 * Waits for a moment of the page.
 *
 * @param {Page} page @param {ReturnType<typeof moment>} at
 */
async function waitFor(page, { when, after }) {
  if (when !== "opening") {
    await page.click("#study-go");
    const before = (await known(page)).done.length;
    // The moment at which a trial is stored, and any other.
    if (when === "saved")
      await page.waitForFunction(
        (least) => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.done.size > least,
        before,
        { timeout: RUN },
      );
  }
  if (when !== "saved") await page.waitForTimeout(after);
}

test(
  `${MOMENTS} times reloaded, closed or killed, studies lose no finished trial and end as undisturbed ones`,
  {
    timeout: 600_000,
  },
  async (t) => {
    const server = await serve(dist());
    let left = MOMENTS;
    // A fast machine comes to the end of one study before its moments are spent, and goes on with the next.
    for (let study = 0; left > 0; study += 1) {
      const url = `${server.url}#${STUDY}&study.seed=${study}`;
      const expected = await undisturbed(url);
      const session = await browser.newContext();
      let page = await session.newPage();
      await page.goto(url, { waitUntil: "commit" });
      /** @type {Set<string>} */
      const finished = new Set();
      let last = "before the first moment";
      for (let index = 0; left > 0; index += 1, left -= 1) {
        const at = moment(`${study}.${index}`);
        if (at.when !== "opening") {
          const { done, status } = await opened(page);
          const lost = [...finished].filter((id) => !done.includes(id));
          assert.deepEqual(lost, [], `trials lost in ${last}`);
          if (status === "done") break;
        }
        await waitFor(page, at);
        for (const id of (await known(page)).done) finished.add(id);
        page = await again(session, page, at.way);
        last = at.name;
      }
      const { done } = await opened(page);
      t.diagnostic(`study ${study}: ${finished.size} trials when it was disturbed last, ${left} moments left`);
      assert.deepEqual(
        [...finished].filter((id) => !done.includes(id)),
        [],
        `trials lost in ${last}`,
      );
      const record = await finish(page);
      assert.ok(record === expected, `the record after ${last} is the one of an undisturbed run`);
      await session.close();
    }
    await server.close();
  },
);
