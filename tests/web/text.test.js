/**
 * A text of one's own: brought by file and by paste, kept in this browser, named by a link, refused with a sentence; and
 * encoded in the tokens of a vocabulary that is learned on it.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "./serve.js";
import { dist, executable, FLAGS } from "./browser.js";

const SMALL =
  "v=1&p=repeat&data.kind=text&data.length=16&model.width=16&model.layers=1&train.steps=20000&sandbox.search=none";
const TOKENS = SMALL.replace("data.kind=text", "data.kind=tokens");
const NOTES = Array.from({ length: 200 }, (_, n) => `Note ${n} says that ${2 * n + 1} is odd.`).join("\n\n");

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  server = await serve(dist());
  browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.goto(`${server.url}#${SMALL}`);
  await page.locator("details[data-drawer=inputs] > summary").click();
  await page.waitForSelector('own-text .state:has-text("the text that comes with the page")', { timeout: 60_000 });
});

after(async () => {
  await browser.close();
  await server.close();
});

/** @param {string} name @param {Buffer} buffer */
function choose(name, buffer) {
  return page.locator("#text-file").setInputFiles({ name, mimeType: "text/plain", buffer });
}

test("a text that cannot be used is refused with a sentence, and the model that trains goes on", async () => {
  const begun = page.url();
  await page.locator("#play").click();
  await page.waitForSelector("arm-cards :text('bits per character')", { timeout: 60_000, state: "attached" });
  const bad = /** @type {const} */ ([
    ["binary.bin", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]), "no text in UTF-8"],
    ["long.txt", Buffer.alloc(10_000_000, "a"), "10.0 MB, and a text has at most 2 MB"],
    ["one.txt", Buffer.from("a"), "it has 1 character,"],
    ["blank.txt", Buffer.from(" \n".repeat(500)), "white space"],
  ]);
  for (const [name, bytes, reason] of bad) {
    await choose(name, bytes);
    await page.waitForSelector(`notice-list :text(${JSON.stringify(reason)})`, { timeout: 20_000 });
    assert.equal(page.url(), begun, name);
  }
  const step = () => page.locator("arm-cards").innerText();
  const then = await step();
  await page.waitForFunction((text) => document.querySelector("arm-cards")?.textContent !== text, then);
});

test("a text is named by its content in the link, and is there again after a reload", async () => {
  await choose("my notes.txt", Buffer.from(NOTES));
  await page.waitForSelector('own-text .state:has-text("my notes.txt")', { timeout: 20_000 });
  assert.match(page.url(), /data\.corpus=[0-9a-f]{64}/);
  assert.match(page.url(), /view\.text=my%20notes\.txt/);
  await page.reload();
  await page.locator("details[data-drawer=inputs] > summary").click();
  await page.waitForSelector('own-text .state:has-text("Trained on “my notes.txt”")', { timeout: 60_000 });
  await page.waitForSelector('own-text .note:has-text("200 passages")');
});

test("elsewhere the same link says which file it needs, and is content with that file", async () => {
  const session = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const other = await session.newPage();
  await other.goto(page.url());
  await other.locator("details[data-drawer=inputs] > summary").click();
  await other.waitForSelector('own-text[data-lacks] .state:has-text("This link needs “my notes.txt”")', {
    timeout: 60_000,
  });
  await other.locator("own-text details summary").click();
  await other.locator("#text-paste").fill(NOTES);
  await other.locator("own-text details button").click();
  await other.waitForSelector("own-text:not([data-lacks])", { timeout: 20_000 });
  await session.close();
});

test("a frame of another page has the text that comes with the page, and says which other one it needs", async () => {
  const frame = await browser.newPage({ viewport: { width: 640, height: 900 } });
  await frame.goto(`${server.url}embed.html#${SMALL}`);
  await frame.locator(".part.inputs > summary").click();
  await frame.waitForSelector('own-text .state:has-text("the text that comes with the page")', { timeout: 60_000 });
  await frame.locator("#play").click();
  await frame.waitForSelector("arm-cards :text('bits per character')", { timeout: 60_000, state: "attached" });
  const hash = "ab".repeat(32);
  await frame.goto(`${server.url}embed.html?again#${SMALL}&data.corpus=${hash}&view.text=diary.txt`);
  await frame.locator(".part.inputs > summary").click();
  await frame.waitForSelector('own-text[data-lacks] .state:has-text("needs “diary.txt” (SHA-256 abababababab…)")', {
    timeout: 60_000,
  });
  await frame
    .locator("#text-file")
    .setInputFiles({ name: "mine.txt", mimeType: "text/plain", buffer: Buffer.from(NOTES) });
  await frame.waitForSelector('own-text:not([data-lacks]) .state:has-text("Trained on “mine.txt”")', {
    timeout: 20_000,
  });
  await frame.close();
});

/** The page at a link, with the drawer that holds the text, in a browser that keeps nothing yet. @param {string} link */
async function opened(link) {
  const session = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const own = await session.newPage();
  await own.goto(`${server.url}#${link}`);
  await own.locator("details[data-drawer=inputs] > summary").click();
  await own.locator("#text-file:not([disabled])").waitFor({ timeout: 60_000, state: "attached" });
  return { own, close: () => session.close() };
}

/**
 * Gives a text, which is encoded with so many tokens where the model reads tokens.
 *
 * @param {import("playwright-core").Page} own
 * @param {{name: string, text: string|Buffer, size?: number}} given
 */
async function give(own, { name, text, size }) {
  if (size !== undefined) await own.locator("#text-vocabulary").fill(String(size));
  await own.locator("#text-file").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
}

/** @param {import("playwright-core").Page} own @param {string} button */
async function saved(own, button) {
  const [file] = await Promise.all([
    own.waitForEvent("download"),
    own.locator("own-text").getByRole("button", { name: button }).click(),
  ]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

/** @param {import("playwright-core").Page} own */
function corpusOf(own) {
  return new URLSearchParams(new URL(own.url()).hash.slice(1)).get("data.corpus");
}

test("a vocabulary size is asked for where a model reads tokens", async () => {
  const { own, close } = await opened(SMALL);
  assert.equal(await own.locator("#text-vocabulary").isVisible(), false);
  await own.selectOption("#field-data-kind", "tokens");
  await own.locator("#text-vocabulary").waitFor({ timeout: 20_000 });
  assert.equal(await own.inputValue("#text-vocabulary"), "512");
  await own.fill("#text-vocabulary", "99999");
  await own.locator("#text-vocabulary").press("Tab");
  assert.equal(await own.inputValue("#text-vocabulary"), "4096");
  await close();
});

test("a text is encoded, trained on, saved with its tokenizer, and there again after a reload and elsewhere", async () => {
  const { own, close } = await opened(TOKENS);
  await own.locator("details[data-drawer=panels] > summary").click();
  await give(own, { name: "my notes.txt", text: NOTES, size: 128 });
  const named = 'own-text .state:has-text("Trained on “my notes.txt”, encoded")';
  await own.waitForSelector(named, { timeout: 60_000 });
  await own.locator("#play").click();
  await own.waitForSelector("arm-cards :text('bits per character')", { timeout: 60_000, state: "attached" });
  await own
    .locator('[data-panel="reference"] figure-card[data-figure="sample"] svg')
    .waitFor({ timeout: 60_000, state: "attached" });
  assert.equal(await own.evaluate(() => document.documentElement.scrollWidth), 390, "it is as wide as a telephone");

  const encoded = await saved(own, "Save the encoded text");
  assert.equal(encoded.name, "my notes.tokens.json");
  assert.equal(createHash("sha256").update(encoded.text).digest("hex"), corpusOf(own));
  const { kind, version, corpus, tokens } = JSON.parse(encoded.text);
  assert.deepEqual([kind, version, corpus], ["encoded text", 1, createHash("sha256").update(NOTES).digest("hex")]);
  assert.ok(tokens > 64 && tokens <= 128, `${tokens} tokens`);
  assert.match(own.url(), new RegExp(`data\\.vocabulary=${tokens}(&|$)`));
  const tokenizer = await saved(own, "Save tokenizer.json");
  assert.equal(tokenizer.name, "tokenizer.json");
  assert.match(tokenizer.text, /^\{\n {2}"/);
  const { model } = JSON.parse(tokenizer.text);
  assert.deepEqual([model.type, Object.keys(model.vocab).length], ["BPE", tokens]);

  await own.reload();
  await own.locator("details[data-drawer=inputs] > summary").click();
  await own.waitForSelector(named, { timeout: 60_000 });

  const other = await opened(new URL(own.url()).hash.slice(1));
  await other.own.waitForSelector('own-text[data-lacks] .state:has-text("This link needs “my notes.txt”, encoded")');
  assert.equal(await other.own.getByRole("button", { name: "Save tokenizer.json" }).isVisible(), false);
  await give(other.own, { name: encoded.name, text: encoded.text });
  await other.own.waitForSelector('own-text:not([data-lacks]) .state:has-text("Trained on “my notes.tokens.json”")', {
    timeout: 20_000,
  });
  assert.equal(corpusOf(other.own), corpusOf(own));
  await other.close();

  // The same text with the same size is the same file; another data set reads the text and not its tokens.
  await give(own, { name: "again.txt", text: NOTES, size: 128 });
  await own.waitForSelector('own-text .state:has-text("Trained on “again.txt”, encoded")', { timeout: 60_000 });
  assert.equal(createHash("sha256").update(encoded.text).digest("hex"), corpusOf(own));
  await own.goto(`${server.url}?characters#${SMALL}`);
  await own.locator("details[data-drawer=inputs] > summary").click();
  await own.locator("#text-file:not([disabled])").waitFor({ timeout: 60_000, state: "attached" });
  await give(own, { name: encoded.name, text: encoded.text });
  await own.waitForSelector("notice-list :text('Choose the data set “Your own text in word pieces”')");
  await close();
});

test("a text that cannot be encoded is refused with a sentence, and the model that trains goes on", async () => {
  const { own, close } = await opened(TOKENS);
  await give(own, { name: "my notes.txt", text: NOTES, size: 128 });
  await own.waitForSelector('own-text .state:has-text("Trained on “my notes.txt”, encoded")', { timeout: 60_000 });
  await own.locator("#play").click();
  await own.waitForSelector("arm-cards :text('bits per character')", { timeout: 60_000, state: "attached" });
  const begun = own.url();
  const bad = /** @type {const} */ ([
    ["binary.bin", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]), "no text in UTF-8"],
    ["long.txt", Buffer.alloc(3_000_000, "a"), "3.0 MB, and a text has at most 2 MB"],
    ["later.json", '{"kind":"encoded text","version":2}', "an encoded text of version 2"],
  ]);
  for (const [name, text, reason] of bad) {
    await give(own, { name, text });
    await own.waitForSelector(`notice-list :text(${JSON.stringify(reason)})`, { timeout: 20_000 });
    assert.equal(own.url(), begun, name);
  }
  // Whatever is said of a text of one character, it is said in the place of what was said before.
  await give(own, { name: "one.txt", text: "a" });
  await own.waitForFunction(
    () => !(document.querySelector("notice-list")?.textContent ?? "").includes("version 2"),
    undefined,
    { timeout: 20_000 },
  );
  await own.waitForSelector('own-text .state:has-text("Trained on “my notes.txt”, encoded")', { timeout: 20_000 });
  assert.equal(own.url(), begun);
  const then = await own.locator("arm-cards").textContent();
  await own.waitForFunction((text) => document.querySelector("arm-cards")?.textContent !== text, then);
  await close();
});

test("the page answers while a vocabulary is learned, and a newer text takes the place of an older one", async () => {
  // Words that hardly repeat are slow to learn.
  let seed = 1;
  const next = (/** @type {number} */ below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const word = () => Array.from({ length: 3 + next(7) }, () => String.fromCharCode(97 + next(26))).join("");
  const line = () => Array.from({ length: 12 }, word).join(" ");
  const long = Array.from({ length: 12_000 }, line).join("\n\n");
  const { own, close } = await opened(TOKENS);
  // How many turns of the page's event loop saw that a vocabulary is being learned, at 60 a second.
  await own.evaluate(() => {
    const seen = /** @type {any} */ (globalThis);
    seen.turns = 0;
    setInterval(() => {
      if (document.querySelector("own-text .state")?.textContent?.startsWith("Learning")) seen.turns += 1;
    }, 16);
  });
  await give(own, { name: "long.txt", text: long, size: 4096 });
  const learning = 'own-text .state:has-text("Learning a vocabulary of")';
  await own.waitForSelector(learning, { timeout: 20_000 });
  // A click is answered before the vocabulary is there.
  await own.locator("own-text details summary").click();
  await own.locator("#text-paste").waitFor({ timeout: 2_000 });
  assert.equal(await own.locator(learning).count(), 1, "the vocabulary was learned before the click was answered");
  assert.ok((await own.evaluate(() => /** @type {any} */ (globalThis).turns)) >= 3);
  await give(own, { name: "my notes.txt", text: NOTES, size: 128 });
  await own.waitForSelector('own-text .state:has-text("Trained on “my notes.txt”, encoded")', { timeout: 60_000 });
  await own.waitForTimeout(500);
  assert.equal(await own.locator("own-text .state", { hasText: "my notes.txt" }).count(), 1);
  await close();
});
