/** A stored report as it is read: what comes first, what is linked, what is left out, and what is printed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN, drawn, launch, open } from "./browser.js";

const browser = await launch();

const REPORT = "v=1&p=repeat&view.tab=report&view.study=positions-causal";

/** @param {string} fragment @param {import("playwright-core").BrowserContextOptions} [context] */
async function report(fragment = REPORT, context = {}) {
  const opened = await open(browser, fragment, { context });
  await opened.page.locator("report-figures svg").first().waitFor({ timeout: RUN });
  await opened.page.locator("body:not([data-drawing])").waitFor();
  await drawn(opened.page);
  return opened;
}

test("the figure and one sentence a component come first, and what qualifies them is a click away", async () => {
  const { page, close } = await report();
  const components = await page.locator("verdict-table tbody tr").count();
  const about = page.locator("report-sentences li[data-component]");
  assert.equal(await about.count(), components);
  for (const text of await about.locator(".first").allInnerTexts()) assert.match(text, /^: the ablated model.*\.$/);
  assert.equal(await about.first().locator("details p").isVisible(), false);
  const [figure, sentence, facts, table] = await Promise.all(
    ["report-figures svg", "report-sentences li", "report-facts", "verdict-table"].map(
      async (selector) => (await page.locator(selector).first().boundingBox())?.y ?? NaN,
    ),
  );
  assert.ok(/** @type {number} */ (figure) < 450 && /** @type {number} */ (sentence) < 300, `${figure} ${sentence}`);
  assert.ok(
    /** @type {number} */ (facts) < /** @type {number} */ (table),
    "the numbers stand above what rests on them",
  );
  assert.match(await page.locator("report-facts").innerText(), /400 steps of 8[^]*learning rate 0\.012/);
  await close();
});

test("a gap that was shown to be smaller than the margin is read as that", async () => {
  const { page, close } = await report();
  const row = page.locator('verdict-table tr[data-component="position"]');
  assert.match(
    (await row.locator('[data-question="necessity"]').innerText()).replaceAll(/\s+/g, " "),
    /^within the margin 0\.000 \[0\.000, 0\.000\]/,
  );
  assert.match(await row.locator('[data-question="disruption"]').innerText(), /^\+5\.69/);
  assert.doesNotMatch(
    await page.locator("verdict-table").innerText(),
    /\de[−-]\d/,
    "no power of ten beside the margin",
  );
  await close();
});

test("a component that is pointed at is marked in the figure, the sentences and the table", async () => {
  const { page, close } = await report();
  const marked = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("[data-marked]")].map(
        (one) => `${one.localName} ${one.getAttribute("data-component")}`,
      ),
    );
  const both = (/** @type {string} */ component) => [`li ${component}`, `tr ${component}`];
  await page.locator('verdict-table tr[data-component="blocks.1.attn"] th').hover();
  await page.locator("report-figures .band").waitFor({ state: "attached" });
  assert.deepEqual(await marked(), both("blocks.1.attn"));
  const band = await page.locator("report-figures .band").boundingBox();
  const label = await page
    .locator('report-figures[data-which="first"] text', { hasText: "− blocks.1.attn" })
    .first()
    .boundingBox();
  const middle = label ? label.y + label.height / 2 : NaN;
  assert.ok(band && band.y < middle && band.y + band.height > middle, "around its label");
  await page.locator("report-figures text", { hasText: "− position" }).first().hover();
  await page.waitForFunction(() => document.querySelector('tr[data-component="position"][data-marked]'));
  assert.deepEqual(await marked(), both("position"));
  // By keyboard: what has the focus is about a component.
  await page.mouse.move(2, 2);
  await page.locator('report-sentences li[data-component="blocks.0.attn"] summary').focus();
  await page.waitForFunction(() => document.querySelector('tr[data-component="blocks.0.attn"][data-marked]'));
  assert.deepEqual(await marked(), both("blocks.0.attn"));
  await close();
});

test("figures that have nothing to show are left out, and a sentence says why", async () => {
  const { page, close } = await report();
  const others = page.locator('report-figures[data-which="others"]');
  const shown = await others
    .locator("figure-card")
    .evaluateAll((cards) => cards.map((card) => /** @type {HTMLElement} */ (card).dataset.figure));
  assert.ok(shown.includes("recovery") && !shown.includes("power"), shown.join(", "));
  assert.match(
    await others.locator(".left-out").innerText(),
    /^Left out of the figures: the recovery of .+, because ablating them makes no difference above the margin; the power,/,
  );
  await close();
});

test("a report says how to cite it, with its version, registration and link", async () => {
  const { page, close } = await report();
  const [citation, hash, version] = await Promise.all([
    page.locator("report-citation .citation").innerText(),
    page.locator("report-facts dd", { hasText: /^[0-9a-f]{16}$/ }).innerText(),
    page.locator('[data-cite="version"]').innerText(),
  ]);
  for (const part of [version, hash, "Position embeddings in a causal transformer", "view.study=positions-causal"])
    assert.ok(citation.includes(part), `${part} in ${citation}`);
  await close();
});

test("what is read is at least 12 px high, and nothing is cut, on every width", async () => {
  const { page, close } = await report();
  for (const width of [1920, 1280, 1000, 700, 390, 360, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await drawn(page);
    const found = await page.evaluate(() => {
      const wrong = [];
      for (const text of document.querySelectorAll("#view-report figure-card svg text")) {
        const svg = /** @type {SVGTextElement} */ (text).ownerSVGElement;
        if (!svg || text.getClientRects().length === 0) continue;
        const [box, frame] = [text.getBoundingClientRect(), svg.getBoundingClientRect()];
        const height = (parseFloat(getComputedStyle(text).fontSize) * frame.width) / svg.viewBox.baseVal.width;
        const about = `${text.closest("figure-card")?.getAttribute("data-figure")}: ${text.textContent}`;
        if (height < 12) wrong.push(`${height.toFixed(1)} px, ${about}`);
        if (box.left < -1 || box.right > innerWidth + 1) wrong.push(`cut, ${about}`);
      }
      for (const drawing of document.querySelectorAll("#view-report .drawing"))
        if (drawing.scrollWidth > drawing.clientWidth + 1) wrong.push(`scrolls, ${drawing.parentElement?.textContent}`);
      if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
      return wrong;
    });
    assert.deepEqual(found, [], `${width} px`);
  }
  await close();
});

test("a printed report is a document: light, whole, without controls, with its address", async () => {
  const { page, close } = await report(`${REPORT}&view.theme=dark`, {
    colorScheme: "dark",
    // The width of the text on A4.
    viewport: { width: 695, height: 1000 },
  });
  await page.emulateMedia({ media: "print" });
  await drawn(page);
  const paper = await page.evaluate(() => ({
    ground: getComputedStyle(document.documentElement).getPropertyValue("--paper").trim(),
    ink: getComputedStyle(document.body).color,
    address: document.querySelector(".printed")?.textContent,
    controls: [...document.querySelectorAll("button, select, input, textarea")].filter(
      (one) => one.getClientRects().length > 0,
    ).length,
    closed: [...document.querySelectorAll("report-sentences .more, report-protocol details")].filter(
      (one) => one instanceof HTMLDetailsElement && !one.open && one.getClientRects().length > 0,
    ).length,
    wide: [...document.querySelectorAll("#view-report *")]
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => `${one.localName}.${one.getAttribute("class")}`),
    head: getComputedStyle(/** @type {Element} */ (document.querySelector("verdict-table thead"))).display,
  }));
  assert.deepEqual(paper, {
    ground: "#ffffff",
    ink: "rgb(0, 0, 0)",
    address: page.url(),
    controls: 0,
    closed: 0,
    wide: [],
    head: "table-header-group",
  });
  const pdf = await page.pdf({ format: "A4" });
  assert.match(pdf.subarray(0, 5).toString(), /^%PDF-/);
  await page.emulateMedia({ media: "screen" });
  await drawn(page);
  assert.equal(await page.locator("report-sentences .more[open]").count(), 0, "afterwards it is as it was");
  await close();
});

for (const [name, fragment, there] of [
  ["sandbox", "v=1&p=repeat&view.theme=dark", "contrast-summary"],
  ["study", "view.study=positions-causal&view.tab=study&view.theme=dark", "run-grid .row"],
])
  test(`a printed ${name} has no controls and fits its sheet`, async () => {
    const { page, close } = await open(browser, fragment ?? "", {
      context: { viewport: { width: 695, height: 1000 } },
    });
    await page.locator("body:not([data-drawing])").waitFor();
    await page
      .locator(there ?? "")
      .first()
      .waitFor();
    await page.emulateMedia({ media: "print" });
    await drawn(page);
    const controls = page.locator("button:not(.site):visible, select:visible, input:not([type=checkbox]):visible");
    assert.deepEqual(await controls.allInnerTexts(), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 695);
    assert.equal(await page.locator(".printed").innerText(), page.url());
    await close();
  });
