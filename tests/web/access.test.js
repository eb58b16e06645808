/** Everyone can use it: axe, the keyboard, narrow screens, zoom, and nothing asked of other hosts. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { violations } from "./axe.js";
import { record } from "./fake/assemble.js";
import { RUN, SMALL, ablate, dist, done, drawn, launch, open, ready, reveal } from "./browser.js";

const browser = await launch();

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const [width, height] of /** @type {const} */ ([
    [1280, 900],
    [375, 812],
  ])) {
    test(`axe finds nothing, ${colorScheme}, ${width} px`, async () => {
      const { page, close } = await open(browser, `${SMALL.transformer}&model.colour=red`, {
        context: { colorScheme, viewport: { width, height } },
      });
      await ready(page);
      assert.deepEqual(await violations(page), [], "at rest");
      await ablate(page, "position", "Mean");
      await page.click("#play");
      await done(page);
      await reveal(page, "inputs", "panels", "tour");
      for (const twin of await page.locator("details.twin > summary").all()) await twin.click();
      for (const closed of await page.locator("details:not([open]) > summary").all())
        if (await closed.isVisible()) await closed.click();
      await reveal(page, "options");
      await drawn(page);
      assert.deepEqual(await violations(page), [], "with everything open and everything run");
      await close();
    });
  }
}

/** Every preset and every study that ships with the page, as stored: what is drawn of them, without the training. */
const PRESETS = readdirSync(join(dist(), "static/records")).filter((name) => name.endsWith(".json"));
const STUDIES = JSON.parse(readFileSync(join(dist(), "static/studies/index.json"), "utf8"));

test("axe finds nothing on any preset or stored report, in both themes and at both widths", async () => {
  assert.ok(PRESETS.length > 5 && STUDIES.length > 5);
  const { page, url, close } = await open(browser, "view.stored=1");
  const check = async (/** @type {string} */ fragment, /** @type {string} */ there) => {
    // From a fragment to another a browser keeps the document.
    await page.goto("about:blank");
    await page.goto(`${url}#${fragment}`);
    await page.locator(there).first().waitFor({ timeout: RUN });
    await page.locator("body:not([data-drawing])").waitFor();
    for (const width of [1280, 375])
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violations(page), [], `${fragment}, ${colorScheme}, ${width} px`);
      }
  };
  for (const preset of PRESETS)
    await check(`v=1&p=${preset.replace(".json", "")}&view.stored=1`, "answer-line[data-state=known]");
  for (const { name } of STUDIES) await check(`view.study=${name}&view.tab=report`, "report-figures svg");
  await close();
});

test("axe finds nothing on a stored result", async () => {
  const stored = JSON.stringify(await record("repeat"));
  const { page, close } = await open(browser, "view.stored=1", {
    override: (path) => (path === "/static/records/repeat.json" ? stored : undefined),
  });
  await page.locator(".sentence-big", { hasText: "Ablating" }).waitFor();
  await drawn(page);
  assert.deepEqual(await violations(page), []);
  await close();
});

for (const [name, width, height] of /** @type {const} */ ([
  ["320 px", 320, 640],
  ["1280 px at a zoom of 200 %", 640, 450],
])) {
  test(`nothing scrolls two ways at ${name}`, async () => {
    const { page, close } = await open(browser, SMALL.transformer, { context: { viewport: { width, height } } });
    await ready(page);
    await ablate(page, "position", "Mean");
    await page.click("#play");
    await done(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    await close();
  });
}

test("the run bar is reached and worked by keyboard, in reading order", async () => {
  const { page, close } = await open(browser, SMALL.transformer.replace("train.steps=80", "train.steps=5000"));
  await ready(page);
  /** @type {string[]} */
  const names = [];
  for (let i = 0; i < 40 && names.at(-1) !== "One step"; i++) {
    if (names.at(-1) === "Run options") await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    names.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ""));
  }
  const order = ["Skip to the outcomes", "Train", "New seed", "Run options", "One step"].map((name) =>
    names.indexOf(name),
  );
  assert.ok(
    order.every((at, index) => at >= 0 && at > (order[index - 1] ?? -1)),
    names.join(" | "),
  );
  await page.locator("#play").focus();
  await page.keyboard.press("Enter");
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "play", "the focus stays where it is");
  await page.locator('button[data-site="position"]').focus();
  await page.keyboard.press("Enter");
  await page.locator("site-actions").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.equal(
    await page.evaluate(() => Boolean(document.activeElement?.closest("site-actions"))),
    true,
    "the actions come next",
  );
  await close();
});

test("what happens is said in the live region", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  await page.click("#play");
  await page.locator("#live", { hasText: /Training started|Training is done/ }).waitFor({ state: "attached" });
  await close();
});

test("the skip link moves the focus and leaves the study alone", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  const before = page.url();
  await page.locator("a.skip").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "outcomes-title");
  assert.equal(page.url(), before);
  await close();
});

test("the focus is not lost with the button that had it", async () => {
  const { page, close } = await open(browser, `${SMALL.transformer}&view.autorun=0`);
  await ready(page);
  const press = async (/** @type {import("playwright-core").Locator} */ button) => {
    // A button that waits for the engine may be shown, hidden and shown again; it is pressed once it has the focus.
    do await button.focus();
    while (!(await button.evaluate((one) => one === document.activeElement)));
    await page.keyboard.press("Enter");
  };
  const focus = (/** @type {string} */ selector) =>
    page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
  await ablate(page, "position", "Mean");
  await press(page.getByRole("button", { name: "Undo" }));
  await focus("site-actions h3");
  await press(page.getByRole("button", { name: "Reset to the preset" }));
  await focus("#preset");
  await page.locator("#tab-report").click();
  await press(page.getByRole("button", { name: "Go to the study" }));
  await focus("#study-title");
  await page
    .locator("#study-file")
    .setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("not json") });
  await press(page.getByRole("button", { name: "Dismiss" }));
  await focus("#tab-study");
  await page.locator("#study-from").selectOption("positions-causal");
  await press(page.getByRole("button", { name: "Study what the sandbox shows" }));
  await focus("component-list h3");
  await close();
});

test("the theme follows the link, and its button turns it around", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat&view.theme=dark", { context: { colorScheme: "light" } });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await ready(page);
  const dark = await ground();
  await page.getByRole("button", { name: "Turn the page light" }).click();
  await drawn(page);
  assert.notEqual(await ground(), dark);
  assert.match(page.url(), /view\.theme=light/);
  await close();
});

test("no other host is asked for anything", async () => {
  const { page, url, requests, close } = await open(browser, SMALL.points);
  await ready(page);
  await page.click("#play");
  await done(page);
  assert.deepEqual(
    requests.filter((one) => !one.startsWith(url) && !one.startsWith("data:")),
    [],
  );
  await close();
});
