import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { LARGEST, LARGEST_ENCODED, Texts, readText, textsIn } from "../../../web/app/texts.js";

const sha256 = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");
const NOTES = "Ein Satz über Äpfel.\r\n";
const SHIPPED = "The text that comes with the page.";

/** Texts over a store that is a map. @param {Map<string, import("../../../web/app/result-store.js").StudyFile>} [files] */
function stage(files = new Map()) {
  const results = {
    file: async (/** @type {string} */ id = "") => files.get(id) ?? null,
    keepFile: async (/** @type {any} */ file, /** @type {string} */ id = "") => void files.set(id, file),
  };
  return { files, texts: new Texts({ results, folder: new URL("http://page.test/static/corpora/") }) };
}

globalThis.fetch = /** @type {any} */ (
  async (/** @type {URL} */ { pathname }) =>
    pathname.endsWith("index.json")
      ? new Response(JSON.stringify([{ file: "shipped.txt", sha256: sha256(SHIPPED) }]))
      : new Response(SHIPPED)
);

test("a text is named by its bytes, and found again in the store of another visit", async () => {
  const { files, texts } = stage();
  const hash = await texts.keep(NOTES, "notes.txt");
  assert.equal(hash, sha256(NOTES));
  const [found] = await stage(files).texts.find([hash]);
  assert.deepEqual([found?.sha256, new TextDecoder().decode(found?.bytes)], [hash, NOTES]);
});

test("a stored text that was changed is not found, and neither is one that nobody brought", async () => {
  const hash = sha256(NOTES);
  const { texts } = stage(new Map([[`text ${hash}`, { text: `${NOTES} and more`, name: "notes.txt" }]]));
  assert.deepEqual(await texts.find([hash, "ab".repeat(32)]), []);
});

test("the text that comes with the page is fetched when it is asked for", async () => {
  const [found] = await stage().texts.find([sha256(SHIPPED)]);
  assert.equal(new TextDecoder().decode(found?.bytes), SHIPPED);
});

test("what is no text is refused with a sentence, and what is too large is not read", async () => {
  await assert.rejects(readText(new Blob([new Uint8Array([0x89, 0x50, 0xff])]), "image.png"), {
    code: "bad-study",
    message: /^image\.png is no text in UTF-8/,
  });
  const large = /** @type {any} */ ({ size: LARGEST_ENCODED + 1, arrayBuffer: () => assert.fail("it was read") });
  await assert.rejects(readText(large, "large.txt"), { message: "large.txt has 4.0 MB, and a text has at most 2 MB." });
  const folder = /** @type {any} */ ({ size: 4096, arrayBuffer: () => Promise.reject(new Error("NotFoundError")) });
  await assert.rejects(readText(folder, "folder"), { message: "folder cannot be read." });
  assert.equal(
    await readText(new Blob(["\ufeffשלום 👩‍🔬"]), "mark.txt"),
    "\ufeffשלום 👩‍🔬",
    "the mark belongs to its hash",
  );
});

test("an encoded text may be larger than a text", async () => {
  const encoded = JSON.stringify({ kind: "encoded text", version: 1, tokens: 64, tokenizer: {}, train: "" });
  const filled = (/** @type {string} */ text) => text.replace('""', `"${"A".repeat(LARGEST)}"`);
  assert.equal(await readText(new Blob([filled(encoded)]), "large.json"), filled(encoded));
  for (const text of [filled('{"kind":"text","train":""}'), "a".repeat(LARGEST + 1)])
    await assert.rejects(readText(new Blob([text]), "large.txt"), {
      message: "large.txt has 2.0 MB, and a text has at most 2 MB.",
    });
});

test("the texts of trials are named once each", () => {
  const [one, other] = [sha256("one"), sha256("other")];
  const trials = [one, other, one].map((hash) => ({ settings: { "data.corpus": hash, "data.kind": "text" } }));
  assert.deepEqual(textsIn(JSON.stringify(trials)), [one, other]);
  assert.deepEqual(textsIn('[{"settings":{"data.kind":"repeat"}}]'), []);
});
