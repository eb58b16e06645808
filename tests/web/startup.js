/**
 * How long a visitor waits: `node tests/web/startup.js` prints the medians of five fresh visits to the built page in
 * dist/, CPU path, on localhost: until the play button works, and until the first loss is drawn when it is pressed at
 * once.
 */

import { chromium } from "playwright-core";
import { serve } from "./serve.js";
import { dist, executable, FLAGS } from "./browser.js";

const VISITS = 5;

const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });

/**
 * Milliseconds since navigation at which the selector first matches.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} selector
 */
async function since(page, selector) {
  await page.waitForSelector(selector, { timeout: 60_000, state: "attached" });
  return page.evaluate(() => performance.now());
}

/** @type {{interactive: number, loss: number}[]} */
const visits = [];
for (let visit = 0; visit < VISITS; visit += 1) {
  const session = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await session.newPage();
  await page.goto(`${server.url}#v=1&p=repeat&train.steps=20000`, { waitUntil: "commit" });
  const interactive = await since(page, "#play:not([disabled])");
  await page.locator("details[data-drawer=panels] > summary").click();
  await page.locator("#play").click();
  // A stored record may already show a curve; the first computed one carries the badge.
  const loss = await since(page, '[data-panel="reference"]:has-text("computed here")');
  visits.push({ interactive, loss });
  await session.close();
}
await browser.close();
await server.close();

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
process.stdout.write(
  `interactive after ${Math.round(median(visits.map((visit) => visit.interactive)))} ms, first loss after ${Math.round(median(visits.map((visit) => visit.loss)))} ms\n`,
);
