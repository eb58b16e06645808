import assert from "node:assert/strict";
import { test } from "node:test";
import { probe, watchDevices } from "../../../web/app/device.js";

/** @param {Partial<import("../../../web/app/device.js").GpuAdapter>|null} adapter */
const gpu = (adapter) => ({
  requestAdapter: async () =>
    adapter && { features: new Set(["timestamp-query"]), info: { vendor: "acme", architecture: "two" }, ...adapter },
});

/** @param {Parameters<typeof probe>[0]} options */
const codeOf = (options) =>
  probe(options).then(
    () => "none",
    ({ code }) => code,
  );

test("an adapter that can be used is named", async () => {
  assert.deepEqual(await probe({ force: false, gpu: gpu({}) }), { name: "acme two", fallback: false });
});

test("each reason for having none has its own code", async () => {
  const software = { info: { vendor: "acme", isFallbackAdapter: true } };
  assert.equal(await codeOf({ force: false, gpu: gpu(null) }), "no-adapter");
  assert.equal(
    await codeOf({ force: false, gpu: { requestAdapter: () => Promise.reject(new Error("denied")) } }),
    "no-adapter",
  );
  assert.equal(await codeOf({ force: false, gpu: gpu({ features: new Set() }) }), "no-timestamp-query");
  assert.equal(await codeOf({ force: false, gpu: gpu(software) }), "fallback-adapter");
  assert.equal(await codeOf({ force: true, gpu: gpu(software) }), "none");
  assert.equal(await codeOf({ force: false, gpu: gpu({ isFallbackAdapter: true }) }), "fallback-adapter");
});

test("forcing a fallback adapter does not force one that would panic", async () => {
  assert.equal(
    await codeOf({ force: true, gpu: gpu({ features: new Set(), info: { isFallbackAdapter: true } }) }),
    "no-timestamp-query",
  );
});

test("a lost device is reported with its reason", async () => {
  class Adapter {
    async requestDevice() {
      return { lost: Promise.resolve({ reason: "destroyed", message: "Device was destroyed." }) };
    }
  }
  /** @type {import("../../../web/app/protocol.js").Problem[]} */
  const heard = [];
  watchDevices((lost) => heard.push(lost), Adapter);
  await new Adapter().requestDevice();
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(heard[0]?.code, "device-lost");
  assert.match(heard[0]?.message ?? "", /Device was destroyed/);
});
