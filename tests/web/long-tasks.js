/**
 * What holds the page's main thread while a study runs: `node tests/web/long-tasks.js` runs one on the built page in
 * dist/ for a minute, or for as many seconds as its argument says, once looked at as a study and once as a report, and
 * prints every task of more than 50 ms with the script that it was spent in.
 */

import { chromium } from "playwright-core";
import { dist, executable, FLAGS, RUN } from "./browser.js";
import { serve } from "./serve.js";

const SECONDS = Number(process.argv[2] ?? 60);
const STUDY = "v=1&p=repeat&model.layers=1&model.width=8&train.steps=100&study.seeds=40&study.trials=16&view.tab=study";

/** Notes long tasks, and the scripts of frames that took long: only the latter say where the time went. */
const WATCH = `
  window.tasks = [];
  window.frames_ = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.tasks.push({ startTime, duration });
  }).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const { startTime, duration, scripts, renderStart, styleAndLayoutStart } of list.getEntries())
      window.frames_.push({
        startTime,
        end: startTime + duration,
        layout: styleAndLayoutStart ? startTime + duration - styleAndLayoutStart : 0,
        scripts: scripts.map((one) => ({
          duration: one.duration,
          layout: one.forcedStyleAndLayoutDuration,
          name: (one.sourceURL.split("/").at(-1) || one.invoker) + " " + one.sourceFunctionName,
        })),
      });
  }).observe({ type: "long-animation-frame" });`;

/** @typedef {{duration: number, layout: number, name: string}} Script */
/** @typedef {{startTime: number, end: number, layout: number, scripts: Script[]}} Frame */

const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.addInitScript(WATCH);
await page.goto(`${server.url}#${STUDY}`);
await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
await page.click("#study-go");
for (const tab of ["study", "report"]) {
  await page.click(`#tab-${tab}`);
  const from = await page.evaluate(() => performance.now());
  await page.waitForTimeout(1000 * SECONDS);
  const { tasks, frames, trials } = await page.evaluate((since) => {
    const seen = /** @type {any} */ (window);
    const later = (/** @type {{startTime: number}} */ one) => one.startTime > since;
    return {
      tasks: /** @type {{startTime: number, duration: number}[]} */ (seen.tasks.filter(later)),
      frames: /** @type {Frame[]} */ (seen.frames_.filter(later)),
      trials: seen.document.querySelector("study-bar").store.state.study.done.size,
    };
  }, from);
  const longest = Math.max(0, ...tasks.map(({ duration }) => duration));
  process.stdout.write(
    `${tab}: ${tasks.length} tasks of more than 50 ms in ${SECONDS} s, the longest ${longest.toFixed(0)} ms; ${trials} trials\n`,
  );
  for (const { startTime, duration } of tasks) {
    const within = frames.find((one) => one.startTime <= startTime + duration && startTime <= one.end);
    const scripts = (within?.scripts ?? [])
      .map((one) => `${one.name} ${one.duration.toFixed(0)} ms (layout ${one.layout.toFixed(0)} ms)`)
      .join(", ");
    process.stdout.write(
      `  ${duration.toFixed(0).padStart(5)} ms  ${scripts || "no script named"}; drawing ${(within?.layout ?? 0).toFixed(0)} ms\n`,
    );
  }
}
await browser.close();
await server.close();
