/** The sandbox on the CPU, in whichever browser: what a visitor sees and does, and the same numbers everywhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALL, number } from "../browser.js";
import { inEngine } from "../engine.js";
import { IFRAME } from "../hosts.js";
import { serve } from "../serve.js";
import { engine, heard, launch, open, served, until, words } from "./suite.js";

const name = engine();
const driver = await launch(name);

test(`${name}: a stored result is shown at once, and then the page can train`, async () => {
  const { shows, count, close } = await open(driver, "v=1&p=repeat");
  await shows(".sentence-big", /Ablating/);
  await shows(".headline", /7\.58/);
  await shows('[data-card="retrained"]', /\d/);
  await shows("#play:not([disabled])", /Train/);
  assert.ok((await count("model-map button[data-site]")) > 10);
  assert.equal(await count(".arm-card[data-known]"), 4);
  await close();
});

test(`${name}: it trains, the loss falls, and another part is ablated`, async () => {
  const { tab, shows, text, texts, count, close } = await open(driver, SMALL.transformer);
  await shows("#play:not([disabled])");
  await tab.click("#play");
  await shows("run-bar .status", /^Done/);
  await tab.click("details[data-drawer=panels] > summary");
  await tab.click('[data-panel="reference"] figure-card details.twin > summary');
  const losses = await until(async () => {
    const cells = await texts('[data-panel="reference"] figure-card:first-of-type tbody td:nth-child(2)');
    const numbers = cells.map(number).filter(Number.isFinite);
    return numbers.length > 2 ? numbers : null;
  }, "the table of the loss curve");
  assert.ok((losses.at(-1) ?? NaN) < (losses[0] ?? NaN), `the loss falls: ${losses[0]} to ${losses.at(-1)}`);
  await tab.click('button[data-site="position"]');
  await tab.click('button.ablate[aria-describedby="ablate-mean-reason"]');
  // After a run that is done, what another part needs is trained without asking.
  await shows('button[data-site="position"][data-ablated]');
  await shows(".sentence-big", /^Ablating .+; retraining without it \(best of 4 learning rates\) ends .+\d/);
  for (const panel of ["reference", "ablated", "recovered", "retrained"]) {
    await shows(`[data-panel="${panel}"]`, /computed here, on CPU/);
    assert.ok((await count(`[data-panel="${panel}"] figure-card svg`)) > 0, `${panel} is drawn`);
    assert.match(await text(`[data-panel="${panel}"] .arm .value`), /\d/, `${panel} is measured`);
  }
  await close();
});

/**
 * What is drawn before and during training, as text: the task with its examples, initial weights and those after
 * training, as digests.
 *
 * @param {any} engine @param {{link: string, steps: number}} given
 */
async function numbers(engine, { link, steps }) {
  const digest = async (/** @type {Uint8Array} */ bytes) =>
    [...new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)))].join(" ");
  const bench = await engine.Bench.create(link);
  const initial = await digest(await bench.checkpoint());
  for (let step = 0; step < steps; step += 10) await bench.step(10);
  return { described: JSON.stringify(engine.describe(link)), initial, trained: await digest(await bench.checkpoint()) };
}

test(`${name}: data, initial and trained weights are to the bit those of Chromium`, async () => {
  const found = [];
  for (const one of [driver, await launch("chromium")]) {
    const { tab, url, close } = await open(one, "view.stored=1");
    // The page itself starts no worker but its own.
    await tab.go(`${url}blank.html`);
    const links = [SMALL.transformer, SMALL.points, "v=1&p=repeat&ablation.site=position&ablation.operator=mean"];
    const all = [];
    for (const link of links) all.push(await inEngine(tab, "cpu", numbers, { link, steps: 40 }));
    found.push(all);
    await close();
  }
  const [here, there] = found;
  assert.deepEqual(here, there);
  assert.ok(here?.every(({ initial, trained }) => initial !== trained));
});

test(`${name}: embed.html in a frame of another site shows the result, answers its host and trains`, async () => {
  const sandbox = await served();
  const host = await serve("/", {
    override: () => `<!doctype html><meta charset="utf-8"><title>host</title>
      <script>heard = []; addEventListener("message", ({ data }) => heard.push(data?.type));</script>
      <iframe src="${sandbox.url}embed.html#${SMALL.transformer}&ablation.site=position" title="sandbox" width="900" height="640" ${IFRAME}></iframe>`,
  });
  const { tab, close } = await open(driver, "", { url: host.url.replace("127.0.0.1", "localhost") });
  /** @type {Pick<import("./driver.js").Tab, "evaluate">} */
  const frame = { evaluate: (work, given) => tab.evaluateIn("iframe", work, given) };
  const { shows } = words(frame);
  await shows("#play:not([disabled])");
  await frame.evaluate(() => document.getElementById("play")?.click());
  await shows("run-bar .status", /^Done/);
  await shows(".headline", /^Ablate .+: loss .+Retrain without it: .+computed here/s);
  const types = await tab.evaluate(() => /** @type {any} */ (window).heard);
  for (const type of ["ready", "height"])
    assert.ok(types.includes(`ablation-sandbox:${type}`), `${type} among ${[...new Set(types)]}`);
  assert.deepEqual(await frame.evaluate(heard), [], "the frame threw");
  await close();
  await Promise.all([sandbox.close(), host.close()]);
});

test(`${name}: what a link asks for in vain is listed, and the rest holds`, async () => {
  const { tab, shows, text, close } = await open(
    driver,
    "v=1&p=repeat&model.colour=red&model.width=99999&model.heads=2",
  );
  await shows("#play:not([disabled])");
  await shows(".corrections", /model\.colour.*ignored/s);
  assert.match(await text(".corrections"), /model\.width.*99999.*→ 256/s);
  assert.match(await tab.evaluate(() => location.hash), /model\.heads=2/);
  await close();
});

test(`${name}: the model is worked by keyboard`, async () => {
  const { tab, shows, count, close } = await open(driver, SMALL.transformer);
  await shows("#play:not([disabled])");
  await shows('.map button[data-site][tabindex="0"]');
  const at = () => tab.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.dataset.site ?? null);
  await tab.evaluate(() =>
    /** @type {HTMLElement} */ (document.querySelector('.map button[data-site][tabindex="0"]')).focus(),
  );
  const first = await at();
  await tab.press("End");
  assert.equal(await at(), "unembed");
  await tab.press("Home");
  assert.equal(await at(), first);
  await tab.press("ArrowDown");
  const second = await at();
  assert.notEqual(second, first);
  await tab.press("Enter");
  await shows("site-actions h3", /./);
  await tab.press("Tab");
  await tab.press("Escape");
  await until(async () => ((await count("site-actions")) === 0 ? true : null), "the actions to be closed");
  assert.equal(await at(), second);
  // The tabs of the page, too.
  await tab.evaluate(() => document.getElementById("tab-sandbox")?.focus());
  await tab.press("ArrowRight");
  await shows("#view-study:not([hidden]) h2");
  await close();
});

test(`${name}: the link is copied, or shown to be copied`, async () => {
  const { tab, shows, close } = await open(driver, "v=1&p=repeat&model.heads=2");
  await shows("#play:not([disabled])");
  await tab.click("copy-link button");
  const said = await until(async () => {
    const [button, link] = await tab.evaluate(() => [
      document.querySelector("copy-link button")?.textContent ?? "",
      /** @type {HTMLInputElement} */ (document.querySelector("copy-link input")).value,
    ]);
    return button === "Copied" || link ? [button, link] : null;
  }, "the link to be copied");
  assert.ok(said[0] === "Copied" || /#v=1&p=repeat&model\.heads=2$/.test(said[1] ?? ""), said.join(" "));
  await close();
});
