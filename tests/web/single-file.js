/** Where the page as one file is: `SINGLE_FILE`, or where `cargo xtask single-file` puts it. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Its address on this machine. @param {string} fragment */
export function singleFile(fragment) {
  const file = resolve(ROOT, process.env.SINGLE_FILE ?? "target/xtask/single-file/ablation-sandbox.html");
  assert.ok(existsSync(file), `${file} is missing: run \`cargo xtask single-file\`, or set SINGLE_FILE to one`);
  return `${pathToFileURL(file).href}${fragment ? `#${fragment}` : ""}`;
}
