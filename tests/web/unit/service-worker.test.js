import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const SOURCE = await readFile(new URL("../../../web/service-worker.js", import.meta.url), "utf8");
const FOLDER = "http://localhost/a/";
const BUILD = { version: "1", files: { "index.html": "h" }, whenUsed: [] };

/** A service worker with a build, whose caches are empty. @param {any[]} windows */
function worker(windows) {
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  const cache = { match: async () => undefined, put: async () => undefined };
  const self = {
    location: { href: `${FOLDER}service-worker.js` },
    clients: { matchAll: async () => windows },
    addEventListener: (/** @type {string} */ type, /** @type {any} */ listener) => (listeners[type] = listener),
  };
  runInNewContext(SOURCE.replace('JSON.parse("null")', JSON.stringify(BUILD)), {
    ...{ self, URL, Headers, Response, crypto, setTimeout },
    caches: { open: async () => cache, match: async () => undefined, keys: async () => [], delete: async () => true },
    fetch: async (/** @type {any} */ request) => new Response(typeof request === "string" ? "other" : "server"),
  });
  return listeners;
}

test("an address that cannot be decoded is asked from the server", async () => {
  /** @type {Promise<Response>|undefined} */
  let answer;
  worker([]).fetch?.({
    request: { method: "GET", url: `${FOLDER}%zz` },
    respondWith: (/** @type {Promise<Response>} */ given) => (answer = given),
  });
  assert.equal(await (await answer)?.text(), "server");
});

test("only pages of the folder are told", async () => {
  /** @type {string[]} */
  const told = [];
  const windows = [FOLDER, `${FOLDER}embed.html`, "http://localhost/b/", "http://localhost/"].map((url) => ({
    url,
    postMessage: () => told.push(url),
  }));
  /** @type {Promise<unknown>|undefined} */
  let done;
  // The server has another file than the build lists.
  worker(windows).install?.({ waitUntil: (/** @type {Promise<unknown>} */ given) => (done = given) });
  await assert.rejects(done ?? Promise.resolve(), /another version/);
  assert.deepEqual(told, [FOLDER, `${FOLDER}embed.html`]);
});
