/** Chromium through Playwright, as the other tests of the page. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { executable, FLAGS } from "../browser.js";
import { SIZE } from "./driver.js";

/** @returns {Promise<import("./driver.js").Driver>} */
export async function launch() {
  const downloads = await mkdtemp(join(tmpdir(), "ablation-downloads-"));
  const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
  const session = await browser.newContext({ viewport: SIZE });
  return {
    downloads,
    async tab() {
      const page = await session.newPage();
      page.on("download", (file) => void file.saveAs(join(downloads, file.suggestedFilename())));
      return {
        go: async (url) => void (await page.goto(url)),
        reload: async () => void (await page.reload()),
        evaluate: (work, given) => /** @type {any} */ (page).evaluate(work, given),
        async evaluateIn(selector, work, given) {
          const frame = await (await page.waitForSelector(selector)).contentFrame();
          if (!frame) throw new Error(`${selector} is no frame`);
          return /** @type {any} */ (frame).evaluate(work, given);
        },
        click: (selector) => page.click(selector),
        press: (key) => page.keyboard.press(key),
        close: () => page.close(),
      };
    },
    async close() {
      await browser.close();
      await rm(downloads, { recursive: true, force: true });
    },
  };
}
