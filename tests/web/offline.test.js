/** The page without a network: what is kept, that a version is kept as a whole, and how the next one takes over. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RUN, SMALL, dist, done, launch, open, ready } from "./browser.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{version: string, files: Record<string, string>, whenUsed: string[]}} Build */

const browser = await launch({ webgpu: false });
const SCRIPT = readFileSync(join(dist(), "service-worker.js"), "utf8");
const TEXT = `${SMALL.transformer.replace("train.steps=80", "train.steps=20")}&data.kind=text&data.length=16&sandbox.search=none`;
const SOURCE = readFileSync(new URL("../../web/service-worker.js", import.meta.url), "utf8");
const LINE = /^const BUILD = (.*);$/m;

/** The list of the build under test. @returns {Build} */
function list() {
  return JSON.parse(LINE.exec(SCRIPT)?.[1] ?? "null");
}

/** @param {string|Buffer} content */
const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/**
 * A server whose build can be changed while it runs, as a build changes it: other files, another list, another version.
 *
 * @param {string} [name]  the version that is served first
 */
function builds(name = "first") {
  /** @type {Record<string, string|Buffer|number>} */
  let files = {};
  let script = "";
  const build = (/** @type {string} */ version, /** @type {Record<string, string>} */ changed = {}) => {
    const html = readFileSync(join(dist(), "index.html"), "utf8")
      .replace(/(<meta name="ablation-build" content=)"[^"]*"/, `$1"${version}"`)
      .replace("<html ", `<html data-build="${version}" `);
    const content = { "index.html": html, ...changed };
    const kept = list();
    for (const [path, text] of Object.entries(content)) kept.files[path] = sha256(text);
    script = SCRIPT.replace(LINE, () => `const BUILD = ${JSON.stringify({ ...kept, version })};`);
    files = content;
  };
  build(name);
  return {
    build,
    /** Serves a file as something else than the list says. @param {string} path @param {string|number} content */
    damage: (path, content) => (files[path] = content),
    /** Serves as `cargo xtask serve` does. @param {string} version */
    develop(version) {
      build(version);
      script = SOURCE;
    },
    /** @type {import("./serve.js").Override} */
    override: (path) => (path === "/service-worker.js" ? script : files[path.slice(1)]),
  };
}

/** Waits until the page says that it is kept. @param {Page} page */
const kept = (page) => page.locator("offline-note", { hasText: "works without a network" }).waitFor({ timeout: RUN });

/** @param {Page} page */
const build = (page) => page.evaluate(() => document.documentElement.dataset.build ?? "");

/**
 * Paths in the caches, by the name of the cache. Chromium writes what it compiled of a script into the cache that the
 * script came from, and makes that cache anew if it is gone: an empty one holds no build.
 *
 * @param {Page} page
 */
const held = (page) =>
  page.evaluate(async () => {
    const all = await Promise.all(
      (await caches.keys())
        .filter((name) => !name.endsWith(" state"))
        .map(async (name) => {
          const requests = await (await caches.open(name)).keys();
          return [
            name,
            requests.map(({ url }) => url.slice(document.baseURI.split("#")[0]?.length).split("?")[0] ?? ""),
          ];
        }),
    );
    return Object.fromEntries(all.filter(([, paths]) => paths?.length));
  });

test("the list of the build holds every file that it serves, with its hash", () => {
  const { files, version, whenUsed } = list();
  for (const [path, hash] of Object.entries(files)) assert.equal(sha256(readFileSync(join(dist(), path))), hash, path);
  for (const path of ["index.html", "embed.html", "cpu_bg.wasm", "app/worker.js", "static/studies/index.json"])
    assert.ok(path in files, path);
  // The text that a model of text is trained on where nobody brings one.
  const corpora = JSON.parse(readFileSync(join(dist(), "static/corpora/index.json"), "utf8"));
  assert.ok(corpora.length > 0 && "static/corpora/index.json" in files);
  for (const { file, sha256: hash } of corpora) assert.equal(files[`static/corpora/${file}`], hash, file);
  assert.match(version, /^[0-9a-f]{64}$/);
  assert.deepEqual(whenUsed, ["tokens.js", "tokens_bg.wasm", "gpu.js", "gpu_bg.wasm"]);
});

/**
 * Closes the server of a page that is kept, loads the page again and trains.
 *
 * @param {import("playwright-core").Page} page
 * @param {{close: () => Promise<unknown>}} server
 */
async function trainsOffline(page, server) {
  await kept(page);
  await server.close();
  await page.reload();
  await ready(page);
  await page.click("#play");
  await done(page);
}

for (const prefix of ["/", "/repo/", "/docs/v1/"]) {
  test(`after one visit to ${prefix} the page loads and trains with the server gone, and shows a stored report`, async () => {
    const { page, server, url, close } = await open(browser, SMALL.transformer, { prefix, kept: true });
    await trainsOffline(page, server);
    const types = await page.evaluate(() =>
      Promise.all(["cpu_bg.wasm", "app/main.js"].map(async (path) => (await fetch(path)).headers.get("content-type"))),
    );
    assert.deepEqual(types, ["application/wasm", "text/javascript; charset=utf-8"]);
    await page.goto(`${url}#view.study=positions-causal&view.tab=report`);
    await page.reload();
    await page.locator("report-exports button").first().waitFor({ timeout: RUN });
    await page.locator("verdict-table tbody tr").first().waitFor();
    await page.goto(`${url}docs/limits.html`);
    assert.match((await page.locator("h1").textContent()) ?? "", /Limits/);
    await close();
  });
}

test("training begins without a network on the first visit too, once the page is kept", async () => {
  const { page, server, close } = await open(browser, SMALL.points, { kept: true });
  await kept(page);
  await server.close();
  await page.click("#play");
  await done(page);
  await close();
});

test("a model of text begins to train without a network, on the text that comes with the page", async () => {
  const { page, server, close } = await open(browser, TEXT, { kept: true });
  await trainsOffline(page, server);
  await close();
});

test("the next version is said, takes effect on the next load, and never mixes with the one before", async () => {
  const versions = builds();
  const { page, close } = await open(browser, SMALL.transformer, { override: versions.override, kept: true });
  await kept(page);
  await page.reload();
  await ready(page);
  versions.build("second", {
    "app/worker.js": `${readFileSync(join(dist(), "app/worker.js"), "utf8")}\nself.second = 2;`,
  });
  await page.reload();
  assert.equal(await build(page), "first");
  const notice = page.locator("notice-list li", { hasText: "A newer version of this page is ready: reload" });
  await notice.waitFor({ timeout: RUN });
  const old = await page.evaluate(async () => (await fetch("./app/worker.js")).text());
  assert.doesNotMatch(old, /self\.second/, "the old page gets its own worker");
  await page.evaluate(() => (location.hash += "&view.theme=dark"));
  await notice.getByRole("button", { name: "Reload" }).click();
  await page.waitForFunction(() => document.documentElement.dataset.build === "second");
  assert.match(page.url(), /train\.steps=80.*view\.theme=dark$/, "the link stays");
  assert.match(await page.evaluate(async () => (await fetch("./app/worker.js")).text()), /self\.second/);
  await ready(page);
  assert.deepEqual(Object.keys(await held(page)), ["ablation-sandbox / second"]);
  await close();
});

test("while another tab shows the old version, both stay with it", async () => {
  const versions = builds();
  const { page, url, close } = await open(browser, SMALL.transformer, { override: versions.override, kept: true });
  await kept(page);
  const other = await page.context().newPage();
  await other.goto(url);
  await kept(other);
  versions.build("second");
  await page.reload();
  await page.locator("notice-list li", { hasText: "A newer version" }).waitFor({ timeout: RUN });
  await page.reload();
  assert.deepEqual([await build(page), await build(other)], ["first", "first"]);
  // For two seconds it is looked whether the page is the only one after all.
  await page.waitForTimeout(2500);
  await other.close();
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.build === "second");
  await close();
});

for (const [what, content] of /** @type {const} */ ([
  ["a file that is missing", 404],
  ["a file of another version", "another"],
])) {
  test(`a version with ${what} is never used`, async () => {
    const versions = builds();
    const { page, server, close } = await open(browser, SMALL.transformer, { override: versions.override, kept: true });
    await kept(page);
    versions.build("second", { "app/main.js": `${readFileSync(join(dist(), "app/main.js"), "utf8")}\n//` });
    versions.damage("static/studies/index.json", content);
    await page.reload();
    await ready(page);
    await page.waitForFunction(async () => !(await navigator.serviceWorker.getRegistration())?.installing);
    await page.waitForTimeout(500);
    assert.equal(await page.locator("notice-list li", { hasText: "A newer version" }).count(), 0);
    assert.deepEqual(Object.keys(await held(page)), ["ablation-sandbox / first"]);
    await server.close();
    await page.reload();
    await ready(page);
    assert.equal(await build(page), "first");
    await close();
  });
}

test("the large module is kept once it is used, and only that of the same build", async () => {
  const versions = builds();
  const { page, close } = await open(browser, SMALL.transformer, { override: versions.override, kept: true });
  await kept(page);
  const cached = async () => (await held(page))["ablation-sandbox / first"] ?? [];
  const before = await cached();
  assert.ok(before.includes("cpu_bg.wasm") && before.includes("study_bg.wasm") && !before.includes("gpu.js"));
  const status = () => page.evaluate(async () => (await fetch("./gpu.js")).status);
  versions.damage("gpu.js", "an engine of another build");
  assert.equal(await status(), 409);
  versions.build("first");
  assert.equal(await status(), 200);
  assert.ok((await cached()).includes("gpu.js"));
  await close();
});

test("what did not change is taken over from the version before", async () => {
  const versions = builds();
  /** @type {string[]} */
  const asked = [];
  const override = (/** @type {string} */ path, /** @type {() => Promise<Buffer>} */ real) => {
    asked.push(path);
    return versions.override(path, real);
  };
  const { page, close } = await open(browser, SMALL.transformer, { override, kept: true });
  await kept(page);
  versions.build("second");
  asked.length = 0;
  await page.reload();
  await page.locator("notice-list li", { hasText: "A newer version" }).waitFor({ timeout: RUN });
  assert.deepEqual([...new Set(asked)].sort(), ["/index.html", "/service-worker.js"]);
  await close();
});

test("a developer sees every build on the next load, also after a version was kept at that address", async () => {
  const versions = builds();
  const { page, close } = await open(browser, SMALL.transformer, { override: versions.override, kept: true });
  await kept(page);
  versions.develop("second");
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.build === "second", null, { timeout: RUN });
  await ready(page);
  assert.deepEqual(await held(page), {});
  versions.develop("third");
  await page.reload();
  assert.equal(await build(page), "third");
  await ready(page);
  await page.waitForTimeout(500);
  assert.deepEqual(await held(page), {});
  assert.equal(await page.locator("offline-note").innerText(), "");
  await close();
});

test("where the device is full the page works and says so in a sentence", async () => {
  const { page, url, close } = await open(browser, "", {
    kept: true,
    init: "navigator.serviceWorker.register = null;",
  });
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(url).origin, quotaSize: 1_000_000 });
  const full = await page.context().newPage();
  await full.goto(`${url}#${SMALL.points}`);
  await full
    .locator("offline-note", { hasText: /not kept for use without a network.*Quota/ })
    .waitFor({ timeout: RUN });
  await full.click("#play");
  await done(full);
  assert.deepEqual(await held(full), {});
  await close();
});

test("where storage is blocked the page works and says so in a sentence", async () => {
  const init = `ServiceWorkerContainer.prototype.register = async () => {
    throw new DOMException("blocked", "SecurityError");
  };`;
  const { page, close } = await open(browser, SMALL.points, { kept: true, init });
  await page.locator("offline-note", { hasText: /browser refused to store it \(SecurityError\)/ }).waitFor();
  await page.click("#play");
  await done(page);
  await close();
});

test("a browser that saves data keeps nothing", async () => {
  const init = 'Object.defineProperty(navigator, "connection", { value: { saveData: true } });';
  const { page, close } = await open(browser, SMALL.points, { kept: true, init });
  await ready(page);
  await page.waitForTimeout(500);
  assert.deepEqual(await held(page), {});
  await close();
});
