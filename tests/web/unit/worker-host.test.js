import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkerHost } from "../../../web/app/worker-host.js";
import { afterSilence } from "../../../web/app/worker-channel.js";
import { problem } from "../../../web/app/protocol.js";

/** @typedef {import("../../../web/app/protocol.js").Problem} Problem */

/** A host whose workers answer `load` as they are told, one after the other. @param {(Problem|null)[]} answers */
function stage(answers) {
  /** @type {string[]} */
  const codes = [];
  let started = 0;
  const spawn = () => {
    const why = answers[started++] ?? null;
    const worker = {
      /** @type {((event: {data: unknown}) => void)|null} */
      onmessage: null,
      onerror: null,
      onmessageerror: null,
      /** @param {{id: number}} request */
      postMessage({ id }) {
        queueMicrotask(() => worker.onmessage?.({ data: why ? { id, problem: why } : { id, value: null } }));
      },
      terminate() {},
    };
    return /** @type {any} */ (worker);
  };
  const host = new WorkerHost({
    spawn,
    module: { device: "cpu", force: false, study: true },
    timeouts: { building: 1, retry: 1 },
    onRestart: ({ code }) => codes.push(code),
  });
  return { host, codes, started: () => started };
}

test("a module that is being built is asked for until it is there, which is said once each", async () => {
  const building = problem("module-building", "The module study is still being built.");
  const { host, codes, started } = stage([building, building, building, building, building, null]);
  await host.start();
  assert.equal(started(), 6);
  assert.deepEqual(codes, ["module-building", "module-ready"]);
  host.stop();
});

test("a host that is stopped no longer waits for a module", async () => {
  const building = problem("module-building", "The module study is still being built.");
  const { host, codes, started } = stage(Array.from({ length: 100 }, () => building));
  const starting = assert.rejects(host.start());
  while (codes.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  host.stop();
  await starting;
  const before = started();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(started(), before);
});

test("a module that is missing is not waited for", async () => {
  const { host, codes } = stage([problem("load-failed", "The module study could not be loaded.")]);
  await assert.rejects(host.start(), { code: "load-failed" });
  assert.deepEqual(codes, []);
});

test("a worker that slept with its machine gets a moment to speak before it is given up", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let ended = 0;
  const callOff = afterSilence(1000, () => ended++);
  context.mock.timers.tick(1000);
  assert.equal(ended, 0, "it is late");
  callOff();
  context.mock.timers.tick(100_000);
  assert.equal(ended, 0, "it spoke");
  afterSilence(1000, () => ended++);
  context.mock.timers.tick(1000);
  context.mock.timers.tick(1000);
  assert.equal(ended, 1, "it is silent");
});
