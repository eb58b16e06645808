/**
 * Memory of the page while a study runs: `node tests/web/memory.js` runs a large study on the built page in dist/ for
 * half an hour, or for as many minutes as its argument says, and prints once a minute how many trials are finished and
 * how many megabytes the page's objects and its processes take up.
 */

import { chromium } from "playwright-core";
import { dist, executable, FLAGS, RUN } from "./browser.js";
import { heap, resident } from "./heap.js";
import { serve } from "./serve.js";

const MINUTES = Number(process.argv[2] ?? 30);
/** More than half an hour of trials on any machine. */
const STUDY =
  "v=1&p=repeat&model.layers=1&model.width=16&train.steps=400&study.seeds=30&study.trials=30&view.tab=study";

const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
const page = await browser.newPage();
await page.goto(`${server.url}#${STUDY}`);
await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
await page.click("#study-go");

/** @param {number|null} bytes */
const megabytes = (bytes) => (bytes === null ? "?" : (bytes / 2 ** 20).toFixed(1)).padStart(8);

process.stdout.write("minute  trials   heap MB  processes MB\n");
for (let minute = 0; minute <= MINUTES; minute += 1) {
  if (minute > 0) await page.waitForTimeout(60_000);
  const trials = await page.evaluate(
    () => /** @type {any} */ (document.querySelector("study-bar")).store.state.study.done.size,
  );
  const [objects, processes] = [await heap(page), await resident(browser)];
  process.stdout.write(
    `${`${minute}`.padStart(6)}  ${`${trials}`.padStart(6)}  ${megabytes(objects)}      ${megabytes(processes)}\n`,
  );
}
await browser.close();
await server.close();
