import { chromium } from "playwright-core";
const [,, url, out, w, h, theme, wait, full, click] = process.argv;
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless=new","--no-sandbox","--enable-unsafe-webgpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"] });
const p = await b.newPage({ viewport: { width: +w, height: +h }, colorScheme: theme });
p.on("console", m => console.log("console:", m.text())); p.on("pageerror", e => console.log("pageerror:", e.message));
await p.goto(url);
if (click) { await p.waitForSelector(click); await p.click(click); }
await p.waitForTimeout(+wait);
await p.screenshot({ path: out, fullPage: full === "1" });
await b.close();
