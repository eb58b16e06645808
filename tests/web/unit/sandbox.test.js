import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Sandbox, reporter } from "../../../web/app/sandbox.js";
import { SandboxWorkers } from "../../../web/app/sandbox-workers.js";
import { PAGE_DEFAULTS } from "../../../web/app/link.js";
import { problem } from "../../../web/app/protocol.js";
import { createStore } from "../../../web/app/store.js";
import { catalog, describe } from "../fake/cpu.js";
import { Listener } from "../fake/listener.js";
import { met } from "../fake/wait.js";

/** @typedef {import("../../../web/app/protocol.js").Request} Request */

/** Requests that workers have not answered yet. */
let unanswered = 0;

/** A worker that takes a moment to load and that, like the real one, refuses to train before a bench was opened. */
class SlowWorker extends Listener {
  opened = false;
  device = "cpu";

  /** @param {(worker: SlowWorker, request: Request) => boolean} instead  answers a request in place of the worker */
  constructor(instead) {
    super();
    this.instead = instead;
  }

  /** @param {Request} request */
  postMessage(request) {
    this.heard.push(request);
    unanswered += 1;
    setTimeout(
      () => {
        unanswered -= 1;
        this.#answer(request);
      },
      request.call === "load" ? 15 : 1,
    );
  }

  /** @param {Request} request */
  #answer(request) {
    const { id, call, args } = request;
    if (this.instead(this, request)) return;
    if (call === "open") this.opened = true;
    if (call === "play" && !this.opened)
      return this.say({ id, problem: problem("internal", "The worker was asked to train before a bench was opened.") });
    const value =
      call === "catalog"
        ? catalog()
        : call === "describe"
          ? describe(args.link)
          : call === "probe"
            ? { name: "x", fallback: false }
            : call === "time"
              ? { made: args.steps, took: args.steps * (this.device === "cpu" ? 2 : 1) }
              : null;
    if (call === "load") this.device = args.device;
    this.say({ id, value });
  }
}

/** @param {number} time */
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/**
 * Waits a moment; where a test names none, until nothing was asked of a worker for a while, however busy the machine.
 *
 * @param {number} [time]
 */
async function settle(time) {
  if (time !== undefined) return pause(time);
  for (let quiet = 0; quiet < 6;) {
    await pause(10);
    quiet = unanswered === 0 ? quiet + 1 : 0;
  }
  return undefined;
}
globalThis.fetch = () => Promise.reject(new Error("There is no server."));

/** @type {SandboxWorkers[]} */
const pools = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

/** @param {(worker: SlowWorker, request: Request) => boolean} [instead] */
async function stage(instead = () => false) {
  /** @type {SlowWorker[]} */
  const workers = [];
  const store = createStore();
  const spawn = () => {
    const worker = new SlowWorker(instead);
    workers.push(worker);
    return /** @type {any} */ (worker);
  };
  const pool = new SandboxWorkers({ spawn, report: reporter(store) });
  pools.push(pool);
  await new Sandbox(store, pool, { preset: "repeat", records: new URL("http://localhost/") }).start();
  await settle(10);
  return { store, workers, last: () => /** @type {SlowWorker} */ (workers.at(-1)) };
}

test("the control worker is the one that is asked for an adapter", async () => {
  const { store, workers } = await stage();
  assert.equal(workers.length, 1);
  assert.equal(workers[0]?.asked("probe").length, 1);
  assert.equal(store.state.device.webgpu, "available");
});

test("a run whose device was lost goes on after a pause", async () => {
  const { store, workers, last } = await stage();
  store.send({ type: "device", device: "webgpu" });
  store.send({ type: "play" });
  await settle();
  last().say({ news: "checkpoint", bytes: new Uint8Array([1, 2]), steps: 40 });
  last().say({ news: "lost", problem: problem("device-lost", "the device stopped answering") });
  await settle();
  assert.equal(store.state.device.chosen, "cpu");
  assert.equal(store.state.run.status, "playing");
  assert.match(
    store.state.notice?.problem.message ?? "",
    /^The device stopped answering\. Training resumed on the CPU from its checkpoint at step 40\.$/,
  );
  const bench = last();
  store.send({ type: "pause" });
  await settle();
  store.send({ type: "play" });
  await settle();
  assert.equal(last(), bench);
  assert.equal(workers.length, 3);
  assert.deepEqual(
    bench.asked("open").map(({ bytes }) => [...bytes]),
    [[1, 2]],
  );
  assert.equal(bench.ended, false);
  assert.equal(store.state.run.status, "playing");
});

test("a run that is paused when its device is lost is said to wait", async () => {
  const { store, last } = await stage();
  store.send({ type: "device", device: "webgpu" });
  store.send({ type: "play" });
  await settle();
  store.send({ type: "pause" });
  await settle();
  last().say({ news: "lost", problem: problem("device-lost", "The graphics device was lost.") });
  await settle();
  assert.equal(store.state.run.status, "paused");
  assert.match(store.state.notice?.problem.message ?? "", /Training is paused on the CPU at its start/);
  assert.equal(last().asked("play").length, 0);
});

for (const event of /** @type {const} */ ([{ type: "restart" }, { type: "device", device: "webgpu" }])) {
  test(`"${event.type}" while a bench opens opens another one, and nothing is said to have failed`, async () => {
    const { store, workers, last } = await stage();
    store.send({ type: "play" });
    await settle(5);
    store.send(event);
    await met(() => workers.length === 3 && store.state.run.status === "playing", "another one is opened");
    assert.equal(store.state.notice, null);
    assert.deepEqual(
      workers.map(({ ended }) => ended),
      [false, true, false],
    );
    assert.equal(last().asked("open").length, 1);
  });
}

test("train, pause, train while a bench opens trains once it is open", async () => {
  const { store, workers, last } = await stage();
  store.send({ type: "play" });
  await settle(5);
  store.send({ type: "pause" });
  await settle(3);
  store.send({ type: "play" });
  await met(() => store.state.run.status === "playing", "it trains");
  assert.equal(store.state.notice, null);
  assert.equal(workers.length, 2);
  const calls = last().heard.map(({ call }) => call);
  assert.ok(calls.indexOf("play") > calls.indexOf("open"), calls.join());
});

test("train and pause while a bench opens leaves it paused", async () => {
  const { store, last } = await stage();
  store.send({ type: "play" });
  await settle(5);
  store.send({ type: "pause" });
  await settle();
  assert.equal(store.state.run.status, "paused");
  assert.equal(last().asked("play").length, 0);
});

/**
 * What the ablation of the position embedding trains.
 *
 * @param {{status: "idle"|"paused"|"playing"|"done", play?: boolean}} given
 */
async function afterAblation({ status, play }) {
  const { store } = await stage();
  if (status !== "idle") {
    store.send({ type: "play" });
    await settle();
  }
  if (status === "paused") store.send({ type: "pause" });
  if (status === "done") store.send({ type: "stopped", done: true, problem: null });
  store.send({ type: "ablate", ablation: { site: "blocks.0.mlp", operator: "zero" }, play });
  await settle();
  return store.state.run.status;
}

test("another ablation is trained where a run is under way or at its end, and not before one was asked for", async () => {
  assert.equal(await afterAblation({ status: "idle" }), "idle");
  assert.equal(await afterAblation({ status: "paused" }), "paused");
  assert.equal(await afterAblation({ status: "playing" }), "playing");
  assert.equal(await afterAblation({ status: "done" }), "playing");
  assert.equal(await afterAblation({ status: "idle", play: true }), "playing");
});

test("autorun is heard where it is switched on later, and once", async () => {
  const { store } = await stage();
  const ask = async (/** @type {string} */ link, /** @type {"on"|"auto"} */ autorun) => {
    const fragment = {
      ...PAGE_DEFAULTS,
      autorun: autorun === "on" ? /** @type {const} */ ("on") : PAGE_DEFAULTS.autorun,
    };
    store.send({ type: "asked", fragment, link, corrections: [] });
    assert.equal(store.state.describing, true);
    await settle();
    assert.equal(store.state.describing, false);
    return store.state.run.status;
  };
  assert.equal(await ask("v=1&p=repeat", "auto"), "idle");
  assert.equal(await ask("v=1&p=repeat", "on"), "playing");
  store.send({ type: "pause" });
  assert.equal(await ask("v=1&p=repeat", "on"), "paused");
});

test("a set-up that cannot be described is said, and nothing waits for it", async () => {
  const { store, workers } = await stage();
  const [control] = workers;
  assert.ok(control);
  control.postMessage = (request) => {
    setTimeout(() => control.say({ id: request.id, problem: problem("internal", "It failed.") }));
  };
  store.send({ type: "goto", link: "v=1&p=two-moons" });
  assert.equal(store.state.describing, true);
  await settle();
  assert.equal(store.state.describing, false);
  assert.equal(store.state.notice?.problem.message, "It failed.");
});

test("both devices are measured on the model at hand, and the faster one is chosen", async () => {
  const { store, workers } = await stage();
  store.send({ type: "measure" });
  assert.equal(store.state.device.measured, "measuring");
  await settle();
  const { measured } = /** @type {{measured: any}} */ (store.state.device);
  assert.deepEqual(measured.times, { cpu: 2, webgpu: 1, steps: 20 });
  assert.equal(store.state.device.chosen, "webgpu");
  // The workers that measured are ended, and the one that answers questions stays.
  assert.deepEqual(
    workers.map(({ ended }) => ended),
    [false, true, true],
  );
});

for (const event of /** @type {const} */ (["play", "goto", "device"]))
  test(`"${event}" ends a measurement, which chooses nothing then`, async () => {
    const { store, workers } = await stage();
    store.send({ type: "measure" });
    await settle(20);
    if (event === "goto") store.send({ type: "goto", link: "v=1&p=two-moons" });
    else store.send(event === "device" ? { type: event, device: "cpu" } : { type: event });
    await settle();
    assert.equal(store.state.device.measured, null);
    assert.equal(store.state.device.chosen, "cpu");
    assert.equal(store.state.notice, null);
    assert.equal(workers[1]?.ended, true);
  });

test("a device that is lost while it is measured is said at once", async () => {
  const gone = problem("device-lost", "The device is gone.");
  const { store } = await stage((worker, { call }) => {
    if (call === "time") worker.say({ news: "lost", problem: gone });
    return call === "time";
  });
  store.send({ type: "measure" });
  await met(() => store.state.notice !== null, "it is said");
  assert.equal(store.state.device.measured, null);
  assert.equal(store.state.notice?.problem.code, "device-lost");
});

test("measuring takes no run away", async () => {
  const { store } = await stage();
  store.send({ type: "play" });
  await settle();
  store.send({ type: "pause" });
  store.send({ type: "measure" });
  await settle();
  assert.equal(store.state.device.chosen, "cpu");
  assert.equal(store.state.run.status, "paused");
});

test("a device that cannot be measured is said, and measuring is over", async () => {
  const gone = problem("device-lost", "The device is gone.");
  const { store } = await stage((worker, { id, call }) => {
    if (call === "time") worker.say({ id, problem: gone });
    return call === "time";
  });
  store.send({ type: "measure" });
  await met(() => store.state.notice !== null, "it is said");
  assert.equal(store.state.device.measured, null);
  assert.equal(store.state.notice?.problem.code, "device-lost");
});
