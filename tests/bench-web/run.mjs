/**
 * The browser benchmark: our worker module beside the fastest npm trainers, in one headless Chromium, interleaved.
 *
 *   node run.mjs [--dist DIR] [--json FILE] [--only ours,jax,tfjs] [--shape TEXT] [--scale FACTOR] [--threads]
 *
 * --threads serves the page cross-origin isolated, which lets jax-js and TensorFlow.js use several threads; without it
 * everybody has one.
 */

import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure } from "./browser.mjs";
import { assemble } from "./probe.mjs";
import { summarise, table } from "./report.mjs";

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

const { measured, machine } = await measure({
  page: "index.html",
  request: { contenders: options.only.split(","), shapes: options.shape, scale: Number(options.scale) },
  dist: resolve(options.dist),
  memory: { "/probe.wasm": await assemble() },
  isolated: options.threads,
});
const summary = summarise(measured, machine);
process.stdout.write(`${table(summary)}\n`);
if (options.json) await writeFile(options.json, `${JSON.stringify(summary, null, 2)}\n`);
process.exitCode = summary.problems.length > 0 ? 1 : 0;
