/**
 * A study from its first run to its report, on the CPU module: paused, left and taken up again, taken away and brought
 * back.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { violations } from "./axe.js";
import { RUN, drawn, launch, open } from "./browser.js";
import { termsOf } from "../../web/app/glossary.js";

const browser = await launch();

/** Two variants, two seeds, two search points, twenty steps, a width of eight: a study of seconds. */
const TINY =
  "v=1&p=repeat&model.layers=1&model.width=8&train.steps=20&study.seeds=2&study.trials=2&study.without=position,blocks.0.mlp";
/** The same with steps enough to be interrupted in. */
const LONGER = TINY.replace("train.steps=20", "train.steps=400");

/** @typedef {import("./browser.js").Page} Page */

/** @param {Page} page @param {string|RegExp} text */
const status = (page, text) => page.locator("study-bar .status", { hasText: text }).waitFor({ timeout: RUN });

/** Waits until the study can be started. @param {Page} page */
async function studyReady(page) {
  await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
}

/** @param {Page} page */
async function runs(page) {
  return Number(
    /(\d+)(?: of| trials)/.exec((await page.locator("study-bar .status").innerText()).replaceAll("\u202f", ""))?.[1] ??
      0,
  );
}

/** @param {Page} page */
async function finish(page) {
  await studyReady(page);
  await page.click("#study-go");
  await status(page, "Done");
}

/** Opens whatever can be opened. @param {Page} page */
async function unfold(page) {
  await page.evaluate(() => {
    for (const closed of document.querySelectorAll("details:not([open])"))
      /** @type {HTMLDetailsElement} */ (closed).open = true;
  });
}

/** @param {Page} page @param {string} format */
async function download(page, format) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(`[data-format="${format}"]`)]);
  return { name: file.suggestedFilename(), path: await file.path(), text: await readFile(await file.path(), "utf8") };
}

test("a study runs to its end, says what it found and can be taken away", async () => {
  const { page, close } = await open(browser, `${TINY}&view.tab=study`);
  await studyReady(page);
  // The cost is known before the start.
  await page
    .locator("study-protocol .total", { hasText: /\d+ trials, [\d\s]+ training steps, about .+ here/ })
    .waitFor();
  assert.equal(await page.locator("study-protocol .tier").count(), 3);
  await finish(page);
  assert.equal(await page.locator('run-grid .cells i[data-state="waiting"]').count(), 0);
  assert.ok((await page.locator("run-grid .row").count()) >= 4 + 12);
  await page.click("#tab-report");
  await page.locator("report-figures svg").first().waitFor();
  assert.match(page.url(), /view\.tab=report/);
  assert.equal(await page.locator("verdict-table tbody tr").count(), 2);
  assert.match(await page.locator("report-head .badge").innerText(), /^computed here, on /);
  assert.match(await page.locator('verdict-table [data-question="necessity"]').first().innerText(), /[+−]\d/);
  const sentences = await page.locator("report-sentences li").allInnerTexts();
  const stays = sentences.filter((text) => text.startsWith("Every verdict stays the same "));
  assert.equal(sentences.length - stays.length, 2, "one for each component");
  assert.ok(stays.length <= 1);
  assert.ok((await page.locator("report-protocol .card details").count()) >= 14);
  assert.match(await page.locator("report-exports").innerText(), /ablation run study\.json/);
  const record = await download(page, "record");
  assert.equal(JSON.parse(record.text).schema, "ablation-record/v2");
  const { text: file, name } = await download(page, "study");
  assert.deepEqual([name, JSON.parse(file).variants.length], ["study.json", 2]);
  const lines = (await download(page, "csv")).text.trim().split("\n");
  assert.ok(lines.length > 4 && lines.every((line) => line.includes(",")));
  assert.match((await download(page, "markdown")).text, /^\|.+\|$/m);
  assert.match((await download(page, "latex")).text, /\\begin\{tabular/);
  assert.match((await download(page, "svg")).text, /^<svg[\s\S]+<\/svg>\s*$/);
  assert.match((await download(page, "card")).text, /^<!doctype html>/);

  // The record is a study of its own: brought back on a fresh page, it is shown as stored and nothing is run.
  const other = await open(browser, "v=1&p=repeat&view.tab=report");
  await other.page.locator("report-head .empty").waitFor();
  await other.page.setInputFiles("#study-file", record.path);
  await other.page.locator("report-figures svg").first().waitFor({ timeout: RUN });
  assert.match(await other.page.locator("report-head .badge").innerText(), /^stored/);
  assert.equal(await other.page.locator("verdict-table tbody tr").count(), 2);
  await other.page.click("#tab-study");
  await status(other.page, "Done");
  await other.page.reload();
  await status(other.page, "Done");
  await other.close();
  await close();
});

test("a study pauses, and goes on where it stood after the page is loaded again", async () => {
  const { page, close } = await open(browser, `${LONGER}&view.tab=study`);
  await studyReady(page);
  await page.click("#study-go");
  await status(page, "Running");
  await page.waitForFunction(
    () => /Running, ([1-9]\d*) of/.test(document.querySelector("study-bar .status")?.textContent ?? ""),
    undefined,
    { timeout: RUN },
  );
  await page.click("#study-go");
  await status(page, "Paused");
  await drawn(page);
  const at = await runs(page);
  await page.waitForTimeout(600);
  assert.equal(await runs(page), at, "nothing runs on");
  const bar = page.locator("study-bar [role=progressbar]");
  assert.equal(Number(await bar.getAttribute("aria-valuenow")), at, "the bar counts what the words count");
  const [done = NaN, all = NaN] = await bar.evaluate((element) =>
    [element.firstElementChild, element].map((one) => one?.getBoundingClientRect().width),
  );
  assert.ok(
    Math.abs(done / all - at / Number(await bar.getAttribute("aria-valuemax"))) < 0.01,
    `${done} of ${all} pixels`,
  );
  await page.reload();
  await status(page, "Paused");
  assert.ok((await runs(page)) >= at, "what was found is there");
  await page.locator("study-protocol .total", { hasText: "about" }).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await status(page, "Running");
  await page.click("#tab-report");
  await page.locator("report-head .partial", { hasText: "Partial" }).waitFor({ timeout: RUN });
  await page.click("#tab-study");
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Yes, discard" }).click();
  await status(page, "Ready, 0 of");
  await close();
});

test("what is compared is chosen by ticking, and is in the link", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat&model.layers=1&model.width=8&view.tab=study");
  await studyReady(page);
  const chosen = () => page.locator("component-list .choice[data-chosen] code").allInnerTexts();
  assert.deepEqual(await chosen(), ["− position", "− blocks.0.attn"], "the component of the sandbox, and others");
  await page.getByLabel("− blocks.0.mlp").check();
  await page.waitForFunction(() => location.hash.includes("study.without=position,blocks.0.attn,blocks.0.mlp"));
  await page.getByLabel("gelu → relu").check();
  await page.waitForFunction(() => location.hash.includes("study.with=model.activation=relu"));
  await page.locator("#variant-field").selectOption("train.weight_decay");
  await page.locator("#variant-value").fill("0.5");
  await page.getByRole("button", { name: "Add" }).click();
  await page.waitForFunction(() => location.hash.includes("train.weight_decay=0.5"));
  await page.locator('.tier input[value="standard"]').check();
  await page.waitForFunction(() => location.hash.includes("study.tier=standard"));
  await page.locator("#study-seeds").fill("3");
  await page.locator("#study-seeds").blur();
  await page.waitForFunction(() => location.hash.includes("study.seeds=3"));
  assert.equal(await page.getByLabel("− unembed").isDisabled(), true);
  // What the linter and the card ask for can be given here.
  await page.getByLabel("Claim").fill("Order is not needed, is it?");
  await page.getByLabel("Claim").blur();
  await page.waitForFunction(() => location.hash.includes("study.claim=Order+is+not+needed%2C+is+it%3F"));
  await page.locator("study-source .claim", { hasText: "Order is not needed, is it?" }).waitFor();
  const matched = (/** @type {string} */ label) =>
    page.locator(".choice", { has: page.locator("code", { hasText: label }) }).locator(".matched");
  await matched("− position").getByLabel("also parameter-matched").check();
  // Commas stand as they are once the engine has read the link; until then it may still change.
  await page.waitForFunction(
    () =>
      location.hash.includes("study.matched=position") &&
      location.hash.includes("study.without=position,blocks.0.attn,blocks.0.mlp"),
  );
  await page.locator("study-protocol tbody tr", { hasText: "parameter-matched" }).waitFor({ state: "attached" });
  // Without its only MLP nothing makes this model as large again.
  assert.equal(await matched("− blocks.0.mlp").getByLabel("also parameter-matched").isDisabled(), true);
  assert.match(
    await matched("− blocks.0.mlp").innerText(),
    /not possible: no width of the model or of its MLPs gives the parameter count of the reference/,
  );
  const link = page.url();
  await page.reload();
  await studyReady(page);
  assert.equal(page.url(), link);
  assert.equal((await chosen()).length, 5);
  assert.equal(await page.locator("#study-seeds").inputValue(), "3");
  await close();
});

test("what a link asks for in vain is listed", async () => {
  const { page, close } = await open(browser, `${TINY},nowhere&study.tier=silver&view.tab=study`);
  await studyReady(page);
  const text = await page.locator(".corrections").innerText();
  assert.match(text, /study\.without nowhere → left out/);
  assert.match(text, /study\.tier silver → sketch/);
  await close();
});

test("one seed is labelled as one and gets no verdict", async () => {
  const { page, close } = await open(browser, `${TINY.replace("study.seeds=2", "study.seeds=1")}&view.tab=study`);
  await finish(page);
  await page.click("#tab-report");
  await page.locator("report-figures svg").first().waitFor();
  for (const name of await page.locator("verdict-table .verdict .name").allInnerTexts())
    assert.equal(name, "no verdict");
  assert.match(await page.locator("report-head").innerText(), /One seed/);
  await close();
});

test("a worker that dies is replaced, and the study comes to its end", async () => {
  const init = `
    const Real = Worker;
    window.made = [];
    window.Worker = class extends Real {
      constructor(...given) {
        super(...given);
        window.made.push(this);
        this.addEventListener("message", ({ data }) => (this.busy = this.busy && !("id" in data)));
      }
      postMessage(message) {
        this.busy = this.busy || message.call === "fleet";
        super.postMessage(message);
      }
    };
  `;
  const { page, close } = await open(browser, `${LONGER}&view.tab=study`, { init });
  await studyReady(page);
  await page.click("#study-go");
  await page.waitForFunction(
    () => /Running, ([1-9]\d*) of/.test(document.querySelector("study-bar .status")?.textContent ?? ""),
    undefined,
    { timeout: RUN },
  );
  await page.waitForFunction(() => {
    const worker = /** @type {any} */ (window).made.find((/** @type {any} */ one) => one.busy);
    if (!worker) return false;
    worker.terminate();
    worker.onerror(new ErrorEvent("error", { message: "killed by a test" }));
    return true;
  });
  await page.locator(".notices", { hasText: "killed by a test" }).waitFor();
  await status(page, "Done");
  await close();
});

test("a file that is no study leaves one that runs alone, and the next notice is its own", async () => {
  const { page, close } = await open(browser, `${LONGER}&view.tab=study`);
  await studyReady(page);
  await page.click("#study-go");
  await status(page, "Running");
  await page
    .locator("#study-file")
    .setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("not json") });
  await page.locator(".notices .error").waitFor();
  await drawn(page);
  await status(page, "Running");
  assert.doesNotMatch(page.url(), /view\.study/);
  await page.locator("#study-from").selectOption("positions-causal");
  await page.locator(".notices .info", { hasText: "was paused" }).waitFor();
  assert.equal(await page.locator(".notices .error").count(), 0);
  assert.match(page.url(), /view\.study=positions-causal/);
  await page.goto(page.url().replace("&view.study=positions-causal", ""));
  await status(page, /Paused|Ready/);
  assert.equal(await page.locator("#study-from").inputValue(), "");
  await close();
});

/** A clipboard that the browser does not let a page write to. */
const NO_CLIPBOARD = `Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("no")) } });`;

test("a study from a file goes on while its link is copied, and the page says what the link does not hold", async () => {
  const { page, close } = await open(browser, `${LONGER}&view.tab=report`, { init: NO_CLIPBOARD });
  await page.click('[role="tab"][data-tab="study"]');
  await studyReady(page);
  const study = await page.evaluate(
    () => /** @type {any} */ (document.querySelector("copy-link")).store.state.study.sheet.file,
  );
  await page.setInputFiles("#study-file", {
    name: "mine.json",
    mimeType: "application/json",
    buffer: Buffer.from(study),
  });
  await page.waitForFunction(() => location.hash.includes("view.study=file"));
  await studyReady(page);
  await page.click("#study-go");
  await status(page, "Running");
  const before = await page.evaluate(() => location.hash);
  await page.click("copy-link button");
  const panel = page.locator("copy-link .shared");
  await panel.waitFor();
  assert.match(await panel.innerText(), /Copy the link from the field below.*The study is in the file mine\.json/s);
  const [field, selected] = await page.evaluate(() => {
    const input = /** @type {HTMLInputElement} */ (document.querySelector("copy-link input"));
    return [input.value, input.value.slice(input.selectionStart ?? 0, input.selectionEnd ?? 0)];
  });
  assert.match(field, /#v=1&p=repeat/);
  assert.ok(!field.includes("view.study"), field);
  assert.equal(selected, field);
  assert.equal(await page.evaluate(() => location.hash), before);
  await status(page, /Running|Done/);
  const [saved] = await Promise.all([page.waitForEvent("download"), panel.getByText("Save the study file").click()]);
  assert.equal(JSON.parse(await readFile(await saved.path(), "utf8")).settings["train.steps"], 400);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  await close();
});

test("words without end break, and the page stays as wide as a telephone", async () => {
  const word = "Unbreakable".repeat(30);
  const { page, close } = await open(browser, `${TINY}&view.tab=study`, {
    context: { viewport: { width: 390, height: 844 } },
  });
  await finish(page);
  const text = await page.evaluate(
    () => /** @type {any} */ (document.querySelector("copy-link")).store.state.study.sheet.file,
  );
  const study = JSON.parse(text);
  study.title = study.claim = word;
  study.variants = study.variants.map((/** @type {any} */ variant, /** @type {number} */ index) =>
    typeof variant === "string"
      ? { remove: variant, name: `${word}${index}` }
      : { ...variant, name: `${word}${index}` },
  );
  const buffer = Buffer.from(JSON.stringify(study));
  await page.setInputFiles("#study-file", { name: `${word}.json`, mimeType: "application/json", buffer });
  await page.locator("#study-title", { hasText: "Unbreakable" }).waitFor();
  await status(page, /Ready|Paused|Done/);
  for (const tab of ["study", "report", "sandbox"]) {
    await page.click(`[role="tab"][data-tab="${tab}"]`);
    await unfold(page);
    await drawn(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, tab);
  }
  await page.click("copy-link button");
  await drawn(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, "with the link");
  await close();
});

test("tabs are worked by keyboard", async () => {
  const { page, close } = await open(browser, TINY);
  await page.locator("#tab-sandbox").focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "tab-study");
  // Views change when the page is drawn, which is a moment after the key.
  await page.locator("#view-study").waitFor({ state: "visible" });
  assert.equal(await page.locator("#view-sandbox").isVisible(), false);
  await page.keyboard.press("End");
  await page.locator('#tab-report[aria-selected="true"]').waitFor();
  await close();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const [width, height] of /** @type {const} */ ([
    [1280, 900],
    [375, 812],
  ])) {
    test(`axe finds nothing on study and report, ${colorScheme}, ${width} px`, async () => {
      const { page, close } = await open(browser, `${TINY},nowhere&view.tab=study`, {
        context: { colorScheme, viewport: { width, height } },
      });
      await finish(page);
      await unfold(page);
      await drawn(page);
      assert.deepEqual(await violations(page), [], "the study");
      await page.click("#tab-report");
      await page.locator("report-figures svg").first().waitFor();
      await unfold(page);
      await drawn(page);
      assert.deepEqual(await violations(page), [], "the report");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, "nothing scrolls two ways");
      await close();
    });
  }
}

test("nothing scrolls two ways at 320 px", async () => {
  const { page, close } = await open(browser, `${TINY}&view.tab=study`, {
    context: { viewport: { width: 320, height: 640 } },
  });
  await finish(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await page.click("#tab-report");
  await page.locator("report-figures svg").first().waitFor();
  await drawn(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await close();
});

test("no task on the main thread is longer than 50 ms while a study runs", async () => {
  const init = `
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration, startTime }) => ({ duration, startTime })))).observe({ type: "longtask" });
  `;
  const { page, close } = await open(
    browser,
    `${LONGER.replace("study.trials=2", "study.trials=16").replace("study.seeds=2", "study.seeds=6")}&view.tab=study`,
    { init },
  );
  await studyReady(page);
  await page.click("#study-go");
  await status(page, "Running");
  /** @type {unknown[]} */
  let long = [];
  // Work that is too long is so in every window. A neighbour of the machine is not.
  for (let window = 0; window < 5; window++) {
    const from = await page.evaluate(() => performance.now());
    await page.waitForTimeout(3000);
    long = await page.evaluate(
      (since) => /** @type {any} */ (window).longTasks.filter((/** @type {any} */ task) => task.startTime > since),
      from,
    );
    if (long.length === 0) break;
  }
  assert.deepEqual(long, []);
  await close();
});

test("a report is read at one size, in words, and with nothing struck through", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat&view.tab=report&view.study=positions-causal");
  await page.locator("report-figures svg").first().waitFor({ timeout: RUN });
  await unfold(page);
  await drawn(page);
  const table = await page
    .locator("verdict-table table")
    .evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  for (const letters of await page
    .locator("report-figures svg")
    .evaluateAll((all) =>
      all.map(
        (svg) => (11 * svg.getBoundingClientRect().width) / /** @type {SVGSVGElement} */ (svg).viewBox.baseVal.width,
      ),
    )) {
    assert.ok(letters > 0.8 * table && letters < 1.2 * table, `${letters} px in a figure, ${table} px in the table`);
  }
  const struck = await page
    .locator("#view-report")
    .evaluate(
      (view) =>
        [...view.querySelectorAll("*")].filter((element) =>
          getComputedStyle(element).textDecorationLine.includes("line-through"),
        ).length,
    );
  assert.equal(struck, 0);
  const approximate = page.locator("verdict-table td[data-approximate]").first();
  assert.match(await approximate.innerText(), /^≈ .*approximate\s+.*Off-distribution/s);
  const cells = await page.locator("report-protocol .card :is(th, td)").allInnerTexts();
  assert.ok(cells.includes("retrained without, untuned − retrained without"));
  assert.deepEqual(
    cells.filter((text) => /^[A-Z] − [A-Z]$/.test(text)),
    [],
  );
  for (const fact of await page.locator("report-facts .note").allInnerTexts()) assert.notEqual(fact, "");
  const words = await page.locator("report-sentences .words dt").allInnerTexts();
  for (const { name } of termsOf("modifier")) assert.ok(words.includes(name), name);
  await close();
});
