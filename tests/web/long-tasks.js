/**
 * What holds the page's main thread while a study runs: `node tests/web/long-tasks.js` runs one on the built page in
 * dist/ for half a minute, or for as many seconds as its argument says, once looked at as a study and once as a report.
 * It prints the tasks of more than 50 ms with the time that the processor spent in them: where other programs and the
 * workers keep every core busy, a task also waits, and the page cannot help that.
 */

import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { dist, executable, FLAGS, RUN } from "./browser.js";
import { serve } from "./serve.js";

const SECONDS = Number(process.argv[2] ?? 30);
const STUDY = "v=1&p=repeat&model.layers=1&model.width=8&train.steps=100&study.seeds=40&study.trials=16&view.tab=study";
/** Milliseconds from which a task is long. */
const LONG = 50;

/**
 * A stretch of a thread, times in milliseconds; `processor` is how long it was worked on.
 *
 * @typedef {{name: string, start: number, end: number, processor: number}} Stretch
 */

/**
 * What the main threads of a traced browser did.
 *
 * @param {string} file
 * @returns {Promise<{tasks: Stretch[], inner: Stretch[]}>}
 */
async function read(file) {
  const { traceEvents } = JSON.parse(await readFile(file, "utf8"));
  const threads = new Set(
    traceEvents
      .filter((/** @type {any} */ one) => one.name === "thread_name" && one.args.name === "CrRendererMain")
      .map((/** @type {any} */ one) => `${one.pid} ${one.tid}`),
  );
  const stretches = traceEvents
    .filter((/** @type {any} */ one) => one.ph === "X" && threads.has(`${one.pid} ${one.tid}`))
    .map((/** @type {any} */ { name, ts, dur, tdur = 0 }) => ({
      name,
      start: ts / 1000,
      end: (ts + dur) / 1000,
      processor: tdur / 1000,
    }));
  const isTask = (/** @type {Stretch} */ { name }) => name === "ThreadControllerImpl::RunTask";
  return { tasks: stretches.filter(isTask), inner: stretches.filter((/** @type {Stretch} */ one) => !isTask(one)) };
}

const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(`${server.url}#${STUDY}`);
await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
await page.click("#study-go");
for (const tab of ["study", "report"]) {
  await page.click(`#tab-${tab}`);
  const file = join(tmpdir(), `ablation-long-tasks-${process.pid}-${tab}.json`);
  await browser.startTracing(page, { path: file, categories: ["toplevel", "devtools.timeline"] });
  await page.waitForTimeout(1000 * SECONDS);
  const trials = await page.evaluate(
    () => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.done.size,
  );
  await browser.stopTracing();
  const { tasks, inner } = await read(file);
  await rm(file);
  assert.ok(tasks.length > 0, "the trace names no tasks of the main thread");
  const long = tasks.filter(({ start, end }) => end - start > LONG);
  const busy = Math.max(0, ...tasks.map(({ processor }) => processor));
  process.stdout.write(
    `${tab}, ${SECONDS} s, ${trials} trials: ${tasks.length} tasks, the busiest ${busy.toFixed(0)} ms of processor; ` +
      `${long.length} took more than ${LONG} ms, ` +
      `${long.filter(({ processor }) => processor > LONG).length} of them of processor\n`,
  );
  for (const { start, end, processor } of long) {
    const parts = inner.filter((one) => one.start >= start && one.end <= end && one.end - one.start > 5);
    const names = [...new Set(parts.map(({ name }) => name))].join(", ");
    process.stdout.write(`  ${(end - start).toFixed(0)} ms, processor ${processor.toFixed(0)} ms: ${names}\n`);
  }
}
await browser.close();
await server.close();
