/** The sandbox in frames of other pages: what hosts are told, what they may ask for, and what they may forbid. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { violations } from "./axe.js";
import { SMALL, dist, drawn, launch, open, reveal } from "./browser.js";
import { IFRAME, host } from "./hosts.js";
import { serve } from "./serve.js";

/** @typedef {import("playwright-core").Frame} Frame */

const browser = await launch({ webgpu: false });
const unscripted = await launch({ webgpu: false, flags: ["--blink-settings=scriptEnabled=false"] });

/** A frame of the test. @param {string} [link] @param {string} [attributes] @param {number} [height] */
const frameOf = (link = "v=1&p=repeat", attributes = IFRAME, height = 640) =>
  `<iframe src="EMBED#${link}" title="sandbox" width="100%" height="${height}" style="border:0" ${attributes}></iframe>`;

/** The stored contrast in one sentence. @param {Frame} frame */
const sentence = (frame) => frame.locator("contrast-summary .sentence-big", { hasText: /test loss/ });

/** @param {Frame} frame */
const ready = (frame) => frame.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });

/** @param {Frame} frame @param {RegExp} text */
const status = (frame, text) => frame.locator("run-bar .status", { hasText: text }).waitFor({ timeout: 60_000 });

/* First paint. */

for (const prefix of ["/", "/repo/", "/docs/v1/"]) {
  test(`at ${prefix} the stored result is drawn from at most 60 KB, and asks for nothing outside`, async () => {
    const sandbox = await serve(dist(), { prefix });
    const page = await browser.newPage({ viewport: { width: 640, height: 640 } });
    /** @type {string[]} */
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    // What was asked for when the sentence was drawn, as the page itself sees it.
    await page.addInitScript(() => {
      const watch = new MutationObserver(() => {
        if (!/test loss/.test(document.querySelector(".sentence-big")?.textContent ?? "")) return;
        watch.disconnect();
        Object.assign(window, { painted: performance.now() });
      });
      watch.observe(document, { subtree: true, childList: true, characterData: true });
    });
    await page.goto(`${sandbox.url}embed.html#v=1&p=repeat`);
    await page.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });
    assert.ok(
      requests.every((url) => url.startsWith(sandbox.url)),
      "nothing outside of the prefix",
    );
    const asked = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name, startTime }) => ({ name, first: startTime <= /** @type {any} */ (window).painted })),
    );
    const first = [page.url(), ...asked.filter((one) => one.first).map(({ name }) => name)];
    const worker = requests.findIndex((url) => url.endsWith("worker.js"));
    assert.ok(
      !first.some((url) => /worker\.js|\.wasm|sandbox\.js/.test(url)),
      "first the stored result, then the engine",
    );
    assert.ok(first.some((url) => url.endsWith("repeat.json")) && first.length > 15, "what was drawn was asked for");
    const size = (/** @type {string[]} */ urls) =>
      urls
        .map((url) => join(dist(), new URL(url).pathname.slice(prefix.length)))
        .reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
    console.log(`first paint ${size(first)} bytes, before the worker ${size(requests.slice(0, worker))}`);
    assert.ok(size(first) <= 60 * 1024, `${size(first)} bytes`);
    await page.close();
    await sandbox.close();
  });
}

for (const [width, height] of /** @type {const} */ ([
  [320, 400],
  [480, 700],
  [900, 500],
])) {
  test(`at ${width} by ${height} nothing is cut off sideways and the result and Train are in view`, async () => {
    const sandbox = await serve(dist());
    const page = await browser.newPage({ viewport: { width, height } });
    await page.goto(`${sandbox.url}embed.html#v=1&p=repeat`);
    await page.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });
    for (const part of await page.locator("details.part > summary").all())
      if (await part.isVisible()) await part.click();
    await drawn(page);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    await page.evaluate(() => scrollTo(0, 0));
    const bottom = async (/** @type {string} */ at) => {
      const box = await page.locator(at).boundingBox();
      return box ? box.y + box.height : Infinity;
    };
    assert.match(await page.locator(".headline").innerText(), /7\.58/);
    assert.ok((await bottom(".headline")) < height / 2, "the headline");
    assert.ok((await bottom("#play")) <= height, "Train");
    assert.equal(await page.locator(".arm-card[data-known]").count(), 4);
    await page.close();
    await sandbox.close();
  });
}

/* Section 4.4, a row each. */

test("child to host, ready: schema, version and device, at once as stored and again when the engine is there", async () => {
  const { heard, close } = await host(browser, frameOf());
  const [first] = await heard("ready");
  assert.equal(first.from, 0);
  assert.deepEqual(first.data.device, { kind: "stored", adapter: null, fallback: false, threads: 0 });
  const second = (await heard("ready", 2))[1].data;
  assert.equal(second.v, 1);
  assert.equal(second.schema, "ablation-sandbox/v1");
  assert.match(second.version, /^\d+\.\d+\.\d+/);
  assert.deepEqual(second.device, { kind: "wasm-simd", adapter: null, fallback: false, threads: 1 });
  await close();
});

test("child to host, height: in the dialects of ours, Canvas, AMP and pym.js, and to Mastodon on request", async () => {
  const pym = frameOf().replace("EMBED#", "EMBED?childId=lab-1#");
  const { page, frame, heard, close } = await host(browser, pym);
  const ours = (await heard("height")).at(-1).data;
  assert.ok(Number.isInteger(ours.height) && ours.height > 200 && ours.height < 2000, String(ours.height));
  await ready(await frame());
  await page.waitForTimeout(800);
  const heights = async () => (await heard("height")).map(({ data }) => data.height);
  const before = (await heights()).at(-1);
  await (await frame()).locator(".part.curves > summary").click();
  await page.waitForTimeout(900);
  const after = (await heights()).at(-1);
  assert.ok(after > before + 200, `${before} and ${after}`);
  await page.evaluate(() => /** @type {any} */ (window).say({ type: "setHeight", id: 7 }));
  await page.evaluate(() => /** @type {any} */ (window).say({ type: "setHeight", id: { toString: 1 } }));
  await page.waitForTimeout(200);
  const all = await page.evaluate(() => /** @type {any} */ (window).heard.map((/** @type {any} */ { data }) => data));
  assert.ok(all.some((/** @type {any} */ one) => one?.subject === "lti.frameResize" && one.height === after));
  assert.ok(all.some((/** @type {any} */ one) => one?.sentinel === "amp" && one.type === "embed-ready"));
  assert.ok(all.some((/** @type {any} */ one) => one?.sentinel === "amp" && one.height === after));
  assert.ok(all.includes(`pymxPYMxlab-1xPYMxheightxPYMx${after}`));
  const replies = all.filter((/** @type {any} */ one) => one?.type === "setHeight");
  assert.deepEqual(replies, [{ type: "setHeight", id: 7, height: after }]);
  await close();
});

test("child to host, height: what changes all the time is said four times a second at most", async () => {
  const { page, frame, heard, close } = await host(browser, frameOf());
  await ready(await frame());
  const before = (await heard("height")).length;
  await (
    await frame()
  ).evaluate(async () => {
    const end = performance.now() + 2000;
    for (let size = 0; performance.now() < end; size += 3) {
      document.body.style.paddingBottom = `${size}px`;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  await page.waitForTimeout(400);
  const said = (await heard("height")).length - before;
  assert.ok(said >= 3 && said <= 10, `${said} in 2.4 s`);
  await close();
});

test("child to host, state: the link and the study, again when a setting changes", async () => {
  const { frame, heard, close } = await host(browser, frameOf());
  await ready(await frame());
  const inside = await frame();
  await inside.locator(".part.inputs > summary").click();
  await inside.locator("#field-model-layers").fill("1");
  await inside.locator("#field-model-layers").dispatchEvent("change");
  await inside
    .page()
    .waitForFunction(() =>
      /** @type {any} */ (window).heard.some((/** @type {any} */ { data }) => /layers=1/.test(data?.hash ?? "")),
    );
  const { data } = (await heard("state")).at(-1);
  assert.match(data.hash, /^v=1&p=repeat&model\.layers=1/);
  assert.equal(data.study_id, "v=1&p=repeat&model.layers=1");
  await close();
});

test("host to child, run; child to host, progress and result", async () => {
  const { page, say, heard, close } = await host(browser, frameOf(SMALL.transformer));
  await say("run");
  const results = await heard("result");
  const { record } = results[0].data;
  assert.equal(record.schema, "ablation-sandbox/v1");
  assert.match(record.study_id, /train\.steps=80/);
  assert.equal(record.description.settings["train.steps"], 80);
  assert.ok(record.view.panels.length > 0);
  const progress = await heard("progress");
  for (const { data } of progress) {
    assert.equal(data.seed, 0);
    assert.ok(data.step <= data.steps && data.steps > 0, `${data.step} of ${data.steps}`);
    assert.match(data.arm, /reference|recovery|short_retrain|retrained|done/);
  }
  await page.waitForTimeout(100);
  await close();
});

test("progress comes four times a second at most", async () => {
  const { page, frame, say, heard, close } = await host(
    browser,
    frameOf(SMALL.transformer.replace("train.steps=80", "train.steps=20000")),
  );
  await say("run");
  await heard("progress");
  const before = (await heard("progress")).length;
  await page.waitForTimeout(3000);
  const said = (await heard("progress")).length - before;
  assert.ok(said >= 2 && said <= 13, `${said} in 3 s`);
  await say("stop");
  await status(await frame(), /Ready/);
  await close();
});

test("host to child, pause, resume and stop", async () => {
  const { frame, say, close } = await host(
    browser,
    frameOf(SMALL.transformer.replace("train.steps=80", "train.steps=20000")),
  );
  const inside = await frame();
  await say("run");
  await status(inside, /Training/);
  await say("pause");
  await status(inside, /Paused at/);
  await say("resume");
  await status(inside, /Training/);
  await say("stop");
  await status(inside, /^Ready/);
  await say("run");
  await status(inside, /Training/);
  await say("stop");
  await close();
});

test("host to child, load: another link, without a step in the history of the host", async () => {
  const { page, frame, say, heard, close } = await host(browser, frameOf());
  const inside = await frame();
  await ready(inside);
  const length = await page.evaluate(() => history.length);
  await say("load", { hash: "#v=1&p=two-moons" });
  await inside.locator("h1", { hasText: /moons/i }).waitFor();
  assert.equal(await page.evaluate(() => history.length), length);
  assert.match(new URL(inside.url()).hash, /p=two-moons/);
  assert.match((await heard("state")).at(-1).data.hash, /p=two-moons/);
  await close();
});

test("host to child, load: the record of a sandbox by its link, the record of a study as its report", async () => {
  const { frame, say, close } = await host(browser, frameOf());
  const inside = await frame();
  await ready(inside);
  await say("load", { record: { description: { link: "v=1&p=sort" }, view: {} } });
  await inside.locator("h1", { hasText: /sort/i }).waitFor();
  const record = JSON.parse(readFileSync(join(dist(), "static/studies/null.record.json"), "utf8"));
  await say("load", { record });
  await inside.locator("report-head h2", { hasText: record.study.title }).waitFor({ timeout: 60_000 });
  await close();
});

test("host to child, visible: who is said not to be seen does not train", async () => {
  const { frame, say, close } = await host(
    browser,
    frameOf(SMALL.transformer.replace("train.steps=80", "train.steps=20000")),
  );
  const inside = await frame();
  await say("run");
  await status(inside, /Training/);
  await say("visible", { visible: false });
  await status(inside, /Paused while hidden/);
  await say("visible", { visible: true });
  await status(inside, /Training/);
  await say("stop");
  await close();
});

test("child to host, error: what is wrong with a link or a message", async () => {
  const { frame, say, heard, close } = await host(browser, frameOf("v=1&p=repeat&model.width=99999&view.hide=nothing"));
  await ready(await frame());
  const said = async () => (await heard("error")).map(({ data }) => `${data.code} ${data.message}`);
  assert.ok((await said()).some((text) => /^bad-config view\.hide=nothing: no control has this name/.test(text)));
  assert.ok((await said()).some((text) => /^bad-config model\.width=99999 → 256/.test(text)));
  await say("load", { hash: 7 });
  await say("visible", { visible: "yes" });
  await heard("error", 4);
  assert.ok((await said()).some((text) => /The message load takes hash/.test(text)));
  assert.ok((await said()).some((text) => /visible takes visible: true or false/.test(text)));
  await close();
});

/* What is not obeyed. */

test("a wrong version and an unknown type are refused aloud, and what is not ours is not answered", async () => {
  const { page, frame, heard, close } = await host(browser, frameOf());
  const inside = await frame();
  await ready(inside);
  await page.evaluate(() => {
    const say = /** @type {any} */ (window).say;
    say({ type: "ablation-sandbox:run", v: 2 });
    say({ type: "ablation-sandbox:explode", v: 1 });
    say({ type: "something-else:run", v: 1 });
    say(null);
    say("text");
    say('{"type":"ablation-sandbox:run"');
    say([1, 2]);
  });
  const errors = (await heard("error", 2)).map(({ data }) => data.message);
  assert.equal(errors.length, 2);
  assert.match(errors[0], /have v: 1, this one has v: 2/);
  assert.match(errors[1], /no message "explode"; it takes load, run, pause, resume, stop and visible/);
  assert.match((await inside.locator("run-bar .status").textContent()) ?? "", /^Ready/);
  await close();
});

test("ten thousand messages a second leave the frame at work, and the last word counts", async () => {
  const { page, frame, heard, close } = await host(browser, frameOf());
  const inside = await frame();
  await ready(inside);
  await page.evaluate(async () => {
    const say = /** @type {any} */ (window).say;
    for (let round = 0; round < 100; round++) {
      for (let one = 0; one < 100; one++) {
        const preset = ["repeat", "sort", "first"][one % 3];
        say({ type: "ablation-sandbox:load", v: 1, hash: `v=1&p=${preset}` });
        say({ type: "ablation-sandbox:visible", v: 1, visible: one % 2 === 0 });
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    say({ type: "ablation-sandbox:visible", v: 1, visible: true });
    say({ type: "ablation-sandbox:load", v: 1, hash: "v=1&p=two-moons" });
  });
  const asked = performance.now();
  await inside.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.ok(performance.now() - asked < 5000, "the frame answers");
  await inside.locator("h1", { hasText: /moons/i }).waitFor({ timeout: 30_000 });
  assert.match((await heard("state")).at(-1).data.hash, /two-moons/);
  await close();
});

test("a message from another window is not obeyed", async () => {
  const other = `${frameOf()}<iframe id="other" srcdoc="<p>other</p>"></iframe>`;
  const { page, frame, close } = await host(browser, other);
  const inside = await frame();
  await ready(inside);
  await page.evaluate(() => {
    const other = /** @type {any} */ (document.querySelector("#other")).contentWindow;
    other.eval(
      "parent.frames[0].postMessage({ type: 'ablation-sandbox:load', v: 1, hash: 'v=1&p=two-moons' }, '*');" +
        "parent.frames[0].postMessage({ type: 'ablation-sandbox:run', v: 1 }, '*');",
    );
  });
  await page.waitForTimeout(700);
  assert.match((await inside.locator("h1").textContent()) ?? "", /Repeat/);
  assert.match((await inside.locator("run-bar .status").textContent()) ?? "", /^Ready/);
  await close();
});

test("names that are no names, in messages and links, change no prototype and draw no markup", async () => {
  const bad = [
    "__proto__.polluted=1&constructor.prototype.polluted=1&view.__proto__=1&view.constructor=1&view.hide=__proto__",
    "view.lock=constructor,toString&view.theme=__proto__&model.width=<img src=x onerror=polluted=1>",
  ].join("&");
  const { page, frame, close } = await host(
    browser,
    frameOf(`v=1&p=repeat&${bad.replaceAll(/[<>]/g, encodeURIComponent)}`),
  );
  const inside = await frame();
  await ready(inside);
  await page.evaluate(() => {
    const say = /** @type {any} */ (window).say;
    say('{"type":"ablation-sandbox:load","v":1,"__proto__":{"polluted":1},"record":{"__proto__":{"polluted":1}}}');
    say(JSON.parse('{"type":"ablation-sandbox:load","v":1,"hash":"v=1&p=sort","__proto__":{"polluted":1}}'));
    say({ type: "ablation-sandbox:__proto__", v: 1 });
    say({ type: "ablation-sandbox:constructor", v: 1 });
  });
  await inside.locator("h1", { hasText: /sort/i }).waitFor({ timeout: 30_000 });
  assert.equal(await inside.evaluate(() => /** @type {any} */ ({}).polluted), undefined);
  assert.equal(await inside.evaluate(() => /** @type {any} */ (window).polluted), undefined);
  assert.equal(await inside.locator("img[src=x]").count(), 0);
  await close();
});

/* What hosts forbid. */

test("in a sandbox without allow-same-origin the stored result is shown, and a worker of a text trains", async () => {
  const link = SMALL.transformer;
  const served = { "access-control-allow-origin": "*" };
  const { frame, say, heard, close } = await host(browser, frameOf(link, 'sandbox="allow-scripts"'), { served });
  const inside = await frame();
  await heard("ready", 2);
  assert.ok((await heard("ready")).every(({ origin }) => origin === "null"));
  await say("run");
  assert.equal((await heard("result"))[0].data.record.description.settings["train.steps"], 80);
  await status(inside, /Done/);
  await close();
});

test("a frame that may not read its own modules says where to open it", async () => {
  const { frame, close } = await host(browser, frameOf("v=1&p=repeat", 'sandbox="allow-scripts"'));
  const inside = await frame();
  await inside.locator("#unloaded", { hasText: "open it in a tab of its own" }).waitFor();
  await close();
});

test("without scripts it says so, and shows the still picture of the preset where the build made one", async () => {
  const sandbox = await serve(dist());
  const page = await unscripted.newPage();
  await page.goto(`${sandbox.url}embed.html#v=1&p=repeat`);
  // What is laid out: a page without scripts cannot be asked.
  const session = await page.context().newCDPSession(page);
  const { documents, strings } = await session.send("DOMSnapshot.captureSnapshot", { computedStyles: [] });
  const { nodes, layout } = documents[0] ?? assert.fail("no document");
  const text = layout.text.map((index) => strings[index] ?? "").join(" ");
  assert.match(text, /Scripts are off in this frame/);
  assert.doesNotMatch(text, /The sandbox is loading/);
  const images = layout.nodeIndex.filter((node) => strings[nodes.nodeName?.[node] ?? -1] === "IMG");
  const sources = images.map((node) => (nodes.attributes?.[node] ?? []).map((index) => strings[index]).join(" "));
  if (readFileSync(join(dist(), "embed.html"), "utf8").includes('class="still"')) {
    assert.equal(sources.length, 1, sources.join("\n"));
    assert.match(sources[0] ?? "", /pictures\/repeat\.svg/);
  }
  await page.close();
  await sandbox.close();
});

const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

test("an isolated host shows the sandbox if it is served with COEP and CORP, as the guide says", async () => {
  const served = { "cross-origin-embedder-policy": "require-corp", "cross-origin-resource-policy": "cross-origin" };
  const link = SMALL.transformer;
  const { page, say, heard, close } = await host(browser, frameOf(link), { headers: ISOLATED, served });
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  await heard("ready", 2);
  await say("run");
  await heard("result");
  await close();
});

test("an isolated host without those headers shows what stands inside the element", async () => {
  const body = `<script type="module" src="BASEelement.js"></script>
    <ablation-sandbox preset="repeat"><a href="BASE#v=1&p=repeat">the result in a sentence</a></ablation-sandbox>`;
  const served = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" };
  const { page, close } = await host(browser, body, { headers: ISOLATED, served, throws: true });
  await page.waitForTimeout(2500);
  assert.ok(await page.locator("ablation-sandbox a", { hasText: "the result in a sentence" }).isVisible());
  await close();
});

test("a sandbox that is served with a strict policy of its own trains", async () => {
  const policy = [
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:",
    "connect-src 'self'; worker-src 'self' data:",
  ].join("; ");
  const served = { "content-security-policy": policy };
  const { frame, say, heard, close } = await host(browser, frameOf(SMALL.transformer), { served });
  await say("run");
  await heard("result");
  await status(await frame(), /Done/);
  await close();
});

/* Several in one page. */

test("five in one page train one at a time, and those that are not seen do not", async () => {
  const link = SMALL.transformer.replace("train.steps=80", "train.steps=20000");
  const five = Array.from({ length: 5 }, () => `${frameOf(link, IFRAME, 260)}`).join("<hr>");
  const { page, frame, close } = await host(browser, `${five}<div style="height:4000px"></div>`, {
    context: { viewport: { width: 900, height: 1500 } },
  });
  const frames = await Promise.all([0, 1, 2, 3, 4].map((index) => frame(index)));
  for (const one of frames) await ready(one);
  for (const one of frames) await one.locator("#play").click();
  const said = () => Promise.all(frames.map(async (one) => (await one.locator("run-bar .status").textContent()) ?? ""));
  await page.waitForFunction(() => true);
  await status(/** @type {Frame} */ (frames[0]), /Training/);
  await page.waitForTimeout(1500);
  const all = await said();
  assert.equal(all.filter((text) => /^Training/.test(text)).length, 1, all.join(" | "));
  assert.equal(all.filter((text) => /^Waiting: another sandbox/.test(text)).length, 4, all.join(" | "));
  // The next in line has its turn when the first one is paused.
  await frames[0]?.locator("#play").click();
  await status(/** @type {Frame} */ (frames[1]), /Training/);
  await page.evaluate(() => scrollTo(0, 4000));
  for (const one of frames.slice(1)) await status(one, /Paused while hidden/);
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1000);
  assert.equal((await said()).filter((text) => /^Training/.test(text)).length, 1);
  await close();
});

test("an embed that nobody has seen loads no engine, and trains by itself once it is seen where the link says so", async () => {
  const body = `<div style="height:6000px"></div>${frameOf(`${SMALL.transformer}&view.autorun=1`)}`;
  const { page, frame, requests, close } = await host(browser, body);
  await sentence(await frame()).waitFor();
  await page.waitForTimeout(1500);
  assert.ok(!requests.some((url) => url.endsWith(".wasm") || url.endsWith("worker.js")), "no engine");
  await page.locator("iframe").scrollIntoViewIfNeeded();
  await status(await frame(), /Done/);
  await close();
});

test("a link that asks for stored results only loads no engine, and says what it does not apply", async () => {
  const { page, frame, requests, close } = await host(browser, frameOf("v=1&p=repeat&model.layers=1&view.stored=1"));
  const inside = await frame();
  await sentence(inside).waitFor();
  await inside
    .locator(".notices", { hasText: "The link sets other values than the stored result of repeat" })
    .waitFor();
  await page.waitForTimeout(1500);
  assert.ok(!requests.some((url) => url.endsWith(".wasm")), "no engine");
  await inside.getByRole("button", { name: "Run it here" }).click();
  await ready(inside);
  await close();
});

/* The element. */

const ELEMENT = `<script type="module" src="BASEelement.js"></script>
  <script>
    addEventListener("DOMContentLoaded", () => {
      window.events = [];
      const element = document.querySelector("ablation-sandbox");
      for (const name of ["sandbox-ready", "sandbox-result", "sandbox-error", "onscreen", "offscreen"])
        element.addEventListener(name, () => events.push(name));
    });
  </script>`;
const CORS = { served: { "access-control-allow-origin": "*" } };

test("the element is at most 3 KB, shows what is inside of it until it is ready, and follows the height", async () => {
  const size = gzipSync(readFileSync(join(dist(), "element.js")), { level: 9 }).length;
  assert.ok(size <= 3 * 1024, `${size} bytes`);
  const body = `${ELEMENT}<ablation-sandbox preset="two-moons" hide="device" theme="dark" height="500" title="Moons">
    <a href="BASE">inside</a></ablation-sandbox>`;
  const { page, frame, close } = await host(browser, body, CORS);
  const inside = await frame();
  await ready(inside);
  const iframe = page.locator("ablation-sandbox iframe");
  assert.equal(await iframe.getAttribute("title"), "Moons");
  assert.equal(await page.locator("ablation-sandbox a").count(), 0);
  assert.match(new URL(inside.url()).hash, /p=two-moons.*view\.hide=device.*view\.theme=dark/);
  assert.equal(await inside.locator("run-bar .device").isVisible(), false);
  assert.equal(await inside.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.waitForTimeout(900);
  const height = async () => (await iframe.boundingBox())?.height ?? 0;
  const before = await height();
  assert.ok(Math.abs(before - (await inside.evaluate(() => document.body.getBoundingClientRect().height))) <= 2);
  await inside.locator(".part.curves > summary").click();
  await page.waitForTimeout(900);
  assert.ok((await height()) > before + 100);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).events.slice(0, 2).sort()), [
    "onscreen",
    "sandbox-ready",
  ]);
  await close();
});

test("the element runs, gives its record, and shows another preset when its attribute changes", async () => {
  const body = `${ELEMENT}<ablation-sandbox state="${SMALL.transformer}"></ablation-sandbox>`;
  const { page, frame, close } = await host(browser, body, CORS);
  const steps = await page.evaluate(async () => {
    const element = /** @type {any} */ (document.querySelector("ablation-sandbox"));
    await customElements.whenDefined("ablation-sandbox");
    element.run();
    const record = await element.getRecord();
    return record.description.settings["train.steps"];
  });
  assert.equal(steps, 80);
  await page.evaluate(() => {
    const element = /** @type {any} */ (document.querySelector("ablation-sandbox"));
    element.removeAttribute("state");
    element.preset = "two-moons";
  });
  await (await frame()).locator("h1", { hasText: /moons/i }).waitFor();
  await close();
});

test("the element follows another src, and takes its own height and title where those attributes are removed", async () => {
  const other = await serve(dist(), { headers: { "access-control-allow-origin": "*" } });
  const { href } = new URL("./", other.url);
  const body = `${ELEMENT}<ablation-sandbox preset="repeat" title="Repeat" height="500"></ablation-sandbox>`;
  const { page, frame, close } = await host(browser, body, CORS);
  await ready(await frame());
  const told = () =>
    page.evaluate(
      () => /** @type {any} */ (window).events.filter((/** @type {string} */ one) => one === "sandbox-ready").length,
    );
  const before = await told();
  const iframe = page.locator("ablation-sandbox iframe");
  await page.evaluate((src) => {
    const element = /** @type {any} */ (document.querySelector("ablation-sandbox"));
    element.removeAttribute("title");
    element.src = src;
    element.load("v=1&p=two-moons");
  }, href);
  assert.equal(await iframe.getAttribute("title"), "Ablation sandbox");
  await page.frameLocator("ablation-sandbox iframe").locator("h1", { hasText: /moons/i }).waitFor();
  assert.ok((await iframe.getAttribute("src"))?.startsWith(href));
  assert.ok((await told()) > before, "the new page says that it is ready");
  await page.evaluate((src) => {
    const element = /** @type {any} */ (document.querySelector("ablation-sandbox"));
    element.src = `${src}index.html`;
    element.load("v=1&p=repeat");
    element.height = null;
  }, href);
  await page
    .frameLocator("ablation-sandbox iframe")
    .locator("h1", { hasText: /repeat/i })
    .waitFor();
  await other.close();
  await close();
});

test("the element obeys its own frame only, and no height that is none", async () => {
  const body = `${ELEMENT}<ablation-sandbox preset="repeat" height="500"></ablation-sandbox><iframe srcdoc="x"></iframe>`;
  const { page, frame, close } = await host(browser, body, CORS);
  const inside = await frame();
  await ready(inside);
  await page.waitForTimeout(900);
  const iframe = page.locator("ablation-sandbox iframe");
  const height = async () => Math.round((await iframe.boundingBox())?.height ?? 0);
  const before = await height();
  const message = "{ type: 'ablation-sandbox:height', v: 1, height: 5000 }";
  await page.evaluate((text) => {
    const other = /** @type {any} */ (document.querySelector("iframe[srcdoc]")).contentWindow;
    other.eval(`parent.postMessage(${text}, "*")`);
    other.eval(`parent.postMessage({ type: "ablation-sandbox:__proto__", v: 1, height: 9 }, "*")`);
    postMessage({ type: "ablation-sandbox:height", v: 1, height: 5000 }, "*");
  }, message);
  await inside.evaluate(() => {
    for (const wrong of [NaN, "9", null, {}, Infinity])
      parent.postMessage({ type: "ablation-sandbox:height", v: 1, height: wrong }, "*");
    parent.postMessage({ type: "ablation-sandbox:height", v: 2, height: 5000 }, "*");
  });
  await page.waitForTimeout(300);
  assert.equal(await height(), before);
  await inside.evaluate(() => parent.postMessage('{"type":"ablation-sandbox:height","v":1,"height":1e9}', "*"));
  await page.waitForTimeout(100);
  assert.equal(await height(), 20000, "text is read as well, and clamped");
  await close();
});

test("a host with a strict policy shows the element, and one that forbids frames what is inside of it", async () => {
  const sandbox = await serve(dist(), { headers: { "access-control-allow-origin": "*" } });
  const { origin } = new URL(sandbox.url);
  for (const [frames, shown] of /** @type {const} */ ([
    [origin, true],
    ["'none'", false],
  ])) {
    const policy = `default-src 'none'; script-src 'self' ${origin}; frame-src ${frames}`;
    const body = `<script type="module" src="${origin}/element.js"></script>
      <ablation-sandbox preset="repeat"><a href="${origin}/">the result in a sentence</a></ablation-sandbox>`;
    const { page, close } = await host(browser, body, { headers: { "content-security-policy": policy } });
    if (shown)
      await ready(
        (await (
          await page.locator("ablation-sandbox iframe").elementHandle()
        )
          ?.contentFrame()
          .then((one) => one ?? assert.fail("no frame"))) ?? assert.fail("no frame"),
      );
    else await page.waitForTimeout(2000);
    assert.equal(await page.locator("ablation-sandbox a").isVisible(), !shown);
    await close();
  }
  await sandbox.close();
});

/* Lessons. */

test("what a lesson hides takes no focus, what it locks is shown and cannot be changed, and the study stays", async () => {
  const link = "v=1&p=repeat&view.hide=device,train.batch&view.lock=seed,model.width,preset";
  const { page, close } = await open(browser, link);
  await page.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });
  await reveal(page, "options", "inputs");
  await page.locator("settings-form summary", { hasText: "Training" }).click();
  await drawn(page);
  assert.equal(await page.locator("run-bar .device").isVisible(), false);
  assert.ok(await page.locator('[data-control="step"]').isVisible());
  assert.equal(await page.locator("#field-train-batch").isVisible(), false);
  assert.ok(await page.locator("#field-train-steps").isVisible());
  for (const locked of ['[data-control="reseed"]', "#field-model-width", "#preset"])
    assert.ok(await page.locator(locked).isDisabled(), locked);
  assert.equal(await page.locator("#field-model-layers").isDisabled(), false);
  await page.locator("#field-model-layers").fill("1");
  await page.locator("#field-model-layers").dispatchEvent("change");
  await page.waitForFunction(() => location.hash.includes("model.layers=1"));
  await drawn(page);
  assert.ok(await page.locator("#field-model-width").isDisabled(), "still, after it was drawn again");
  assert.match(
    await page.evaluate(() => location.hash),
    /view\.hide=device,train\.batch&view\.lock=model\.width,preset,seed$/,
  );
  await close();
});

test("the panel that makes a lesson writes it into the link, and takes it back", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat");
  await page.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });
  await reveal(page, "options");
  assert.ok(await page.locator("run-bar .device").isVisible());
  await page.locator("lesson-maker summary").click();
  await page.locator("#lesson-device").selectOption("hide");
  await page.locator("#lesson-model-width").selectOption("lock");
  await page.locator("lesson-maker label.option").click();
  await drawn(page);
  assert.equal(
    await page.evaluate(() => location.hash),
    "#v=1&p=repeat&view.hide=device&view.lock=model.width&view.predict=1",
  );
  assert.equal(await page.locator("run-bar .device").isVisible(), false);
  assert.ok(await page.locator("#field-model-width").isDisabled());
  await page.locator("embed-menu summary").click();
  await drawn(page);
  const snippet = await page.locator("embed-menu textarea").inputValue();
  assert.match(
    snippet,
    /embed\.html#v=1&amp;p=repeat&amp;view\.hide=device&amp;view\.lock=model\.width&amp;view\.predict=1"/,
  );
  assert.match(snippet, /title="Ablation sandbox: Repeat"/);
  await page.locator("lesson-maker button", { hasText: "Show and unlock all" }).click();
  await drawn(page);
  assert.ok(await page.locator("run-bar .device").isVisible());
  assert.equal(await page.locator("#field-model-width").isDisabled(), false);
  await close();
});

test("the snippets show the sandbox when they are pasted", async () => {
  const { page, close } = await open(browser, "v=1&p=two-moons");
  await page.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });
  await page.locator("embed-menu summary").click();
  for (const [label, at] of /** @type {const} */ ([
    ["Copy iframe", "iframe"],
    ["Copy element", "ablation-sandbox iframe"],
  ])) {
    await page.locator("embed-menu button", { hasText: label }).click();
    const snippet = await page.locator("embed-menu textarea").inputValue();
    const served = { "access-control-allow-origin": "*" };
    const around = await host(browser, snippet.replaceAll(new URL("./", page.url()).href, "BASE"), { served });
    assert.equal(await around.page.locator(at).count(), 1);
    await around.page.locator(at).scrollIntoViewIfNeeded();
    await ready(await around.frame());
    await (await around.frame()).locator("h1", { hasText: /moons/i }).waitFor();
    await around.close();
  }
  await close();
});

test("predict first: results are hidden until the guess, and the guess stands beside them", async () => {
  const { frame, close } = await host(browser, frameOf("v=1&p=repeat&view.predict=1"));
  const inside = await frame();
  await ready(inside);
  for (const result of ["answer-line", ".axis", "arm-cards", ".part.curves"])
    assert.equal(await inside.locator(result).isVisible(), false, result);
  await inside.locator("predict-first button.primary").click();
  assert.equal(await inside.locator(".axis").isVisible(), false, "both questions are required");
  await inside.locator('input[name="disruption"][value="rises"]').check();
  await inside.locator('input[name="necessity"][value="falls"]').check();
  await inside.locator("predict-first button.primary").click();
  await sentence(inside).waitFor();
  const rows = await inside.locator("predict-first tbody tr").allInnerTexts();
  assert.match(rows[0] ?? "", /Ablated in the trained model.*rises.*\+7\.58 nats/s);
  assert.match(rows[1] ?? "", /Retrained without it.*falls.*nats/s);
  await close();
});

test("predict first, on the whole page: no result is drawn or said before the guess", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat&view.predict=1");
  await page.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });
  await drawn(page);
  for (const result of ["contrast-summary", "answer-line", "arm-cards", "arm-panels", '[data-drawer="panels"]'])
    assert.equal(await page.locator(result).isVisible(), false, result);
  assert.equal(await page.locator("#live").textContent(), "");
  await page.locator('input[name="disruption"][value="rises"]').check();
  await page.locator('input[name="necessity"][value="rises"]').check();
  await page.locator("predict-first button.primary").click();
  await page.locator("contrast-summary .sentence-big", { hasText: "7.58" }).waitFor();
  assert.ok(await page.locator("arm-cards").isVisible());
  await reveal(page, "panels");
  assert.ok(await page.locator("arm-panels").isVisible());
  await close();
});

test("predict first, of a study: which components are needed, and in which order", async () => {
  const { frame, close } = await host(browser, frameOf("view.study=modular-addition&view.tab=report&view.predict=1"));
  const inside = await frame();
  await inside.locator("predict-first .movable").first().waitFor({ timeout: 60_000 });
  assert.equal(await inside.locator(".report").isVisible(), false);
  const labels = await inside.locator("predict-first .movable label").allInnerTexts();
  await inside.locator("predict-first .movable").nth(1).getByRole("button", { name: /^Up/ }).click();
  const moved = await inside.locator("predict-first .movable label").allInnerTexts();
  assert.deepEqual(moved.slice(0, 2), [labels[1], labels[0]]);
  await inside.locator("predict-first .movable input").first().check();
  await inside.locator("predict-first button.primary").click();
  await inside.locator(".report").waitFor();
  const rows = await inside.locator("predict-first tbody tr").allInnerTexts();
  assert.equal(rows.length, labels.length);
  assert.match(rows[0] ?? "", /needed, place 1/);
  assert.match(rows[1] ?? "", /not needed, place 2/);
  assert.match(rows.join("\n"), /place \d of \d/);
  await close();
});

/* Everyone can use it. */

for (const [name, link] of /** @type {const} */ ([
  ["a stored result", "v=1&p=repeat&model.colour=red"],
  ["a report", "view.study=null&view.tab=report"],
  ["a question", "v=1&p=repeat&view.predict=1"],
  ["a question about a study", "view.study=modular-addition&view.tab=report&view.predict=1"],
])) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`axe finds nothing on an embedded page with ${name}, ${colorScheme}`, async () => {
      const sandbox = await serve(dist());
      const page = await browser.newPage({ colorScheme, viewport: { width: 360, height: 640 } });
      await page.goto(`${sandbox.url}embed.html#${link}`);
      await page
        .locator("#play:not([disabled]):visible, report-head h2:visible, predict-first .movable:visible")
        .first()
        .waitFor();
      await page.waitForTimeout(1500);
      assert.deepEqual(await violations(page), [], "at rest");
      for (const closed of await page.locator("details:not([open]) > summary").all())
        if (await closed.isVisible()) await closed.click();
      await drawn(page);
      assert.deepEqual(await violations(page), [], "with everything open");
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, "nothing scrolls two ways");
      await page.close();
      await sandbox.close();
    });
  }
}

test("axe finds nothing on the panels that embed and make a lesson", async () => {
  const { page, close } = await open(browser, "v=1&p=repeat&view.hide=device&view.lock=seed");
  await page.locator("#play:not([disabled])").waitFor({ timeout: 60_000 });
  await page.locator("embed-menu summary").click();
  await page.locator("lesson-maker summary").click();
  await drawn(page);
  assert.deepEqual(await violations(page), []);
  await close();
});

/* Hosts of learning management systems: a sandbox, a fixed height. */

for (const [name, attributes] of /** @type {const} */ ([
  ["a plain frame", 'width="640" height="420"'],
  ["a sandbox with allow-same-origin", 'sandbox="allow-scripts allow-same-origin" width="100%" height="300"'],
  ["a sandbox without it", 'sandbox="allow-scripts" width="100%" height="300"'],
])) {
  test(`${name} of fixed height shows the stored result within two seconds, and trains`, async () => {
    const body = `<p>Week 3: predict before you open.</p>
      <iframe src="EMBED#${SMALL.transformer}" title="study" ${attributes}></iframe>
      <iframe src="EMBED#v=1&p=repeat" title="study" ${attributes}></iframe>`;
    const begun = performance.now();
    const { page, frame, heard, close } = await host(browser, body, CORS);
    await sentence(await frame(1)).waitFor();
    const took = performance.now() - begun;
    console.log(`stored result after ${Math.round(took)} ms`);
    const small = await frame(0);
    await ready(small);
    await small.locator("#play").click();
    await heard("result");
    assert.ok(await page.locator("iframe").first().isVisible());
    await close();
  });
}
