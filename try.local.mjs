import { chromium } from "playwright-core";
const url = process.argv[2], out = process.argv[3];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--headless=new","--no-sandbox","--enable-unsafe-webgpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.on("pageerror", (e) => console.log("pageerror", e.message));
page.on("console", (m) => { if (m.type() === "error") console.log("console", m.text()); });
const t0 = Date.now(); const say = (m) => console.log(`${((Date.now() - t0) / 1000).toFixed(1)} s ${m}`);
await page.goto(url);
await page.locator("#play:not([disabled])").waitFor({ timeout: 60000 });
say("play is enabled");
await page.click("#play");
await page.waitForTimeout(8000);
say("status: " + (await page.locator("run-bar .status").innerText()));
await page.screenshot({ path: `${out}-train.png` });
await page.locator("#tab-study").click();
await page.waitForTimeout(4000);
say("notices: " + (await page.locator(".notices").allInnerTexts()).join(" | "));
await page.screenshot({ path: `${out}-study.png` });
if (process.argv[4] === "wait") {
  await page.locator(".notices", { hasText: "is there now" }).waitFor({ timeout: 900000 });
  say("picked up: " + (await page.locator(".notices").allInnerTexts()).join(" | "));
  await page.waitForTimeout(3000);
  await page.screenshot({ path: `${out}-picked.png` });
}
await browser.close();
