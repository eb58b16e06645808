/**
 * Whether WebGPU can be used, and word when it no longer can. Runs inside a worker, where the training runs too: a page
 * can have an adapter that its workers do not have.
 *
 * The engine needs `timestamp-query` on the web and panics without it, so the adapter is looked at before the large
 * module is loaded.
 */

import { problem } from "./protocol.js";

/** @typedef {import("./protocol.js").Adapter} Adapter */
/** @typedef {import("./protocol.js").Problem} Problem */
/**
 * @typedef {{isFallbackAdapter?: boolean, info?: {isFallbackAdapter?: boolean, vendor?: string, architecture?: string,
 *   description?: string}, features: {has(name: string): boolean}}} GpuAdapter
 */
/** @typedef {{lost: Promise<{reason?: string, message?: string}>}} GpuDevice */

const ON_CPU = "Training on the CPU works without it.";

/**
 * The adapter, or a thrown {@link Problem} that says why there is none to use.
 *
 * @param {{force: boolean, gpu?: {requestAdapter(): Promise<GpuAdapter|null>}}} options  `force` takes a fallback
 *   adapter too
 * @returns {Promise<Adapter>}
 */
export async function probe({ force, gpu = /** @type {any} */ (navigator).gpu }) {
  if (!gpu) throw problem("no-adapter", "This browser has no WebGPU here.", ON_CPU);
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) throw problem("no-adapter", "This browser has WebGPU, but found no graphics adapter for it.", ON_CPU);
  const fallback = Boolean(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
  const name =
    [adapter.info?.vendor, adapter.info?.architecture].filter(Boolean).join(" ") ||
    adapter.info?.description ||
    "unnamed adapter";
  if (!adapter.features.has("timestamp-query")) {
    throw problem(
      "no-timestamp-query",
      `The graphics adapter (${name}) does not offer timestamp-query, which the engine needs.`,
      ON_CPU,
    );
  }
  if (fallback && !force) {
    throw problem(
      "fallback-adapter",
      `The only graphics adapter (${name}) is a software one, slower than the CPU path.`,
      `${ON_CPU} Add view.force=gpu to the link to use it all the same.`,
    );
  }
  return { name, fallback };
}

/** Characters of a reason that are shown; the graphics stack answers with whole backtraces. */
const REASON = 120;

/**
 * A lost device in one sentence, whether the browser said so or a call did not return.
 *
 * @param {string} why
 * @returns {Problem}
 */
export function lostDevice(why) {
  const short = why.length > REASON ? `${why.slice(0, REASON)}…` : why;
  return problem(
    "device-lost",
    `The graphics device was lost (${short.replaceAll(/\s+/g, " ")}).`,
    `${ON_CPU} WebGPU can be chosen again.`,
  );
}

/**
 * Calls `report` when a device that is requested from now on is lost. The engine requests its device where no one can
 * see it, so the request itself is watched.
 *
 * @param {(lost: Problem) => void} report
 * @param {{prototype: {requestDevice: (...given: any[]) => Promise<GpuDevice>}}|undefined} [adapter]
 */
export function watchDevices(report, adapter = /** @type {any} */ (globalThis).GPUAdapter) {
  if (!adapter) return;
  const request = adapter.prototype.requestDevice;
  adapter.prototype.requestDevice = async function watched(...given) {
    const device = await request.apply(this, given);
    device.lost.then(({ message, reason }) => report(lostDevice(message || reason || "no reason given")));
    return device;
  };
}
