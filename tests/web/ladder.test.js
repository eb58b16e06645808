/**
 * What computes, rung by rung: a worker on WebGPU, a worker, the page's own thread, the stored result. Each on an origin
 * of its own and in a frame of another, and in the hosts that courses have.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN, SMALL, done, launch, open, ready, reveal, steps } from "./browser.js";
import { IFRAME, host } from "./hosts.js";

/** @typedef {import("playwright-core").Page|import("playwright-core").Frame} Place */

const browser = await launch({ webgpu: false });
const withGpu = await launch();

const CORS = { "access-control-allow-origin": "*" };
/** Workers are forbidden by the server of the page, and nothing else. */
const UNWORKED = { ...CORS, "content-security-policy": "worker-src 'none'; child-src 'none'" };
/** A few steps for a graphics adapter that is a program. */
const TINY =
  "v=1&p=two-moons&model.layers=1&model.width=16&train.batch=16&train.steps=3&sandbox.recovery_steps=1&train.warmup=0";
const LONG = SMALL.transformer.replace("train.steps=80", "train.steps=20000");

/** @param {string} link @param {string} [attributes] */
const frameOf = (link, attributes = IFRAME) =>
  `<iframe src="EMBED#${link}" title="sandbox" width="100%" height="640" ${attributes}></iframe>`;

/** @param {Place} place */
const inPage = (place) => place.locator("notice-list li", { hasText: "training runs in the page itself" });

/** @param {Place} place */
const stored = (place) => place.locator("contrast-summary .sentence-big", { hasText: /test loss/ });

/** Keeps the longest task of the page's thread, in milliseconds, while `window.watching`. */
const WATCH = `
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) if (window.watching) window.longest = Math.max(window.longest, duration);
  }).observe({ type: "longtask" });`;

/* On an origin of its own. */

test("rung 1: a worker trains on WebGPU where the link asks for it", async () => {
  const { page, close } = await open(withGpu, `${TINY}&view.force=gpu`);
  await ready(page);
  await page.locator('run-bar input[value="webgpu"]').waitFor({ state: "attached" });
  await page.waitForFunction(() => document.querySelector("run-bar input[value=webgpu]")?.matches(":checked"));
  await page.click("#play");
  await done(page);
  await reveal(page, "panels");
  // What a drawer holds is drawn after the click that opens it.
  const badge = page.locator('[data-panel="reference"] .badge').first();
  await badge.filter({ hasText: /swiftshader|google|webgpu/i }).waitFor();
  await close();
});

test("rung 2: a worker trains on the CPU", async () => {
  const { page, requests, close } = await open(browser, `${SMALL.transformer}&view.force=cpu`);
  await ready(page);
  await page.click("#play");
  await done(page);
  assert.equal(await inPage(page).count(), 0);
  assert.ok(requests.some((url) => url.endsWith("/app/worker.js")));
  await close();
});

test("rung 3: the page trains in its own thread, answers meanwhile, and gives the same numbers as a worker", async () => {
  const numbers = async (/** @type {string} */ fragment) => {
    const { page, close } = await open(
      browser,
      `${SMALL.transformer}&ablation.site=blocks.0.attn&view.force=${fragment}`,
    );
    await ready(page);
    await page.click("#play");
    await done(page);
    const text = await page.locator(".headline").innerText();
    await close();
    return text;
  };
  assert.equal(await numbers("main"), await numbers("cpu"));
  const { page, requests, close } = await open(browser, `${LONG}&view.force=main`, { init: WATCH });
  await ready(page);
  await page.locator("notice-list li", { hasText: "view.force=main" }).waitFor();
  assert.ok(!requests.some((url) => url.endsWith("/app/worker.js")), "no worker");
  await page.click("#play");
  await page.locator("run-bar .status", { hasText: "Training" }).waitFor({ timeout: RUN });
  await page.evaluate(() => Object.assign(window, { watching: true }));
  const before = await steps(page);
  await page.waitForTimeout(4000);
  assert.ok((await steps(page)) > before, "it trains");
  // How long the page leaves a click unanswered, many times.
  const waits = await page.evaluate(async () => {
    const found = [];
    for (let look = 0; look < 40; look += 1) {
      const begun = performance.now();
      await new Promise((resolve) => requestAnimationFrame(resolve));
      found.push(performance.now() - begun);
    }
    return found.sort((a, b) => a - b);
  });
  console.log(
    `a frame took ${Math.round(waits[20] ?? NaN)} ms in the median, the longest task ` +
      `${await page.evaluate(() => Math.round(/** @type {any} */ (window).longest))} ms`,
  );
  await page.click("#play");
  await page.locator("run-bar .status", { hasText: "Paused" }).waitFor();
  const paused = await steps(page);
  await page.waitForTimeout(500);
  assert.equal(await steps(page), paused);
  await close();
});

test("rung 3: a whole study runs to its report in the page's own thread", async () => {
  const link =
    "v=1&p=repeat&model.layers=1&model.width=8&train.steps=20&study.seeds=2&study.trials=2&study.without=position";
  const { page, close } = await open(browser, `${link}&view.tab=study&view.force=main`);
  await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
  await page.click("#study-go");
  await page.locator("study-bar .status", { hasText: "Done" }).waitFor({ timeout: RUN });
  await page.click("#tab-report");
  await page.locator("verdict-table tbody tr").first().waitFor();
  assert.equal(await page.locator("verdict-table tbody tr").count(), 1);
  await close();
});

test("rung 4: the link asks for the stored result", async () => {
  const { page, requests, close } = await open(browser, "v=1&p=repeat&view.force=stored");
  await stored(page).waitFor();
  await page.waitForTimeout(1000);
  assert.ok(!requests.some((url) => url.endsWith(".wasm")));
  await close();
});

for (const [what, init, expected] of /** @type {const} */ ([
  ["without SIMD", "WebAssembly.validate = () => false;", /WebAssembly has no SIMD instructions.*Safari 16\.4/s],
  ["without WebAssembly", "delete globalThis.WebAssembly;", /runs no WebAssembly here.*lockdown/s],
])) {
  test(`rung 4: ${what} the stored result is shown, and why nothing is computed`, async () => {
    const { page, requests, close } = await open(browser, "v=1&p=repeat", { init });
    await stored(page).waitFor();
    const notice = page.locator('.notices [data-code="no-simd"]');
    assert.match(await notice.innerText(), expected);
    assert.match(await notice.innerText(), /The stored result is shown/);
    assert.ok(!requests.some((url) => url.endsWith(".wasm")));
    await close();
  });
}

/* In a frame of another origin. */

test("in a frame, rung 2: a worker trains", async () => {
  const { frame, say, heard, close } = await host(browser, frameOf(SMALL.transformer));
  await say("run");
  await heard("result");
  assert.equal((await heard("ready", 2)).at(-1).data.device.threads, 1);
  assert.equal(await inPage(await frame()).count(), 0);
  await close();
});

for (const [what, attributes] of /** @type {const} */ ([
  ["workers are blocked", IFRAME],
  ["workers are blocked in an origin of its own", 'sandbox="allow-scripts"'],
])) {
  test(`in a frame, rung 3: where ${what} the page trains in its own thread and says so`, async () => {
    const { frame, say, heard, close } = await host(browser, frameOf(SMALL.transformer, attributes), {
      served: UNWORKED,
    });
    await say("run");
    await heard("result");
    await inPage(await frame()).waitFor();
    const { kind, threads } = (await heard("ready", 2)).at(-1).data.device;
    assert.deepEqual({ kind, threads }, { kind: "wasm-simd", threads: 0 });
    await close();
  });
}

test("in a frame, rung 4: where compiling is forbidden too the stored result stays, with a sentence", async () => {
  const served = { ...CORS, "content-security-policy": "worker-src 'none'; script-src 'self'" };
  const { frame, heard, close } = await host(browser, frameOf("v=1&p=repeat"), { served });
  const inside = await frame();
  await stored(inside).waitFor();
  const notice = inside.locator('.notices [data-code="load-failed"]');
  await notice.waitFor({ timeout: RUN });
  assert.match(await notice.innerText(), /The stored result is shown/);
  assert.equal((await heard("ready")).at(-1).data.device.kind, "stored");
  await close();
});

/* The five hosts of courses. */

const HOSTS = {
  plain: { attributes: 'width="640" height="420"', trains: true },
  "a sandbox with allow-same-origin": {
    attributes: 'sandbox="allow-scripts allow-same-origin" height="300"',
    trains: true,
  },
  "a sandbox of an origin of its own": { attributes: 'sandbox="allow-scripts" height="300"', trains: true },
  "a sandbox without scripts": { attributes: 'sandbox height="300"', trains: false },
};

for (const [name, { attributes, trains }] of Object.entries(HOSTS)) {
  test(`host ${name}: the stored result is shown at once${trains ? ", and it trains" : ""}`, async () => {
    const body = `<p>Week 3: predict before you open.</p>${frameOf("v=1&p=repeat", `${attributes} loading="eager"`)}`;
    const begun = performance.now();
    const { page, frame, say, heard, close } = await host(browser, body, { served: CORS });
    const inside = await frame();
    const shown = trains ? stored(inside) : inside.locator('a.still img[src$="repeat.svg"]');
    await shown.waitFor();
    const took = performance.now() - begun;
    console.log(`stored result after ${Math.round(took)} ms`);
    if (trains) {
      await say("load", { hash: SMALL.transformer });
      await page.waitForTimeout(200);
      await say("run");
      await heard("result");
    }
    await close();
  });
}

test("host with a policy that forbids frames: what stands beside the frame is shown, and the element keeps its inside", async () => {
  const headers = { "content-security-policy": "frame-src 'self'" };
  const body = `<script type="module" src="BASEelement.js"></script>
    <ablation-sandbox preset="repeat"><img id="still" alt="the result" src="BASEpictures/repeat.svg"></ablation-sandbox>`;
  const { page, close } = await host(browser, body, { headers, served: CORS });
  await page.locator("#still").waitFor();
  await page.waitForFunction(
    () => /** @type {HTMLImageElement} */ (document.querySelector("#still")).naturalWidth > 100,
  );
  assert.ok(await page.locator("#still").isVisible());
  await close();
});

/* Adapters that are not there, refuse, or never answer. */

const ADAPTERS = {
  absent: [
    "delete globalThis.Navigator?.prototype.gpu; delete globalThis.WorkerNavigator?.prototype.gpu;",
    /no WebGPU here/,
  ],
  none: ["{ requestAdapter: async () => null }", /found no graphics adapter/],
  rejects: [
    "{ requestAdapter: async () => { throw new DOMException('blocked', 'OperationError'); } }",
    /found no graphics adapter/,
  ],
  never: ["{ requestAdapter: () => new Promise(() => {}) }", /did not say in time/],
};

for (const [name, [fake, expected]] of /** @type {[string, [string, RegExp]][]} */ (Object.entries(ADAPTERS))) {
  for (const force of ["cpu", "main"]) {
    test(`an adapter that is ${name}: ${force} trains, one line says why, and nothing is thrown`, async () => {
      const code = fake.startsWith("{")
        ? `if (globalThis.navigator) Object.defineProperty(navigator, "gpu", { value: ${fake} });`
        : fake;
      const { page, close } = await open(withGpu, `${SMALL.points}${force === "main" ? "&view.force=main" : ""}`, {
        init: `${code}
          addEventListener("unhandledrejection", ({ reason }) => (window.unhandled = String(reason)));`,
        override: async (path, real) => (path === "/app/worker.js" ? `${await real()}\n${code}` : undefined),
      });
      await ready(page);
      await page.click("#play");
      await done(page);
      await reveal(page, "options");
      await page.locator(".why", { hasText: expected }).waitFor({ timeout: RUN });
      assert.match(await page.locator(".why").innerText(), /Training on the CPU works without it/);
      assert.equal(await page.evaluate(() => /** @type {any} */ (window).unhandled), undefined);
      await close();
    });
  }
}
