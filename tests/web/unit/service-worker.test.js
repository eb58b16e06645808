import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { cacheStorage } from "../fake/caches.js";

const SOURCE = await readFile(new URL("../../../web/service-worker.js", import.meta.url), "utf8");
const FOLDER = "http://localhost/a/";
const BUILD = { version: "1", files: { "index.html": "h" }, whenUsed: [] };

/**
 * A service worker of a build.
 *
 * @param {object} given
 * @param {any[]} [given.windows]  the pages that are open
 * @param {any} [given.build]
 * @param {any} [given.caches]
 * @param {(address: string) => string} [given.server]  what the server holds at an address
 */
function worker({ windows = [], build = BUILD, caches = cacheStorage(async () => undefined), server = () => "other" }) {
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  const self = {
    location: { href: `${FOLDER}service-worker.js` },
    clients: { matchAll: async () => windows, claim: async () => undefined },
    addEventListener: (/** @type {string} */ type, /** @type {any} */ listener) => (listeners[type] = listener),
  };
  runInNewContext(SOURCE.replace('JSON.parse("null")', JSON.stringify(build)), {
    ...{ self, URL, Headers, Response, crypto, setTimeout, caches },
    fetch: async (/** @type {any} */ request) => new Response(typeof request === "string" ? server(request) : "server"),
  });
  return {
    /** Resolves when the event was dealt with. @param {string} type @param {object} [event] @returns {Promise<any>} */
    send: (type, event = {}) =>
      new Promise((resolve, reject) => {
        const settle = (/** @type {Promise<unknown>} */ given) => void given.then(resolve, reject);
        listeners[type]?.({ ...event, waitUntil: settle, respondWith: settle });
      }),
  };
}

/** A request for a file of the folder. @param {string} path @param {string} [mode] */
const get = (path, mode = "navigate") => ({ request: { method: "GET", url: FOLDER + path, mode } });

const PAGE = { url: FOLDER, postMessage: () => undefined };
const PATHS = ["index.html", "a.js", "b.js"];
/** Kept when it is used. */
const LARGE = "large.wasm";

/** A message of the page. @param {string} ask @param {string} version  of the page */
const message = (ask, version) => ({ data: { ask, version }, source: PAGE });

/** @param {string} content */
const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/** A build whose files hold its version and their path. @param {string} version */
const build = (version) => ({
  version,
  files: Object.fromEntries([...PATHS, LARGE].map((path) => [path, sha256(version + path)])),
  whenUsed: [LARGE],
});

/** A while, by random numbers. @param {() => number} number */
async function pause(number) {
  for (let turns = Math.floor(number() * 6); turns > 0; turns -= 1) await new Promise(setImmediate);
}

/** Numbers from 0 to below 1 that depend on a seed alone. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A build that is used and the next one, which is ready. The server has the large file of the first still.
 *
 * @param {() => number} number
 */
async function twoBuilds(number) {
  const caches = cacheStorage(() => pause(number));
  let served = "first";
  const server = (/** @type {string} */ address) =>
    (address.endsWith(LARGE) ? "first" : served) + address.slice(FOLDER.length);
  const start = (/** @type {string} */ version) => worker({ caches, windows: [PAGE], server, build: build(version) });
  const first = start("first");
  await first.send("install");
  await first.send("activate");
  served = "second";
  const second = start("second");
  await second.send("install");
  /** From then on the server has nothing of either. */
  const stop = () => void (served = "none");
  return { caches, start, second, stop };
}

test("an address that cannot be decoded is asked from the server", async () => {
  const response = await worker({}).send("fetch", get("%zz"));
  assert.equal(await response.text(), "server");
});

test("only pages of the folder are told", async () => {
  /** @type {string[]} */
  const told = [];
  const windows = [FOLDER, `${FOLDER}embed.html`, "http://localhost/b/", "http://localhost/"].map((url) => ({
    url,
    postMessage: () => told.push(url),
  }));
  // The server has another file than the build lists.
  await assert.rejects(worker({ windows }).send("install"), /another version/);
  assert.deepEqual(told, [FOLDER, `${FOLDER}embed.html`]);
});

test("whatever comes in whatever order while the next build takes over, the one before does not come back", async () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const number = numbers(seed);
    const { caches, start, stop } = await twoBuilds(number);
    // The browser had stopped it.
    const again = start("first");
    const events = [
      () => again.send("message", message("replace", "first")),
      ...Array.from({ length: 4 }, () => () => again.send("message", message("look", "first"))),
      ...PATHS.map((path) => () => again.send("fetch", get(path))),
      () => again.send("fetch", get(LARGE, "cors")),
    ];
    await Promise.all(
      events.map(async (send) => {
        await pause(number);
        await pause(number);
        return send();
      }),
    );
    const kept = (await caches.keys()).filter((name) => !name.endsWith("state"));
    assert.deepEqual(kept, ["ablation-sandbox /a/ second"], `seed ${seed}`);
    stop();
    for (const path of PATHS)
      assert.equal(await (await again.send("fetch", get(path))).text(), `second${path}`, `seed ${seed}`);
  }
});

test("a build that takes over while a page asks for it is used from then on", async () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const number = numbers(seed);
    const { second, stop } = await twoBuilds(number);
    const claim = async () => {
      await pause(number);
      await second.send("message", message("claim", "second"));
    };
    const activate = async () => {
      await pause(number);
      await second.send("activate");
    };
    await Promise.all([claim(), activate()]);
    stop();
    for (const path of PATHS)
      assert.equal(await (await second.send("fetch", get(path))).text(), `second${path}`, `seed ${seed}`);
  }
});

test("a build that is removed while it is read is not ready", async () => {
  const caches = cacheStorage(async () => undefined);
  const server = (/** @type {string} */ address) => `first${address.slice(FOLDER.length)}`;
  const removing = {
    ...caches,
    open: async (/** @type {string} */ name) => {
      const cache = await caches.open(name);
      await caches.delete(name);
      return cache;
    },
  };
  await assert.rejects(worker({ caches: removing, server, build: build("first") }).send("install"), /removed/);
});

test("storage that fails once is asked again", async () => {
  const caches = cacheStorage(async () => undefined);
  const server = (/** @type {string} */ address) => `first${address.slice(FOLDER.length)}`;
  const first = worker({ caches, server, build: build("first") });
  await first.send("install");
  await first.send("activate");
  let fails = true;
  const failing = {
    ...caches,
    open: (/** @type {string} */ name) => (fails ? Promise.reject(new Error("busy")) : caches.open(name)),
  };
  const again = worker({ caches: failing, server: () => "none", build: build("first") });
  await assert.rejects(again.send("fetch", get("a.js")), /busy/);
  fails = false;
  assert.equal(await (await again.send("fetch", get("a.js"))).text(), "firsta.js");
});
