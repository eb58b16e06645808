/** Finds the Chromium to drive: the variable CHROMIUM, or the usual names on the search path. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** @returns {string} the path of an executable */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of NAMES) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not in this folder
      }
    }
  }
  throw new Error(
    `no Chromium found: install one (Debian: apt-get install chromium) or set CHROMIUM to its path; looked for ${NAMES.join(", ")}`,
  );
}
