/**
 * Use without a network: the page has its service worker keep this build, and hears from it when the next one is ready.
 * It begins once the engine is there, so that keeping the page never delays it. A browser that has no service workers,
 * or refuses one, shows the same page.
 */

import { scriptAddress } from "./trusted.js";

/** @typedef {import("./store.js").Store} Store */

const SCRIPT = new URL("../service-worker.js", import.meta.url);

/**
 * @param {Store} store
 * @param {object} [given]
 * @param {ServiceWorkerContainer|undefined} [given.container]
 * @param {string} [given.version]  the build that this page belongs to
 * @param {boolean} [given.saving]  whether the reader wants little to be downloaded
 * @param {() => void} [given.reload]
 */
export function keepOffline(
  store,
  { container = serviceWorkers(), version = ownVersion(), saving = saves(), reload = () => location.reload() } = {},
) {
  if (!container || saving) return;
  container.addEventListener("message", ({ data }) => {
    if (data?.from !== "service-worker") return;
    if (data.news === "reload") reload();
    if (data.news === "kept") store.send({ type: "kept", status: "kept", reason: "" });
    if (data.news === "newer") store.send({ type: "newer" });
    if (data.news === "refused") refuse(store, String(data.reason));
  });
  // A version that is ready is used from now on, unless another tab shows the one before.
  container.controller?.postMessage({ ask: "replace", version });
  const begin = () => {
    if (!["ready", "failed"].includes(store.state.engine.status) && !store.state.page.stored) return;
    stop();
    void keep(store, container, version);
  };
  const stop = store.follow(begin);
  begin();
}

/** @param {Store} store @param {ServiceWorkerContainer} container @param {string} version */
async function keep(store, container, version) {
  try {
    const registration = await container.register(scriptAddress(SCRIPT.href), { updateViaCache: "none" });
    const look = () => {
      if (container.controller) container.controller.postMessage({ ask: "look", version });
      else registration.active?.postMessage({ ask: "claim", version });
    };
    const follow = () => registration.installing?.addEventListener("statechange", look);
    registration.addEventListener("updatefound", follow);
    container.addEventListener("controllerchange", look);
    follow();
    look();
  } catch (error) {
    refuse(store, error instanceof Error ? error.name : String(error));
  }
}

/** @param {Store} store @param {string} reason */
function refuse(store, reason) {
  if (store.state.kept.status !== "kept") store.send({ type: "kept", status: "refused", reason });
}

/** Some frames throw where others have none. */
function serviceWorkers() {
  try {
    return navigator.serviceWorker;
  } catch {
    return undefined;
  }
}

function saves() {
  return Boolean(/** @type {any} */ (navigator).connection?.saveData);
}

function ownVersion() {
  return document.querySelector('meta[name="ablation-build"]')?.getAttribute("content") ?? "";
}
