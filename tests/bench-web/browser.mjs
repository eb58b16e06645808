/** What the benchmarks in a browser share: one headless Chromium of its own, a served page, and one request to it. */

import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { findChromium } from "./chromium.mjs";
import { serve } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"];

const say = (text) => {
  process.stderr.write(`${text}\n`);
};

/**
 * What a page's `bench` answers to a request, and the machine that it ran on.
 *
 * @param {{page: string, request: unknown, dist: string, flags?: string[], memory?: Record<string, Uint8Array>,
 *   isolated?: boolean}} options  page: a file of the folder `page`; flags: Chromium's; memory, isolated: see `serve`
 */
export async function measure({ page: file, request, dist, flags = [], memory = {}, isolated = false }) {
  const server = await serve({
    mounts: { "/dist/": dist, "/node_modules/": join(here, "node_modules"), "/page/": join(here, "page") },
    memory,
    isolated,
  });
  const profile = await mkdtemp(join(tmpdir(), "ablation-bench-"));
  const load = loadavg()[0];
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    args: [...FLAGS, ...flags],
  });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => say(`page: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") say(`page: ${message.text()}`);
    });
    await page.exposeFunction("say", say);
    await page.goto(`${server.address}/page/${file}`);
    await page.waitForFunction(() => globalThis.bench !== undefined);
    const measured = await page.evaluate((asked) => globalThis.bench(asked, globalThis.say), request);
    const machine = {
      browser: `Chromium ${browser.browser()?.version()}`,
      processor: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      loadBefore: load,
      loadAfter: loadavg()[0],
      date: new Date().toISOString().slice(0, 10),
    };
    return { measured, machine };
  } finally {
    await browser.close();
    server.close();
    await rm(profile, { recursive: true, force: true });
  }
}
