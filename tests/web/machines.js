/**
 * Whether verdicts hang on the machine: `node tests/web/machines.js` runs stored studies from nothing on the built page in
 * dist/, whose instructions are those of WebAssembly (128 bits wide, no fused multiply-add), and compares what they say
 * with the stored records, which a native build computed. Every CPU gives the same digits
 * (`tests/web/identical.test.js`), so verdicts must not differ.
 * Arguments name other studies of static/studies/; without any it is the two of positions.
 */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { dist, executable, FLAGS } from "./browser.js";
import { serve } from "./serve.js";

const STUDIES = fileURLToPath(new URL("../../static/studies/", import.meta.url));
/** Longer than any of these studies, in milliseconds. */
const PATIENCE = 3_600_000;
const named = process.argv.slice(2);
const studies = named.length > 0 ? named : ["positions-causal", "positions-bidirectional"];

/**
 * What a record says of each component.
 *
 * @param {any} record
 * @returns {Map<string, string>}
 */
function verdicts(record) {
  const said = record.report.analysis.components.map((/** @type {any} */ component) => [
    component.label,
    [component.combined ?? "none", ...component.modifiers].join(", "),
  ]);
  return new Map(said);
}

/** Runs a study on the page and returns its record. @param {string} url @param {string} study */
async function onThePage(url, study) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${url}#v=1&view.tab=study`);
  await page.setInputFiles("#study-file", `${STUDIES}${study}.json`);
  await page.locator("study-bar .status", { hasText: "Ready" }).waitFor({ timeout: PATIENCE });
  await page.click("#study-go");
  await page.locator("study-bar .status", { hasText: "Done" }).waitFor({ timeout: PATIENCE });
  await page.goto(page.url().replace("view.tab=study", "view.tab=report"));
  const download = page.waitForEvent("download", { timeout: PATIENCE });
  await page.locator('report-exports button[data-format="record"]').click({ timeout: PATIENCE });
  const record = JSON.parse(await readFile(await (await download).path(), "utf8"));
  await page.close();
  return record;
}

const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
let different = 0;
try {
  for (const study of studies) {
    const native = JSON.parse(await readFile(`${STUDIES}${study}.record.json`, "utf8"));
    const here = await onThePage(server.url, study);
    const shared = Object.keys(here.outcomes).filter((id) => native.outcomes[id]);
    const same = shared.filter((id) => JSON.stringify(here.outcomes[id]) === JSON.stringify(native.outcomes[id]));
    process.stdout.write(`${study}: ${shared.length} shared trials, ${same.length} with the same bytes\n`);
    const found = verdicts(here);
    for (const [label, verdict] of verdicts(native)) {
      const same = found.get(label) === verdict;
      different += Number(!same);
      process.stdout.write(
        `  ${same ? "same     " : "DIFFERENT"} ${label}: ${verdict}${same ? "" : ` here ${found.get(label)}`}\n`,
      );
    }
  }
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = different > 0 ? 1 : 0;
