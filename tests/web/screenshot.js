/**
 * The picture of the README: `node tests/web/screenshot.js` writes static/screenshot.png from the built page in dist/.
 */

import { chromium } from "playwright-core";
import { serve } from "./serve.js";
import { dist, done, drawn, executable, FLAGS, ready } from "./browser.js";

const server = await serve(dist());
const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
const page = await browser.newPage({ viewport: { width: 1280, height: 960 }, colorScheme: "light" });
await page.goto(`${server.url}#v=1&p=repeat`);
await ready(page);
await page.locator("#play").click();
await done(page);
await drawn(page);
await page.screenshot({ path: "static/screenshot.png" });
await browser.close();
await server.close();
