/** Nothing moves under the eye while a view is drawn for the first time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, open } from "./browser.js";

const browser = await launch();

/** Keeps what moved without anybody having asked for it, with the elements that did. */
const WATCH = `
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (!hadRecentInput)
        window.moved.push(value.toFixed(4) + " " + sources.map(({ node }) =>
          node?.parentElement?.localName + " > " + node?.nodeName + "." + node?.className).join(", "));
  }).observe({ type: "layout-shift", buffered: true });
`;

/**
 * What is opened: a name, its fragment, what is there at the end, and the page if it is not the first.
 *
 * @type {[string, string, string, string?][]}
 */
const VIEWS = [
  ["the sandbox", "", "#play:not([disabled])"],
  ["the sandbox of another preset", "v=1&p=two-moons", "#play:not([disabled])"],
  ["a study of the link", "v=1&p=repeat&view.tab=study", "#study-go:not([disabled])"],
  ["a stored study", "view.study=positions-causal&view.tab=study", "study-bar .status:has-text('Done')"],
  ["a stored report", "view.study=positions-causal&view.tab=report", "report-figures svg"],
  ["a report without results", "v=1&p=two-moons&view.tab=report", "report-head .empty"],
  ["an embedded sandbox", "v=1&p=repeat", "#play:not([disabled])", "embed.html"],
  ["an embedded report", "view.study=positions-causal&view.tab=report", "report-figures svg", "embed.html"],
];

for (const [name, fragment, there, file = ""] of VIEWS)
  for (const [width, height] of /** @type {const} */ ([
    [1280, 900],
    [390, 844],
  ]))
    test(`nothing moves while ${name} is loaded, ${width} px`, async () => {
      const { page, url, close } = await open(browser, "", { init: WATCH, context: { viewport: { width, height } } });
      await page.goto("about:blank");
      await page.goto(`${url}${file}${fragment ? `#${fragment}` : ""}`);
      await page.locator(there).first().waitFor({ timeout: 60_000 });
      await page.locator("body:not([data-drawing])").waitFor();
      // What comes after the engine is there: a measured speed, the rest of a card.
      await page.waitForTimeout(1000);
      assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).moved), []);
      await close();
    });
