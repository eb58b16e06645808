/**
 * The benchmark of fleets on WebGPU: our module for WebGPU beside ours for the CPU on one core, in one headless
 * Chromium, interleaved.
 *
 *   node gpu.mjs [--dist DIR] [--json FILE] [--fleet N]... [--rounds N] [--seconds N] [--flag FLAG]...
 *
 * Each fleet has --seconds, its first steps included; what was measured when they are up counts. --flag is one more of
 * Chromium's, where a card needs it.
 */

import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure } from "./browser.mjs";
import { summarise, table } from "./fleets.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    dist: { type: "string", default: resolve(here, "../../dist") },
    json: { type: "string" },
    fleet: { type: "string", multiple: true, default: ["1", "8", "64", "256"] },
    rounds: { type: "string", default: "20" },
    seconds: { type: "string", default: "300" },
    flag: { type: "string", multiple: true, default: [] },
  },
});

/** A whole number from 1. */
function count(option, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${option} is ${text}; it takes a whole number from 1`);
  return Number(text);
}

/** Without the second line headless Chromium on Linux offers no card; where there is none, it changes nothing. */
const FLAGS = [
  ...["--enable-unsafe-webgpu", "--enable-webgpu-developer-features"],
  ...(process.platform === "linux"
    ? ["--enable-features=Vulkan", "--use-angle=vulkan", "--disable-vulkan-surface", "--ignore-gpu-blocklist"]
    : []),
];

const { measured, machine } = await measure({
  page: "gpu.html",
  request: {
    fleets: options.fleet.map((text) => count("fleet", text)),
    rounds: count("rounds", options.rounds),
    seconds: count("seconds", options.seconds),
  },
  dist: resolve(options.dist),
  flags: [...FLAGS, ...options.flag],
});
const summary = summarise(measured, machine);
process.stdout.write(`${table(summary)}\n`);
if (options.json) await writeFile(options.json, `${JSON.stringify(summary, null, 2)}\n`);
process.exitCode = summary.problems.length > 0 ? 1 : 0;
