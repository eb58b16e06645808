import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { all, markup, matches } from "../fake/markup.js";

const PAGES = await Promise.all(["index.html", "embed.html"].map(markup));
const { RESULTS } = await import("../../../web/app/predict.js");
const elements = new URL("../../../web/app/elements/", import.meta.url);

/** The snippet for other pages leaves the sentence out of a page that asks; the bar of a study counts its trials. */
const SILENT = new Set(["embed-menu", "study-bar"]);

/**
 * The model and what can be done to it are what the question is about; of these only a part is an answer: the attention
 * maps that the one lights, and the losses that the other repeats.
 *
 * @type {Partial<Record<string, string>>}
 */
const ANSWERING = { "model-map": ".peek", "site-actions": ".answer" };

/** Which elements draw what was measured, by what their modules read of the state. */
async function drawing() {
  const files = (await readdir(elements)).filter((name) => name.endsWith(".js"));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, elements), "utf8")));
  return files
    .filter((_, index) =>
      /\b(?:shownView|settledView|referenceView)\(|\b(?:study\.reported|reported)\b(?=[\s\S]*\.(?:figures|sentences|report|card)\b)/.test(
        texts[index] ?? "",
      ),
    )
    .map((name) => name.replace(/\.js$/, ""))
    .filter((name) => !SILENT.has(name));
}

/** @param {import("../fake/markup.js").Element} one */
function hidden(one) {
  for (let above = /** @type {typeof one|null} */ (one); above; above = above.parent)
    if (RESULTS.split(",").some((part) => matches(/** @type {typeof one} */ (above), part))) return true;
  return false;
}

test("while the reader is asked, nothing is shown that draws what was measured", async () => {
  const names = await drawing();
  for (const name of ["answer-line", "contrast-summary", "arm-cards", "arm-panels", "model-map", "verdict-table"])
    assert.ok(names.includes(name), `${name} draws results`);
  for (const page of PAGES)
    for (const one of all(page).filter(({ localName }) => names.includes(localName))) {
      const part = ANSWERING[one.localName];
      const result = part === undefined ? one : all(one).find((inside) => matches(inside, part));
      assert.ok(result && hidden(result), `${one.localName} is shown while asking`);
    }
});

test("the claim of a study is hidden while the reader is asked", () => {
  const claims = PAGES.flatMap(all).filter((one) => matches(one, ".claim"));
  assert.ok(claims.length >= 3, "the Study view, its protocol and the head of the report show it");
  for (const one of claims) assert.ok(hidden(one));
});

test("the parts of the selector are on a page", () => {
  for (const part of RESULTS.split(","))
    assert.ok(
      PAGES.some((page) => all(page).some((one) => matches(one, part))),
      part,
    );
});
