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

/** A request for a file of the folder. @param {string} path */
const get = (path) => ({ request: { method: "GET", url: FOLDER + path, mode: "navigate" } });

/** Numbers from 0 to below 1 that depend on a seed alone. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
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
  const sha256 = (/** @type {string} */ content) => createHash("sha256").update(content).digest("hex");
  const paths = ["index.html", "a.js", "b.js"];
  const build = (/** @type {string} */ version) => ({
    version,
    files: Object.fromEntries(paths.map((path) => [path, sha256(version + path)])),
    whenUsed: [],
  });
  for (let seed = 0; seed < 300; seed += 1) {
    const number = numbers(seed);
    const pause = async () => {
      for (let turns = Math.floor(number() * 6); turns > 0; turns -= 1) await new Promise(setImmediate);
    };
    const caches = cacheStorage(pause);
    const page = { url: FOLDER, postMessage: () => undefined };
    let served = "first";
    const given = {
      caches,
      windows: [page],
      server: (/** @type {string} */ address) => served + address.slice(FOLDER.length),
    };
    const start = (/** @type {string} */ version) => worker({ ...given, build: build(version) });
    const first = start("first");
    await first.send("install");
    await first.send("activate");
    served = "second";
    await start("second").send("install");

    // The browser had stopped it.
    const again = start("first");
    const ask = (/** @type {string} */ name) => ({ data: { ask: name, version: "first" }, source: page });
    const events = [
      () => again.send("message", ask("replace")),
      ...Array.from({ length: 4 }, () => () => again.send("message", ask("look"))),
      ...paths.map((path) => () => again.send("fetch", get(path))),
    ];
    await Promise.all(
      events.map(async (send) => {
        await pause();
        await pause();
        return send();
      }),
    );
    const kept = (await caches.keys()).filter((name) => !name.endsWith("state"));
    assert.deepEqual(kept, ["ablation-sandbox /a/ second"], `seed ${seed}`);
    served = "none";
    for (const path of paths)
      assert.equal(await (await again.send("fetch", get(path))).text(), `second${path}`, `seed ${seed}`);
  }
});
