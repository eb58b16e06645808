/**
 * The browser benchmark: our worker module beside the fastest npm trainers, in one headless Chromium, interleaved.
 *
 *   node run.mjs [--dist DIR] [--json FILE] [--only ours,jax,tfjs] [--shape TEXT] [--scale FACTOR] [--threads]
 *
 * --threads serves the page cross-origin isolated, which lets jax-js and TensorFlow.js use several threads; without it
 * everybody has one.
 */

import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { findChromium } from "./chromium.mjs";
import { assemble } from "./probe.mjs";
import { summarise, table } from "./report.mjs";
import { serve } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    dist: { type: "string", default: resolve(here, "../../dist") },
    json: { type: "string" },
    only: { type: "string", default: "ours,jax,tfjs" },
    shape: { type: "string", multiple: true, default: [] },
    scale: { type: "string", default: "1" },
    threads: { type: "boolean", default: false },
  },
});

const say = (text) => {
  process.stderr.write(`${text}\n`);
};
const server = await serve({
  mounts: {
    "/dist/": resolve(options.dist),
    "/node_modules/": join(here, "node_modules"),
    "/page/": join(here, "page"),
  },
  memory: { "/probe.wasm": await assemble() },
  isolated: options.threads,
});
const profile = await mkdtemp(join(tmpdir(), "ablation-bench-"));
const load = loadavg()[0];
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: findChromium(),
  headless: true,
  args: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => say(`page: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") say(`page: ${message.text()}`);
  });
  await page.exposeFunction("say", say);
  await page.goto(`${server.address}/page/index.html`);
  await page.waitForFunction(() => globalThis.bench !== undefined);
  const measured = await page.evaluate((request) => globalThis.bench(request, globalThis.say), {
    contenders: options.only.split(","),
    shapes: options.shape,
    scale: Number(options.scale),
  });
  const summary = summarise(measured, {
    browser: `Chromium ${browser.browser()?.version()}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    loadBefore: load,
    loadAfter: loadavg()[0],
    date: new Date().toISOString().slice(0, 10),
  });
  process.stdout.write(`${table(summary)}\n`);
  if (options.json) await writeFile(options.json, `${JSON.stringify(summary, null, 2)}\n`);
  process.exitCode = summary.problems.length > 0 ? 1 : 0;
} finally {
  await browser.close();
  server.close();
  await rm(profile, { recursive: true, force: true });
}
