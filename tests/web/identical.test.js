/** What is drawn in the browser is, to the byte, what the command line drew: data, figures, form, parts and grades of every preset. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { launch, open } from "./browser.js";
import { inEngine } from "./engine.js";

const RECORDS = new URL("../../static/records/", import.meta.url);
const browser = await launch();

/**
 * The description of a study, as text.
 *
 * @param {any} engine @param {{link: string}} given
 */
async function describe(engine, { link }) {
  return JSON.stringify(engine.describe(link));
}

for (const file of readdirSync(RECORDS).filter((name) => name.endsWith(".json"))) {
  test(`${file}: the browser describes the study as the command line did`, async () => {
    const { description } = JSON.parse(readFileSync(new URL(file, RECORDS), "utf8"));
    const { page, close } = await open(browser, "view.stored=1");
    const here = await inEngine(page, "cpu", describe, { link: description.link });
    // Through the same reader and writer on both sides: what is compared is every number's and every figure's text.
    assert.equal(JSON.stringify(JSON.parse(here)), JSON.stringify(description));
    await close();
  });
}
