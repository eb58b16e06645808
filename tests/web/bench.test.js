/** The bench on the CPU, from the first step to the sentence. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALL, curve, ablate, done, drawn, launch, number, open, ready } from "./browser.js";

const browser = await launch();

for (const [family, { site, link }] of Object.entries({
  transformer: { site: "position", link: SMALL.transformer },
  points: { site: "time", link: SMALL.points },
})) {
  test(`${family}: train, ablate a component, and read by how much the loss rises`, async () => {
    const { page, close } = await open(browser, `${link}&view.autorun=0`);
    await ready(page);
    await page.click("#play");
    await done(page);
    const rows = await curve(page, "reference");
    const [first, last] = [number(rows[0]?.[1]), number(rows.at(-1)?.[1])];
    assert.ok(last < first, `the loss falls: ${first} -> ${last}`);

    await ablate(page, site, "Mean");
    await page.locator(`button[data-site="${site}"][data-ablated]`).waitFor();
    await page.locator("#play:not([disabled])").waitFor();
    await page.click("#play");
    await done(page);
    for (const panel of ["reference", "ablated", "recovered", "retrained"]) {
      const text = (await page.locator(`[data-panel="${panel}"]`).textContent()) ?? "";
      assert.match(text, /computed here, on /, `${panel} says where it comes from`);
      assert.ok((await page.locator(`[data-panel="${panel}"] figure-card svg`).count()) > 0, `${panel} is drawn`);
      assert.match(
        await page.locator(`[data-panel="${panel}"] .arm .value`).first().innerText(),
        /\d/,
        `${panel} is measured`,
      );
    }
    assert.equal(
      await page.locator('[data-panel="recovered"] .arm').count(),
      2,
      "the recovered arm stands beside its sham",
    );
    assert.match(
      await page.locator(".sentence-big").innerText(),
      /^Ablating .+; retraining without it \(best of 4 learning rates\) ends .+\d/,
    );
    for (const name of ["disruption", "recovery", "necessity", "untuned"])
      assert.match(await page.locator(`.numbers .${name} .value`).innerText(), /\d/);
    assert.match(await page.locator("contrast-summary").innerText(), /one seed: no verdict/);
    // Where a number needs words to go with the picture it has them, under the name that the panels give it.
    const read = (await page.locator(".readings dt").allInnerTexts()).map((text) => text.replace(":", ""));
    const measures = await page.locator('[data-panel="reference"] .arm dt').allInnerTexts();
    assert.deepEqual(
      measures.filter((name) => read.includes(name)),
      family === "points" ? measures : [],
    );
    assert.equal(await page.locator(".readings").isVisible(), family === "points");
    assert.doesNotMatch(page.url(), /ablation\.site=none/, "the ablation is in the link");
    await close();
  });
}

test("restarting with the same seed gives the same curve, a new seed another", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  await page.click("#play");
  await done(page);
  const first = await curve(page, "reference");
  assert.ok(first.length > 2);
  await page.getByRole("button", { name: "Restart, same seed" }).click();
  await page.locator("run-bar .status", { hasText: /Training|Starting/ }).waitFor();
  await done(page);
  assert.deepEqual(await curve(page, "reference"), first);
  await page.getByRole("button", { name: "New seed" }).click();
  await page.locator("run-bar .status", { hasText: /Training|Starting/ }).waitFor();
  await done(page);
  assert.notDeepEqual(await curve(page, "reference"), first);
  assert.match(page.url(), /seed=/);
  await close();
});

test("training pauses, takes one step and goes on", async () => {
  const { page, close } = await open(browser, SMALL.transformer.replace("train.steps=80", "train.steps=5000"));
  await ready(page);
  await page.click("#play");
  await page.locator("run-bar .speed", { hasText: "step" }).waitFor();
  await page.click("#play");
  await page.locator("run-bar .status", { hasText: "Paused" }).waitFor();
  await drawn(page);
  const at = await page.locator("run-bar .status").innerText();
  await page.waitForTimeout(600);
  assert.equal(await page.locator("run-bar .status").innerText(), at);
  await page.getByRole("button", { name: "One step" }).click();
  await page.waitForFunction(
    (before) =>
      document.querySelector("run-bar .status")?.textContent !== before &&
      /Paused/.test(document.querySelector("run-bar .status")?.textContent ?? ""),
    at,
  );
  await page.click("#play");
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor();
  await close();
});

test("a setting is in the link, and the link in the settings", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat");
  await ready(page);
  await page.locator("#field-model-width").fill("16");
  await page.locator("#field-model-width").blur();
  await page.waitForFunction(() => location.hash.includes("model.width=16"));
  await page.evaluate(() => (location.hash = "v=1&p=repeat&model.width=24"));
  await page.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#field-model-width")).value === "24",
  );
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", "https://example.org/lab/#v=1&p=repeat&model.width=40");
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  });
  await page.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector("#field-model-width")).value === "40",
  );
  await close();
});

test("ways that are refused cannot be pressed and say why", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  await page.locator('button[data-site="unembed"]').click();
  const actions = page.locator("site-actions");
  for (const button of await actions.locator(".way button").all()) assert.equal(await button.isDisabled(), true);
  assert.match(await actions.innerText(), /refused\. .*Without it there is no prediction/s);
  await close();
});

test("swapping an activation sets it, and trains once that is asked for", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  await page.locator('button[data-site="blocks.0.mlp.act"]').click();
  await page.locator("site-actions").getByRole("button", { name: "Swap for relu" }).click();
  await page.waitForFunction(() => location.hash.includes("model.activation=relu"));
  await drawn(page);
  assert.match(await page.locator("run-bar .status").innerText(), /^Ready/);
  await page.click("#play");
  await done(page);
  await close();
});

test("one cursor reads all curves", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  await page.click("#play");
  await done(page);
  await page.locator("#cursor").focus();
  await page.keyboard.press("ArrowRight");
  await drawn(page);
  assert.match(await page.locator('[data-panel="reference"] .readout').first().innerText(), /step \d+ · .+\d/);
  await page.locator('[data-panel="reference"] .drawing svg').first().hover();
  await drawn(page);
  assert.ok((await page.locator("figure-card line.cursor").count()) >= 1);
  await close();
});

test("a stop of the tour sets the page and trains", async () => {
  const { page, close } = await open(browser, "");
  await ready(page);
  await page.locator("guided-tour button").first().click();
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor({ timeout: 60_000 });
  assert.equal(await page.locator('button[data-site="blocks.0.attn"][data-ablated]').count(), 1);
  await close();
});

test("every stop of the tour shows an ablation that raises the loss, and in the third the rise depends on the operator", async () => {
  const { page, close } = await open(browser, "");
  await ready(page);
  const cost = async () => {
    await page.locator("run-bar .status", { hasText: /Training|Starting/ }).waitFor();
    await done(page);
    return number(await page.locator(".numbers .disruption .value").innerText());
  };
  /** @type {number[]} */
  const costs = [];
  for (const stop of await page.locator("guided-tour button").all()) {
    await stop.click();
    costs.push(await cost());
    if (costs.length !== 3) continue;
    await page.locator("site-actions").getByRole("button", { name: "Ablate: mean", exact: true }).click();
    assert.ok((costs[2] ?? NaN) - (await cost()) > 0.2);
  }
  assert.equal(costs.length, 4);
  assert.ok(
    costs.every((one) => one > 0.1),
    costs.join(),
  );
  await close();
});

test("the component and the ablation that are chosen are marked as such", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  await ablate(page, "blocks.0.mlp", "Zero");
  const pressed = page.locator('site-actions .ways button[aria-pressed="true"]');
  await pressed.first().waitFor();
  assert.deepEqual(await pressed.allInnerTexts(), ["Ablate: zero"]);
  assert.equal(await page.locator('button[data-site][aria-expanded="true"]').getAttribute("data-site"), "blocks.0.mlp");
  await page.click("#play");
  await done(page);
  await ablate(page, "blocks.0.mlp", "Mean");
  await page.waitForFunction(
    () => document.querySelector('site-actions .ways button[aria-pressed="true"]')?.textContent === "Ablate: mean",
  );
  await done(page);
  await close();
});

test("another ablation of a stored result is set, and nothing is trained before it is asked for", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat");
  await ready(page);
  await page.locator('[data-panel="ablated"] .badge', { hasText: "stored" }).waitFor();
  await ablate(page, "blocks.1.mlp", "Mean");
  await page.waitForFunction(() => location.hash.includes("ablation.site=blocks.1.mlp"));
  await page.waitForTimeout(800);
  assert.match(await page.locator("run-bar .status").innerText(), /^Ready/);
  const badges = (/** @type {string} */ panel) => page.locator(`[data-panel="${panel}"] .badge`).innerText();
  assert.deepEqual(
    [await badges("reference"), await badges("ablated")],
    ["stored", "not run yet"],
    "the reference is the same one",
  );
  assert.equal(await page.locator('[data-panel="ablated"] figure-card').count(), 0);
  await page.locator("site-actions").getByRole("button", { name: "Train", exact: true }).click();
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor({ timeout: 60_000 });
  await page.locator("site-actions .next").waitFor({ state: "hidden" });
  await close();
});

for (const { name, context, behavior } of /** @type {const} */ ([
  { name: "1280 px", context: { viewport: { width: 1280, height: 900 } }, behavior: "smooth" },
  {
    name: "a phone, without motion",
    context: { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" },
    behavior: "auto",
  },
])) {
  test(`what can be done to a component is seen as soon as it is chosen, ${name}`, async () => {
    const init = `
      const real = Element.prototype.scrollIntoView;
      window.scrolled = [];
      Element.prototype.scrollIntoView = function (how) {
        window.scrolled.push(how.behavior);
        real.call(this, how);
      };
    `;
    const { page, close } = await open(browser, "v=1&p=repeat", { context, init });
    await ready(page);
    await drawn(page);
    for (const site of ["blocks.0.attn", "blocks.1.mlp"]) {
      await page.locator(`button[data-site="${site}"]`).click();
      await page.waitForFunction((path) => {
        const [component, actions] = [
          document.querySelector(`button[data-site="${path}"]`),
          document.querySelector("site-actions .actions"),
        ].map((one) => one?.getBoundingClientRect());
        const bar = document.querySelector("run-bar")?.getBoundingClientRect();
        return component && actions && component.top >= Math.max(0, bar?.bottom ?? 0) && actions.bottom <= innerHeight;
      }, site);
    }
    assert.deepEqual([...new Set(await page.evaluate(() => /** @type {any} */ (window).scrolled))], [behavior]);
    await close();
  });
}

test("the sentence stays in view and leaves the window to the panels", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat");
  await ready(page);
  await page.locator(".sentence-big", { hasText: "Ablating" }).waitFor();
  await drawn(page);
  for (const y of [0, 500]) {
    await page.evaluate((to) => scrollTo(0, to), y);
    const box = await page.locator("contrast-summary .statement").boundingBox();
    assert.ok(box && box.y + box.height <= 901 && box.height < 110, JSON.stringify(box));
  }
  await close();
});
