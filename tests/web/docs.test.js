/** The documentation as people read it: axe, no sideways scrolling, no broken policy, and doors of the gallery that open. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { dist, launch } from "./browser.js";
import { serve } from "./serve.js";

const browser = await launch({ webgpu: false });
const server = await serve(dist());
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = readdirSync(join(dist(), "docs")).filter((name) => name.endsWith(".html"));

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390]) {
    test(`every page of the documentation is sound, ${colorScheme}, ${width} px`, async () => {
      assert.ok(PAGES.length > 6, `${PAGES}`);
      for (const name of PAGES) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height: 844 } });
        /** @type {string[]} */
        const said = [];
        page.on("pageerror", (error) => said.push(error.message));
        page.on("console", (message) => message.type() === "error" && said.push(message.text()));
        await page.goto(`${server.url}docs/${name}`);
        await page.evaluate(AXE);
        const violations = await page.evaluate(async () => {
          const found = await /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] });
          return found.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes[0].html}`);
        });
        assert.deepEqual(violations, [], name);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${name} is ${wider} px wider than the screen`);
        assert.deepEqual(said, [], name);
        await page.close();
      }
    });
  }
}

test("a theme that is chosen on a page of the documentation holds on the page", async () => {
  const page = await browser.newPage({ colorScheme: "light" });
  await page.goto(`${server.url}docs/gallery.html`);
  await page.click("[data-theme-toggle]");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await page.goto(server.url);
  await page.locator("theme-toggle button", { hasText: "Light" }).waitFor();
  await page.close();
});

test("the gallery opens a stored report", async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}docs/gallery.html`);
  await page.click("#planted >> text=Open the report");
  await page.locator("#report-title", { hasText: "Components whose truth is known" }).waitFor();
  await page.close();
});

test("a card of the gallery has the snippet that embeds its report from here", async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}docs/gallery.html`);
  await page.click("#planted details.embed > summary");
  const snippet = await page.locator("#planted pre[data-embed]").innerText();
  assert.match(snippet, /^<iframe src="[^"]+"\s+title="Ablation sandbox: Components whose truth is known"/);
  const source = /src="([^"]+)"/.exec(snippet)?.[1]?.replaceAll("&amp;", "&") ?? "";
  assert.ok(source.startsWith(`${server.url}embed.html#`), source);
  await page.goto(source);
  await page.locator("#report-title", { hasText: "Components whose truth is known" }).waitFor();
  await page.close();
});

test.after(() => server.close());
