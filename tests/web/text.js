/**
 * How well a model of characters learns in two minutes: `node tests/web/text.js [SECONDS]` trains a model on the
 * built page in dist/ (2 blocks, width 64, 64 characters, on the text that comes with the page; one learning rate) and
 * prints the bits per character of the reference on held-out passages. With `SHOTS=folder` it keeps
 * pictures of the page at the width of a phone and of a desktop, and of a link whose text is not here.
 */

import { chromium } from "playwright-core";
import { serve } from "./serve.js";
import { dist, executable, FLAGS } from "./browser.js";

const seconds = Number(process.argv[2] ?? 120);
const shots = process.env.SHOTS;
const LINK = "v=1&p=repeat&data.kind=text&model.width=64&model.layers=2&sandbox.search=none";

const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(`${server.url}#${LINK}&train.steps=20000`);
await page.waitForSelector("#play:not([disabled])", { timeout: 60_000, state: "attached" });
for (const drawer of ["inputs", "panels"]) await page.locator(`details[data-drawer=${drawer}] > summary`).click();
await page.locator("#play").click();
await page.waitForTimeout(seconds * 1000);
const panel = page.locator('[data-panel="reference"]').first();
const text = (await panel.innerText()).replace(/\s+/g, " ");
const card = (await page.locator("arm-cards").innerText()).replace(/\s+/g, " ");
process.stdout.write(`after ${seconds} s: ${card}\n${text.slice(0, 400)}\n`);
if (shots) {
  await page.screenshot({ path: `${shots}/desktop.png`, fullPage: true });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `${shots}/phone.png`, fullPage: true });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${server.url}?again#${LINK}&data.corpus=${"ab".repeat(32)}&view.text=my%20diary.txt`);
  await page.waitForSelector("own-text[data-lacks]", { timeout: 60_000, state: "attached" });
  await page.locator("details[data-drawer=inputs] > summary").click();
  await page.locator("own-text").screenshot({ path: `${shots}/lacks.png` });
}
await browser.close();
await server.close();
