/**
 * How long a sketch takes: `node tests/web/sketch.js` runs one study from nothing to its record, on one and on two
 * cores, with the command line and on the built page in dist/, and prints seconds and what the second core brings. The
 * study is that of six components (width 32, 16 positions, 400 steps); another one is the first argument. ABLATION
 * names the command line's program.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { dist, executable, FLAGS } from "./browser.js";
import { serve } from "./serve.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CORES = [1, 2];
/** Longer than any sketch, in milliseconds. */
const PATIENCE = 3_600_000;

const study = resolve(process.argv[2] ?? join(ROOT, "static/studies/positions-causal.json"));
const program = resolve(ROOT, process.env.ABLATION ?? "target/release/ablation");
if (!existsSync(program))
  throw new Error(
    `there is no program at ${program}: build it with \`cargo build --release -p ablation-cli\`, or name it with ABLATION`,
  );

/** Seconds that something takes. @param {() => Promise<unknown>} work */
async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** @param {number} cores @param {string} folder */
async function native(cores, folder) {
  const into = join(folder, `native-${cores}`);
  const took = await seconds(() =>
    promisify(execFile)(program, ["run", study, "--into", into, "--jobs", String(cores)], { maxBuffer: 2 ** 26 }),
  );
  const record = JSON.parse(await readFile(join(into, "record.json"), "utf8"));
  return { took, runs: record.report.spent.runs, updates: record.report.spent.updates };
}

/** @param {number} cores @param {string} url @param {import("playwright-core").Browser} browser */
async function onThePage(cores, url, browser) {
  const session = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await session.newPage();
  await page.addInitScript(
    (count) => Object.defineProperty(navigator, "hardwareConcurrency", { get: () => count }),
    cores,
  );
  await page.goto(`${url}#v=1&view.tab=study`);
  await page.setInputFiles("#study-file", study);
  await page.locator("study-bar .status", { hasText: "Ready" }).waitFor({ timeout: PATIENCE });
  const took = await seconds(async () => {
    await page.click("#study-go");
    await page.locator("study-bar .status", { hasText: "Done" }).waitFor({ timeout: PATIENCE });
  });
  await session.close();
  return took;
}

/** @param {string} where @param {number[]} took */
function say(where, [one = NaN, two = NaN]) {
  process.stdout.write(
    `${where.padEnd(16)}${one.toFixed(0).padStart(6)} s on one core${two.toFixed(0).padStart(6)} s on two, ${(one / two).toFixed(2)} times as fast\n`,
  );
}

const folder = await mkdtemp(join(tmpdir(), "ablation-sketch-"));
const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
try {
  process.stdout.write(
    `${study.replace(ROOT, "")} on ${cpus().length} x ${cpus()[0]?.model}, load ${(loadavg()[0] ?? NaN).toFixed(1)} before\n`,
  );
  const runs = [];
  for (const cores of CORES) runs.push(await native(cores, folder));
  process.stdout.write(`${runs[0]?.runs} trials, ${runs[0]?.updates} steps\n`);
  say(
    "command line",
    runs.map((run) => run.took),
  );
  const pages = [];
  for (const cores of CORES) pages.push(await onThePage(cores, server.url, browser));
  say("browser", pages);
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
