/** The bench on the CPU, from the first step to the sentence. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN, SMALL, curve, ablate, done, drawn, launch, number, open, ready, reveal } from "./browser.js";

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
    await reveal(page, "panels");
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
      3,
      "the recovered arm stands beside its controls",
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
  await reveal(page, "options");
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
  await reveal(page, "options");
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
  await reveal(page, "inputs");
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
  await page.locator("site-actions .swapping summary").click();
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
  await reveal(page, "panels");
  // The panels are drawn when they are opened.
  await page.locator("#cursor").waitFor();
  await drawn(page);
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
  await reveal(page, "tour");
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
  await reveal(page, "tour");
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
  // Until this ablation is computed, nothing stands beside it: what the one before came to is no answer.
  const numbers = (/** @type {string} */ of) => page.locator(`${of} b`).allTextContents();
  await page.locator("site-actions .answer b").nth(2).waitFor({ timeout: RUN });
  const losses = await numbers("answer-line .headline");
  assert.equal(losses.length, 3);
  assert.deepEqual(await numbers("site-actions .answer"), losses, "what came of it is said beside it");
  await close();
});

test("another ablation of a stored result is set, and nothing is trained before it is asked for", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat");
  await ready(page);
  await reveal(page, "panels");
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

for (const [width, height] of /** @type {const} */ ([
  [1280, 900],
  [1920, 1080],
])) {
  test(`headline, axis and four cards in one row are seen without scrolling at ${width} px`, async () => {
    const { page, close } = await open(browser, "", { context: { viewport: { width, height } } });
    await ready(page);
    await page.locator(".headline", { hasText: "Retrain without it" }).waitFor();
    await drawn(page);
    const box = async (/** @type {string} */ selector) => {
      const found = await page.locator(selector).boundingBox();
      return found ?? assert.fail(`${selector} is not drawn`);
    };
    const [headline, axis, train, map] = [
      await box(".headline"),
      await box(".axis"),
      await box("#play"),
      await box(".map"),
    ];
    assert.ok(headline.y < axis.y && axis.y + axis.height < 460, JSON.stringify(axis));
    assert.ok(train.y + train.height < height);
    const cards = await page.locator(".arm-card").all();
    const boxes = await Promise.all(cards.map((card) => card.boundingBox()));
    assert.equal(new Set(boxes.map((one) => one?.y)).size, 1, "one row");
    assert.equal(boxes.length, 4);
    assert.ok(boxes.every((one) => one && one.y > axis.y && one.y + one.height < 620 && one.height < 200));
    assert.ok(map.y < 420 && map.y + map.height <= height, "the whole model is in view");
    assert.match(
      (await page.locator(".headline").innerText()).replaceAll(/\s+/g, " "),
      /^Ablate .+: loss \S+ → \S+, worse than the constant predictor \(\S+\)\. Retrain without it: still 0\. stored$/,
    );
    await close();
  });
}

test("on a phone headline, axis and cards come before the model, and the first cards are in the first view", async () => {
  const { page, close } = await open(browser, "", {
    context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  await ready(page);
  await page.locator(".headline", { hasText: "Retrain without it" }).waitFor();
  await drawn(page);
  const tops = await page.evaluate(() =>
    [".headline", ".axis", ".arm-card.reference", ".arm-card.ablated", ".arm-card.recovered", ".map"].map(
      (selector) => document.querySelector(selector)?.getBoundingClientRect().top ?? NaN,
    ),
  );
  assert.ok(
    tops.every((top, index) => index === 0 || top > (tops[index - 1] ?? NaN)),
    tops.join(),
  );
  assert.ok((tops[4] ?? NaN) < 800, tops.join());
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, summary")]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(".sentence, .skip"))
      .map((one) => ({ text: one.textContent, height: one.getBoundingClientRect().height }))
      .filter(({ height }) => height > 0 && height < 43.5),
  );
  assert.deepEqual(small, [], "a finger can press everything");
  await close();
});

for (const width of [1280, 390]) {
  test(`no text is smaller than 12 px, that of the figures neither, at ${width} px`, async () => {
    const { page, close } = await open(browser, "", { context: { viewport: { width, height: 900 } } });
    await ready(page);
    await reveal(page, "options", "inputs", "panels", "tour");
    await page.locator("figure-card svg").nth(12).waitFor();
    await drawn(page);
    const sizes = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.textContent?.trim() || !element?.checkVisibility()) continue;
        const scale = element instanceof SVGGraphicsElement ? (element.getScreenCTM()?.a ?? 1) : 1;
        const size = parseFloat(getComputedStyle(element).fontSize) * scale;
        if (size < 12) found.push(`${size.toFixed(1)} ${node.textContent}`);
      }
      return { found: found.slice(0, 10), body: getComputedStyle(document.body).fontSize };
    });
    assert.deepEqual(sizes, { found: [], body: "16px" });
    await close();
  });
}

const SHIFTS = `
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
  }).observe({ type: "layout-shift", buffered: true });
`;

for (const [name, context] of /** @type {const} */ ([
  ["1280 px", { viewport: { width: 1280, height: 900 } }],
  ["a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
])) {
  test(`a stored result passes through its steps once and moves nothing else, ${name}`, async () => {
    const { page, close } = await open(browser, "", { context, init: SHIFTS });
    await page.locator(".gap.disruption[data-known]").waitFor({ state: "attached" });
    assert.equal(await page.locator("body[data-replay]").count(), 1);
    await page.locator("body:not([data-replay])").waitFor({ timeout: 8000 });
    for (const gap of ["disruption", "recovery", "necessity"])
      assert.equal(await page.locator(`.gap.${gap} .mark`).isVisible(), true, gap);
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    const shifts = await page.evaluate(() => /** @type {any} */ (window).shifts);
    assert.ok(shifts < 0.002, `layout shift of ${shifts}`);
    await close();
  });
}

test("who wants no motion sees the end state at once, and a touch ends the replay", async () => {
  const still = await open(browser, "", { context: { reducedMotion: "reduce" } });
  await still.page.locator(".gap.necessity[data-known] .mark").waitFor();
  assert.equal(await still.page.locator("body[data-replay]").count(), 0);
  await still.close();
  const { page, close } = await open(browser, "");
  await page.locator("body[data-replay]").waitFor();
  await page.mouse.click(5, 5);
  assert.equal(await page.locator("body[data-replay]").count(), 0);
  await close();
});

test("going back leads to the set-up before, and what was replaced can be taken back", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat&model.width=16&view.autorun=0");
  await ready(page);
  await page.locator("#preset").selectOption("sort");
  await page.waitForFunction(() => location.hash.includes("p=sort"));
  await ablate(page, "blocks.0.mlp", "Mean");
  await page.waitForFunction(() => location.hash.includes("ablation.site=blocks.0.mlp"));
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes("p=sort") && !location.hash.includes("blocks.0.mlp"));
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes("model.width=16"));
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector("#preset")).value === "repeat");
  await page.locator("#preset").selectOption("first");
  await page.waitForFunction(() => location.hash.includes("p=first"));
  await page.locator("task-picker").getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction(() => location.hash.includes("model.width=16"));
  await close();
});

test("a run that diverges stops, says at which step, and prints no differences", async () => {
  const rate = SMALL.transformer.replace("ablation.site=none", "ablation.site=blocks.0.mlp&ablation.operator=mean");
  const { page, close } = await open(
    browser,
    `${rate}&train.learning_rate=1&train.clip=0&sandbox.search=none&model.norm=none&train.weight_decay=0`,
  );
  await ready(page);
  await page.click("#play");
  await page.locator(".headline", { hasText: /diverged at step \d+: lower the learning rate/ }).waitFor();
  await drawn(page);
  for (const gap of ["disruption", "recovery", "necessity"])
    assert.equal(await page.locator(`.numbers .${gap} .value`).textContent(), "—");
  assert.match(await page.locator(".sentence-big").innerText(), /^No differences are shown/);
  await close();
});

test("a run without a search comes to its end, and its headline and its card know the retrained model", async () => {
  const rate = SMALL.transformer.replace("ablation.site=none", "ablation.site=blocks.0.mlp&ablation.operator=mean");
  const { page, close } = await open(browser, `${rate}&sandbox.search=none`);
  await ready(page);
  await page.click("#play");
  await done(page);
  await page.locator(".headline", { hasText: /Retrain without it: (?:still )?\d/ }).waitFor();
  await drawn(page);
  assert.match(await page.locator('[data-card="retrained"] .value').innerText(), /\d/);
  assert.match((await page.locator('[data-card="retrained"] .own').getAttribute("points")) ?? "", /\d,\d/);
  await close();
});

test("a new seed keeps a mark of the one before", async () => {
  const { page, close } = await open(
    browser,
    SMALL.transformer.replace("ablation.site=none", "ablation.site=position&ablation.operator=mean"),
  );
  await ready(page);
  await page.click("#play");
  await done(page);
  assert.equal(await page.locator(".gap .others i").count(), 0);
  await page.getByRole("button", { name: "New seed" }).click();
  await page.locator("run-bar .status", { hasText: /Training|Starting/ }).waitFor();
  await done(page);
  for (const gap of ["disruption", "necessity"])
    assert.equal(await page.locator(`.gap.${gap} .others i`).count(), 1, gap);
  await close();
});

test("pointing at a head lights its attention map", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat");
  await ready(page);
  await reveal(page, "panels");
  await drawn(page);
  await page.locator('button[data-site="blocks.1.attn.heads.2"]').hover();
  await page.locator(".peek figure").first().waitFor();
  assert.equal(await page.locator(".peek figure").count(), 4, "one map for each arm");
  assert.equal(await page.locator('[data-panel="reference"] rect.lit').count(), 1);
  await page.locator(".headline").hover();
  await page.waitForFunction(() => document.querySelectorAll("rect.lit").length === 0);
  await close();
});

test("the model is one stop of the Tab key, arrows move in it and Escape closes the actions", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  const at = () => page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.site ?? null);
  assert.equal(await page.locator('.map button[data-site][tabindex="0"]').count(), 1);
  await page.locator('.map button[data-site][tabindex="0"]').focus();
  const first = await at();
  await page.keyboard.press("ArrowDown");
  const second = await at();
  assert.notEqual(second, first);
  await page.keyboard.press("End");
  assert.equal(await at(), "unembed");
  await page.keyboard.press("Home");
  assert.equal(await at(), first);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.locator("site-actions").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await page.locator("site-actions").waitFor({ state: "detached" });
  assert.equal(await at(), second);
  await close();
});

test("a part is compared by one choice, which trains nothing, and one button trains", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat");
  await ready(page);
  await page.locator('button[data-site="blocks.1.mlp"]').click();
  assert.equal(await page.getByRole("button", { name: /retrain without it/i }).count(), 0);
  assert.match(await page.locator("site-actions").innerText(), /retrained without it:\s+sound/i);
  await ablate(page, "blocks.1.mlp", "Mean");
  await page.locator("site-actions .next").waitFor();
  assert.match(await page.locator("run-bar .status").innerText(), /^Ready/);
  assert.match(await page.locator(".headline").innerText(), /Press Train/);
  await close();
});
