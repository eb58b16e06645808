/** Links that are wrong, and surroundings in which something is missing: each has its sentence. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { record } from "./fake/assemble.js";
import { RUN, SMALL, curve, drawn, launch, number, open, ready, reveal, steps } from "./browser.js";

/** @typedef {import("./serve.js").Override} Override */

const browser = await launch();
const without = await launch({ webgpu: false });
const stored = JSON.stringify(await record("repeat"));

/** Code that runs in the worker before it hears its first message. @param {string} code @returns {Override} */
const inWorker = (code) => async (path, real) => (path === "/app/worker.js" ? `${await real()}\n${code}` : undefined);

const LINKS = {
  "an unknown key": { fragment: "v=1&p=repeat&model.colour=red", expected: /model\.colour.*ignored/s },
  "a value out of range": { fragment: "v=1&p=repeat&model.width=99999", expected: /model\.width.*99999.*→ 256/s },
  "a wrong version": { fragment: "v=7&p=repeat", expected: /links of version 1, this one says version 7/ },
  "a packed part that cannot be read": { fragment: "v=1&z=%21%21garbage", expected: /packed part z cannot be read/ },
  "no link at all": { fragment: "hello there", expected: /link/ },
  "a page key that does not exist": {
    fragment: "v=1&p=repeat&view.colour=red",
    expected: /view\.colour.*no such key/s,
  },
};

for (const [name, { fragment, expected }] of Object.entries(LINKS)) {
  test(`a link with ${name} is corrected aloud`, async () => {
    const { page, close } = await open(browser, fragment);
    await ready(page);
    await page.locator(".corrections").waitFor();
    assert.match(await page.locator(".corrections").innerText(), expected);
    assert.equal(await page.locator("#play").isDisabled(), false, "and the page works");
    await close();
  });
}

test("a module that is still being built is waited for, and is used once it is there", async () => {
  let building = true;
  /** @type {Override} */
  const override = (path) => (building && /^\/study(_bg)?\./.test(path) ? 503 : undefined);
  const { page, close } = await open(browser, `${SMALL.transformer}&view.tab=study`, { override });
  await page.locator(".notices", { hasText: "The module study is still being built" }).waitFor();
  building = false;
  await page.locator(".notices", { hasText: "The module that was still being built is there now" }).waitFor();
  await page.locator("component-list", { hasText: /remove|retrain/i }).waitFor();
  await close();
});

test("without WebGPU the device says so and the CPU trains", async () => {
  const { page, close } = await open(without, SMALL.transformer);
  await ready(page);
  assert.equal(await page.locator(".why").isVisible(), false, "what is not there takes no room");
  await reveal(page, "options");
  await page
    .locator(".why", { hasText: "no-adapter" })
    .or(page.locator(".why", { hasText: /WebGPU: This browser has .*no graphics adapter|no WebGPU here/ }))
    .waitFor();
  assert.match(await page.locator(".why").innerText(), /Training on the CPU works without it/);
  assert.equal(await page.locator('run-bar input[value="webgpu"]').isDisabled(), true);
  await page.click("#play");
  await page.locator("run-bar .status", { hasText: /Training|Done/ }).waitFor();
  await close();
});

test("a fallback adapter is named and not used unless it is forced", async () => {
  const { page, close } = await open(browser, SMALL.transformer);
  await ready(page);
  await reveal(page, "options");
  await page.locator(".why", { hasText: "software one, slower than the CPU path" }).waitFor();
  assert.equal(await page.locator('run-bar input[value="webgpu"]').isDisabled(), true);
  await close();
});

test("an adapter without timestamp-query is not used, forced or not", async () => {
  const override = inWorker('Object.defineProperty(GPUAdapter.prototype, "features", { get: () => new Set() });');
  const { page, close } = await open(browser, `${SMALL.transformer}&view.force=gpu`, { override });
  await ready(page);
  await reveal(page, "options");
  await page.locator(".why", { hasText: "does not offer timestamp-query" }).waitFor();
  assert.equal(await page.locator('run-bar input[value="webgpu"]').isDisabled(), true);
  await close();
});

test("a link can ask for the CPU", async () => {
  const { page, close } = await open(browser, `${SMALL.transformer}&view.force=cpu`);
  await ready(page);
  await reveal(page, "options");
  assert.match(await page.locator(".why").innerText(), /view\.force=cpu/);
  assert.equal(await page.locator('run-bar input[value="webgpu"]').isDisabled(), true);
  await close();
});

test("a device that is lost is said, and the run goes on on the CPU", async () => {
  const keep = `
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...given) {
      const device = await request.apply(this, given);
      setTimeout(() => device.destroy(), 3000);
      return device;
    };`;
  const { page, close } = await open(
    browser,
    `${SMALL.transformer.replace("train.steps=80", "train.steps=5000")}&view.force=gpu`,
    { override: inWorker(keep) },
  );
  await ready(page);
  await reveal(page, "options");
  await page.locator('run-bar input[value="webgpu"]:checked').waitFor();
  await page.click("#play");
  const notice = page.locator('.notices [data-code="device-lost"]');
  await notice.waitFor({ timeout: 240_000 });
  assert.match(await notice.innerText(), /graphics device was lost.*Training resumed on the CPU from/s);
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor({ timeout: RUN });
  await close();
});

/**
 * The module, with a step that traps once it has been asked for a checkpoint. Only the `nth` worker that loads it gets
 * this one.
 *
 * @param {number} nth
 * @returns {Override}
 */
function dyingOnce(nth) {
  let loads = 0;
  return async (path, real) => {
    if (path === "/cpu-real.js") return undefined;
    if (path !== "/cpu.js" || ++loads !== nth) return undefined;
    const source = `${await real()}`.replaceAll("\r", "");
    return `${source}
      {
        const { step, checkpoint } = Bench.prototype;
        let left = Infinity;
        Bench.prototype.checkpoint = async function () { left = 3; return checkpoint.call(this); };
        Bench.prototype.step = async function (...given) {
          if (left-- <= 0) throw new WebAssembly.RuntimeError("unreachable");
          return step.apply(this, given);
        };
      }`;
  };
}

test("a worker that dies is replaced and nothing of the run is lost", async () => {
  // The first load is the desk's, the second the bench's.
  const { page, close } = await open(browser, SMALL.transformer.replace("train.steps=80", "train.steps=20000"), {
    override: dyingOnce(2),
  });
  await ready(page);
  await page.click("#play");
  const notice = page.locator('.notices [data-code="worker-died"]');
  await notice.waitFor({ timeout: RUN });
  const text = await notice.innerText();
  assert.match(text, /unreachable.*Training resumed from its checkpoint at step \d+/s);
  const from = number(/at step (\d+)/.exec(text)?.[1]);
  assert.ok(from > 0);
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor({ timeout: RUN });
  // A run that had begun again would show fewer steps for as long as it had taken to come this far.
  for (let look = 0; look < 15; look++) {
    assert.ok((await steps(page)) >= from, `${await steps(page)} steps, after a checkpoint at ${from}`);
    await page.waitForTimeout(100);
  }
  await page.waitForFunction(
    (least) => {
      const text = document.querySelector("run-bar .status")?.textContent ?? "";
      return Number((/step ([\d\s\u202f]+)/.exec(text)?.[1] ?? "").replace(/\D/g, "")) > least;
    },
    from,
    { timeout: RUN },
  );
  await page.click("#play");
  assert.ok((await steps(page)) > from);
  const rows = await curve(page, "reference");
  const at = rows.map(([step]) => number(step));
  assert.ok(
    at.some((step) => step < from / 2) && at.some((step) => step >= from),
    `the curve reaches from before the death to after it: ${at[0]}..${at.at(-1)}, died at ${from}`,
  );
  await close();
});

test("a module that does not load is said, and the stored result is shown", async () => {
  const { page, close } = await open(browser, "", {
    override: (path) => (path === "/cpu.js" ? 404 : path === "/static/records/repeat.json" ? stored : undefined),
  });
  const notice = page.locator('.notices [data-code="load-failed"]');
  await notice.waitFor({ timeout: RUN });
  assert.match(
    await notice.innerText(),
    /The module cpu could not be loaded.*The stored result is shown.*reload the page/s,
  );
  await reveal(page, "panels");
  await drawn(page);
  assert.match(await page.locator('[data-panel="retrained"] .badge').innerText(), /stored/);
  assert.match(await page.locator(".sentence-big").innerText(), /Ablating/);
  assert.ok((await page.locator("model-map button[data-site]").count()) > 3);
  assert.equal(await page.locator("#play").isDisabled(), true);
  await close();
});

test("with neither a module nor a stored result the page says both and is not empty", async () => {
  const { page, close } = await open(browser, "", {
    override: (path) => (path === "/cpu.js" || path.startsWith("/static/records/") ? 404 : undefined),
  });
  await page.locator('.notices [data-code="load-failed"]').waitFor({ timeout: RUN });
  await reveal(page, "panels");
  await drawn(page);
  const text = await page.locator(".notices").innerText();
  assert.match(text, /There is no stored result to show either/);
  assert.match(text, /stored result of the preset "repeat" could not be loaded/);
  assert.equal(await page.locator(".panel").count(), 4);
  assert.equal(await page.locator(".arm-card").count(), 4);
  await close();
});

test("a worker whose script is missing is said too", async () => {
  const { page, close } = await open(browser, "", {
    override: (path) => (path === "/app/worker.js" ? 404 : path === "/static/records/repeat.json" ? stored : undefined),
  });
  await page.locator('.notices [data-code="load-failed"]').waitFor({ timeout: RUN });
  await close();
});

test("a link to stored results loads no worker, and can be run on a click", async () => {
  const override = /** @type {Override} */ ((path) => (path === "/static/records/repeat.json" ? stored : undefined));
  const { page, requests, close } = await open(browser, "v=1&p=repeat&view.stored=1", { override });
  await page.locator(".sentence-big", { hasText: "Ablating" }).waitFor();
  assert.ok(!requests.some((url) => url.endsWith("worker.js")));
  await page.getByRole("button", { name: "Run it here" }).click();
  await ready(page);
  await close();
});

test("a figure that could run code is not drawn", async () => {
  const evil = JSON.parse(stored);
  evil.view.panels[0].figures[0].svg =
    '<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=1"><script>window.hacked=1</script></svg>';
  const { page, close } = await open(browser, "view.stored=1", {
    override: (path) => (path === "/static/records/repeat.json" ? JSON.stringify(evil) : undefined),
  });
  await reveal(page, "panels");
  await page.locator('[data-panel="reference"]', { hasText: "cannot be shown; its table can" }).waitFor();
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).hacked), undefined);
  await close();
});
