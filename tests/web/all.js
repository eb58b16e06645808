/**
 * All browser tests: `node tests/web/all.js`. Two files at a time, except for those that say how long something takes
 * or keep all cores busy, which have the machine for themselves.
 */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const ALONE = new Set([
  "bench",
  "broken",
  "embed",
  "gpu",
  "ladder",
  "memory",
  "reload",
  "smooth",
  "steady",
  "study",
  "text",
]);

const files = ["", "engines"].flatMap((folder) =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => name.endsWith(".test.js"))
    .map((name) => join(FOLDER, folder, name)),
);

/** Whether a file has the machine for itself. @param {string} file */
function isAlone(file) {
  return ALONE.has(file.slice(FOLDER.length, -".test.js".length));
}

/** Runs some files; whether all of them passed. @param {string[]} chosen @param {number} concurrency */
function pass(chosen, concurrency) {
  const options = ["--test", `--test-concurrency=${concurrency}`, ...chosen];
  return spawnSync(process.execPath, options, { stdio: "inherit" }).status === 0;
}

const together = pass(
  files.filter((file) => !isAlone(file)),
  2,
);
const alone = pass(files.filter(isAlone), 1);
process.exitCode = together && alone ? 0 : 1;
