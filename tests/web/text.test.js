/** A text of one's own: brought by file and by paste, kept in this browser, named by a link, refused with a sentence. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "./serve.js";
import { dist, executable, FLAGS } from "./browser.js";

const SMALL =
  "v=1&p=repeat&data.kind=text&data.length=16&model.width=16&model.layers=1&train.steps=20000&sandbox.search=none";
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
  await other.locator("own-text button").click();
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
