/** Firefox through Puppeteer, which speaks WebDriver BiDi with it: no other program stands between. */

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { SIZE, standing } from "./driver.js";

/** The names that Firefox goes by. */
const NAMES = ["firefox-esr", "firefox"];

function executable() {
  if (process.env.FIREFOX) return process.env.FIREFOX;
  for (const name of NAMES) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      // The next name.
    }
  }
  throw new Error(`there is no Firefox (looked for ${NAMES.join(", ")}): install one, or set FIREFOX to its path`);
}

/** @returns {Promise<import("./driver.js").Driver>} */
export async function launch() {
  const downloads = await mkdtemp(join(tmpdir(), "ablation-downloads-"));
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: executable(),
    headless: true,
    defaultViewport: SIZE,
    extraPrefsFirefox: {
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
      "browser.download.always_ask_before_handling_new_types": false,
    },
  });
  return {
    downloads,
    async tab() {
      const page = await browser.newPage();
      return {
        go: async (url) => void (await page.goto(url)),
        reload: async () => void (await page.reload()),
        evaluate: (work, given) => /** @type {any} */ (page).evaluate(work, given),
        async evaluateIn(selector, work, given) {
          const frame = await (await page.waitForSelector(selector))?.contentFrame();
          if (!frame) throw new Error(`${selector} is no frame`);
          return /** @type {any} */ (frame).evaluate(work, given);
        },
        async click(selector) {
          await page.evaluate(standing, selector);
          await page.click(selector);
        },
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
