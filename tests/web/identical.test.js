/**
 * What is computed and drawn in the browser without training is, to the byte, what the command line computes and draws.
 */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { launch, open } from "./browser.js";
import { inEngine } from "./engine.js";
import { spelledOut } from "../../web/app/stored-records.js";

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

/**
 * Where a description of today does not say what one of before said, in the same order; nothing where it says all of it. There may be more
 * to choose from today: an option that is added changes no study, and its result need not be made again (as in the command line's test of
 * the same records).
 *
 * @param {any} today @param {any} then @param {string} [path]
 * @returns {string | undefined}
 */
function unsaid(today, then, path = "") {
  if (Array.isArray(then) && Array.isArray(today)) {
    const left = [...today];
    for (const [index, one] of then.entries()) {
      while (left.length && unsaid(left[0], one) !== undefined) left.shift();
      if (!left.length) return `${path}[${index}]: ${JSON.stringify(one)}`;
      left.shift();
    }
    return undefined;
  }
  if (then && typeof then === "object" && today && typeof today === "object" && !Array.isArray(then)) {
    for (const key of Object.keys(then)) {
      const found = unsaid(today[key], then[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return Object.is(today, then) ? undefined : `${path}: ${JSON.stringify(today)} instead of ${JSON.stringify(then)}`;
}

test("a description that grew says what was said, one with another value does not", () => {
  const then = { value: "gelu", options: [{ value: "gelu" }, { value: "relu" }] };
  const grown = { value: "gelu", options: [{ value: "gelu" }, { value: "elu" }, { value: "relu" }], unit: null };
  assert.equal(unsaid(grown, then), undefined);
  assert.notEqual(unsaid(then, grown), undefined);
  assert.notEqual(unsaid({ ...then, value: "relu" }, then), undefined);
  assert.notEqual(unsaid({ ...then, options: [...then.options].reverse() }, then), undefined);
});

for (const file of readdirSync(RECORDS).filter((name) => name.endsWith(".json"))) {
  test(`${file}: the browser describes the study as the command line did`, async () => {
    const { description } = spelledOut(JSON.parse(readFileSync(new URL(file, RECORDS), "utf8")));
    const { page, close } = await open(browser, "", { path: "blank.html" });
    const here = await inEngine(page, "cpu", describe, { link: description.link });
    // Through the same reader on both sides: every number and every figure's text is compared, and not the order of keys.
    assert.equal(unsaid(JSON.parse(here), description), undefined);
    await close();
  });
}

/**
 * A record read, its outcomes reported on and drawn again: statistics, verdicts, card and figures as text.
 *
 * @param {any} engine @param {{text: string}} given
 */
async function reportOf(engine, { text }) {
  const { sheet, outcomes } = engine.study_of_record(text);
  const study = engine.Study.open(sheet.study.json);
  study.add(outcomes);
  const { figures, written } = study.report();
  return {
    record: study.record(),
    card: written.markdown,
    figures: figures.map((/** @type {any} */ figure) => [figure.name, figure.svg]),
  };
}

test("reports, cards and figures of a study are the same here as on the command line", async () => {
  const expected = (/** @type {string} */ path) =>
    readFileSync(new URL(`../../crates/${path}`, import.meta.url), "utf8");
  const text = expected("report/tests/records/six.ablation.json");
  const { page, close } = await open(browser, "", { path: "blank.html" });
  const here = await inEngine(page, "study", reportOf, { text });
  assert.equal(here.record, text);
  assert.equal(here.card, expected("documents/tests/records/six.card.md"));
  assert.ok(here.figures.length >= 6, `${here.figures.length} figures`);
  for (const [name, svg] of here.figures)
    assert.equal(svg.trim(), expected(`figures/tests/expected/report-${name}.svg`).trim(), name);
  await close();
});

/**
 * Digests of a bench before and after training.
 *
 * @param {any} engine @param {{link: string, steps: number}} given
 */
async function digests(engine, { link, steps }) {
  const digest = async (/** @type {Uint8Array} */ bytes) => {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const bench = await engine.Bench.create(link);
  const initial = await digest(await bench.checkpoint());
  for (let step = 0; step < steps; step += 10) await bench.step(10);
  return { link, steps, initial, trained: await digest(await bench.checkpoint()) };
}

test("weights and what optimisers remember are to the bit those of a native build", async () => {
  const { benches } = JSON.parse(readFileSync(new URL("../bits.json", import.meta.url), "utf8"));
  assert.ok(benches.length >= 6);
  const { page, close } = await open(browser, "", { path: "blank.html" });
  for (const expected of benches) {
    const { link, steps } = expected;
    assert.deepEqual(await inEngine(page, "cpu", digests, { link, steps }), expected);
  }
  await close();
});
