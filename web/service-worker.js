/**
 * Keeps the page for use without a network. The build writes into this file the list of all files of the page with
 * their hashes, so that another build is another service worker.
 *
 * - A build is kept in a cache of its own, and is ready once every file was read and has the hash of the list. One
 *   that was read in half, or mixed with the next one by a server that was being updated, is never used.
 * - All pages that are open use one build, and get all files from its cache. Files that are large and kept only when
 *   they are used come from the network, if they have the hash of the list. So an old engine never meets a new page,
 *   nor a new engine an old page. A page that is opened in the moment in which the next build takes over can get its
 *   first file of the one and the rest of the other; it asks which build is used, and is loaded again.
 * - The next build is used once no page is open, or when the only one is loaded again (`app/offline.js`). Which build
 *   is used is written down, and does not wait for the browser to put one service worker in the place of another: that
 *   can take minutes.
 *
 * Without a list, as in the sources and from `cargo xtask serve`, it removes what an earlier build kept here and does
 * nothing more: every page is loaded from the server.
 */

/**
 * @typedef {object} Build
 * @property {string} version  the hash of the list
 * @property {Record<string, string>} files  the hash of each file by its path
 * @property {string[]} whenUsed  paths that are kept when they are used
 */

/** @type {Build|null} */
const BUILD = JSON.parse("null");

/** @type {any} */
const worker = self;
/** The folder of the page; other folders of the same server have caches of their own. */
const FOLDER = new URL("./", worker.location.href);
const PREFIX = `ablation-sandbox ${FOLDER.pathname} `;
/** The cache that holds which build is used, and which is ready. */
const STATE = `${PREFIX}state`;
/** Where a cache holds the list of its build. No file has such an address. */
const LIST = `${FOLDER.href}?list`;
/** Says the hash of a kept file, so that the next build takes over what did not change. */
const HASH = "x-sha256";
/** How many files are read at a time: the page itself may still be loading. */
const AT_ONCE = 6;
/** How often, and after how many milliseconds each, it is looked whether the only page is left. */
const LOOKS = 20;
const LOOK_EVERY = 100;

/** Browsers take scripts and WebAssembly only under the right type, and not every server knows it. */
/** @type {Record<string, string>} */
const TYPES = {
  html: "text/html",
  js: "text/javascript",
  css: "text/css",
  json: "application/json",
  wasm: "application/wasm",
  svg: "image/svg+xml",
  png: "image/png",
};

/** The build that pages use, once it is asked for. @type {Promise<Build|null>|null} */
let using = null;

/** @param {string} version */
const cacheOf = (version) => caches.open(PREFIX + version);

/** @param {"used"|"ready"} name @returns {Promise<string|null>} the version of a build */
async function known(name) {
  const entry = await (await caches.open(STATE)).match(`${FOLDER.href}?${name}`);
  return entry ? entry.text() : null;
}

/** @param {"used"|"ready"} name @param {string} version */
async function note(name, version) {
  await (await caches.open(STATE)).put(`${FOLDER.href}?${name}`, new Response(version));
}

/** @param {string|null} version @returns {Promise<Build|null>} the list of a build that is kept */
async function listOf(version) {
  // Opening a cache that is gone would make it again.
  const entry = version === null ? null : await caches.match(LIST, { cacheName: PREFIX + version });
  return entry ? entry.json() : null;
}

/** Looks up which build pages use, which is this one unless another was noted. */
async function lookUp() {
  return (await listOf(await known("used"))) ?? BUILD;
}

/**
 * The build that pages use. It is looked up once, so that no answer that comes late takes the place of a newer one;
 * again if the storage failed.
 */
function used() {
  using ??= lookUp().catch((error) => {
    using = null;
    throw error;
  });
  return using;
}

/**
 * The path in a list that an address means, or `null` if it is none of it.
 *
 * @param {Build|null} build
 * @param {string} address
 */
function pathIn(build, address) {
  const { pathname } = new URL(address);
  let path;
  try {
    path = decodeURIComponent(pathname.slice(FOLDER.pathname.length));
  } catch {
    // A "%" without a code after it: no file of a build has such an address.
    return null;
  }
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  return build && Object.hasOwn(build.files, file) ? file : null;
}

/** @param {string} path */
const addressOf = (path) => new URL(path.split("/").map(encodeURIComponent).join("/"), FOLDER).href;

/** @param {ArrayBuffer} bytes */
async function hashOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Reads a file from the network.
 *
 * @param {string} path
 * @param {string} hash  what it has to be
 * @returns {Promise<Response>}
 */
async function read(path, hash) {
  const response = await fetch(addressOf(path), { cache: "no-cache", credentials: "same-origin" });
  if (!response.ok) throw new Error(`${path} was answered with status ${response.status}`);
  const bytes = await response.arrayBuffer();
  if ((await hashOf(bytes)) !== hash) throw new Error(`${path} is of another version`);
  const headers = new Headers(response.headers);
  // The bytes are no longer as they were sent.
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
  if (type && !headers.get("content-type")?.startsWith(type)) headers.set("content-type", type);
  headers.set(HASH, hash);
  return new Response(bytes, { headers });
}

/** Names of the caches of this folder that hold a build. */
async function builds() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== STATE);
}

/** Deletes the caches of all builds but these. @param {(string|null)[]} versions */
async function keepOnly(...versions) {
  const names = versions.map((version) => PREFIX + version);
  await Promise.all((await builds()).filter((name) => !names.includes(name)).map((name) => caches.delete(name)));
}

/**
 * A file that another build kept and that did not change.
 *
 * @param {Cache[]} others
 * @param {string} path
 * @param {string} hash
 */
async function kept(others, path, hash) {
  for (const other of others) {
    const response = await other.match(addressOf(path));
    if (response?.headers.get(HASH) === hash) return response;
  }
  return null;
}

/** Reads this build. @param {Build} build */
async function install(build) {
  const { version, files, whenUsed } = build;
  try {
    const names = await builds();
    const others = await Promise.all(
      names.filter((name) => name !== PREFIX + version).map((name) => caches.open(name)),
    );
    const cache = await cacheOf(version);
    const waiting = Object.entries(files);
    const take = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const [path, hash] = next;
        const old = await kept(others, path, hash);
        // What is kept when it is used was used here if an earlier build kept it.
        if (!old && whenUsed.includes(path)) continue;
        await cache.put(addressOf(path), old ?? (await read(path, hash)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    await cache.put(LIST, new Response(JSON.stringify(build)));
    // Another build took over meanwhile and removed all others.
    if (!(await listOf(version))) throw new Error("removed while it was read");
    await note("ready", version);
  } catch (error) {
    await caches.delete(PREFIX + version).catch(() => false);
    await tell({ news: "refused", reason: error instanceof Error ? error.name : String(error) });
    throw error;
  }
}

/** No page is open now, or none of this folder was kept before. @param {Build} build */
async function activate(build) {
  await note("used", build.version);
  using = Promise.resolve(build);
  await keepOnly(build.version);
}

/**
 * Removes what was kept here. Pages that an earlier service worker gave are loaded again, and that service worker asks
 * the server for everything from then on.
 */
async function clear() {
  const names = await builds();
  await Promise.all([...names, STATE].map((name) => caches.delete(name)));
  if (names.length > 0) await tell({ news: "reload" });
}

/** The pages of this folder that are open. The browser lists those of the whole server. */
async function pages() {
  const clients = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return clients.filter((/** @type {any} */ { url }) => url.startsWith(FOLDER.href));
}

/**
 * Tells every page of this folder.
 *
 * @param {object} news
 */
async function tell(news) {
  for (const client of await pages().catch(() => [])) client.postMessage({ from: "service-worker", ...news });
}

/**
 * The build that is ready, if it is another one than a page has.
 *
 * @param {string} version  of the page
 */
async function next(version) {
  const ready = await known("ready");
  return ready === version ? null : listOf(ready);
}

/**
 * The next build is used when the page that asks for it is the only one. The page that was there before it may stay for
 * a moment more.
 *
 * @param {any} page
 * @param {string} version  of the page
 */
async function replace(page, version) {
  for (let look = 0; look < LOOKS; look += 1) {
    const build = await next(version);
    if (!build) return;
    if ((await pages()).length <= 1) {
      await note("used", build.version);
      using = Promise.resolve(build);
      await keepOnly(build.version);
      return page.postMessage({ from: "service-worker", news: "reload" });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

/**
 * Keeps a file of a build, unless another took its place or it was removed while the file was read.
 *
 * @param {Build} build
 * @param {string} path
 * @param {Response} response
 */
async function keep(build, path, response) {
  if ((await listOf(build.version)) === null || (await used())?.version !== build.version) return;
  await (await cacheOf(build.version)).put(addressOf(path), response);
}

/** @param {Request} request @returns {Promise<Response>} */
async function answer(request) {
  const build = await used();
  const path = pathIn(build, request.url);
  if (!build || path === null) return fetch(request);
  const held = await caches.match(addressOf(path), { cacheName: PREFIX + build.version });
  if (held) return held;
  // What was kept here was removed.
  if (!(await listOf(build.version))) return fetch(request);
  try {
    const response = await read(path, build.files[path] ?? "");
    // A device that is full goes on without keeping it.
    await keep(build, path, response.clone()).catch(() => undefined);
    return response;
  } catch (error) {
    // What was kept here is damaged and the server has moved on: begin anew.
    if (request.mode === "navigate") {
      await caches.delete(PREFIX + build.version);
      return fetch(request);
    }
    return new Response(String(error), { status: 409, headers: { "content-type": "text/plain" } });
  }
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(BUILD ? install(BUILD) : clear()));
worker.addEventListener("activate", (/** @type {any} */ event) => {
  if (BUILD) event.waitUntil(activate(BUILD));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, url } = event.request;
  if (BUILD && method === "GET" && url.startsWith(FOLDER.href)) event.respondWith(answer(event.request));
});

/** @type {Record<string, (page: any, version: string) => Promise<unknown>>} */
const answers = {
  replace,
  // A page that was loaded before anything was kept may use what is kept now, if that is of its own build.
  claim: async (_page, version) => (await used())?.version === version && worker.clients.claim(),
  look: async (page, version) => {
    // It is asked in this order since a build is removed after another is used: a page whose build was removed for that
    // reason is about to be loaded again, and must not bring its build back.
    const isKept = (await listOf(version)) !== null;
    const isUsed = (await used())?.version === version;
    // What was kept was removed, and the page that came from the server is of this build.
    if (BUILD && isUsed && version === BUILD.version && !isKept) await install(BUILD);
    if (isUsed) page.postMessage({ from: "service-worker", news: "kept" });
    if (await next(version)) page.postMessage({ from: "service-worker", news: "newer" });
  },
};

worker.addEventListener("message", (/** @type {any} */ event) => {
  const { ask, version } = event.data ?? {};
  if (BUILD && Object.hasOwn(answers, ask)) event.waitUntil(answers[ask]?.(event.source, version));
});
