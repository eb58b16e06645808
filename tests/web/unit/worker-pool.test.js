import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { WorkerPool } from "../../../web/app/worker-pool.js";
import { met, settle } from "../fake/wait.js";
import { problem } from "../../../web/app/protocol.js";
import { StudyWorker } from "../fake/study-worker.js";
import { textsIn } from "../../../web/app/texts.js";

/** @typedef {import("../../../web/app/generated/protocol.js").Fleet} Fleet */

/** @param {string} name @param {Partial<Fleet>} [more] @returns {Fleet} */
const fleet = (name, more = {}) => ({
  trials: JSON.stringify([{ id: name, updates: 40 }]),
  ids: [name],
  updates: 40,
  origins: [],
  keep: [],
  ...more,
});

/** @type {WorkerPool[]} */
const pools = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

/**
 * @param {Fleet[]} queue
 * @param {{size?: number, script?: import("../fake/study-worker.js").Script, silence?: number,
 *   loadTexts?: (trials: string) => Promise<import("../../../web/app/texts.js").Text[]>}} [given]
 */
function stage(queue, { size = 2, script, silence = 1000, loadTexts } = {}) {
  /** @type {StudyWorker[]} */
  const workers = [];
  /**
   * @type {{done: string[], replaced: string[], failed: string[], kept: Map<string, Uint8Array>, shares: number[],
   *   aside: string[]}}
   */
  const log = { done: [], replaced: [], failed: [], kept: new Map(), shares: [], aside: [] };
  const pool = new WorkerPool({
    spawn: () => {
      const worker = new StudyWorker(script);
      worker.index = workers.length;
      workers.push(worker);
      return /** @type {any} */ (worker);
    },
    size,
    timeouts: { retry: 1, silence },
    owner: {
      ...(loadTexts ? { loadTexts } : {}),
      next: async () => queue.shift() ?? null,
      done: async ({ ids }, { outcomes }) => {
        assert.equal(outcomes.length, ids.length);
        log.done.push(...ids);
      },
      loadWeights: async (ids) =>
        ids.flatMap((id) => (log.kept.has(id) ? [{ id, bytes: /** @type {Uint8Array} */ (log.kept.get(id)) }] : [])),
      saveWeights: async (weights) => weights.forEach(({ id, bytes }) => log.kept.set(id, bytes)),
      progress: (_, share) => log.shares.push(share),
      setAside: async (ids) => {
        log.aside.push(...ids);
        for (const id of ids) log.kept.delete(id);
      },
      notice: ({ message }) => log.replaced.push(message),
      failed: ({ message }) => log.failed.push(message),
    },
  });
  pools.push(pool);
  const done = (/** @type {number} */ count) => met(() => log.done.length >= count, `${count} fleets are done`);
  return { pool, workers, log, done };
}

/** Something to wait for until a test lets it go on. */
function gated() {
  let open = () => {};
  const gate = /** @type {Promise<void>} */ (new Promise((resolve) => (open = () => resolve())));
  return { open: () => open(), gate };
}

test("every hand takes one fleet at a time until there are none", async () => {
  const { pool, workers, log, done } = stage(["a", "b", "c", "d", "e"].map((name) => fleet(name)));
  assert.equal(workers.length, 0, "nobody is made before there is work");
  pool.start();
  await done(5);
  assert.deepEqual(log.done.sort(), ["a", "b", "c", "d", "e"]);
  assert.equal(workers.length, 2);
  assert.ok(workers.every((worker) => worker.asked("fleet").length >= 2));
  assert.deepEqual(pool.running(), []);
  assert.ok(log.shares.includes(0.5));
});

test("a fleet gets the texts that its trials read, and so does the worker that replaces one", async () => {
  const hash = "ab".repeat(32);
  const text = { sha256: hash, bytes: new TextEncoder().encode("A text.") };
  const named = JSON.stringify([{ id: "b", updates: 40, settings: { "data.corpus": hash } }]);
  let deaths = 0;
  const { pool, workers, done } = stage([fleet("a"), fleet("b", { trials: named })], {
    size: 1,
    loadTexts: async (trials) => (textsIn(trials).includes(hash) ? [text] : []),
    script: { fleet: ({ ids }, worker) => void (ids[0] === "b" && deaths++ === 0 && worker.die()) },
  });
  pool.start();
  await done(2);
  const asked = workers.flatMap((worker) => worker.asked("fleet"));
  assert.deepEqual(
    asked.map(({ ids, texts }) => [ids[0], texts?.map((/** @type {any} */ one) => one.sha256)]),
    [
      ["a", undefined],
      ["b", [hash]],
      ["b", [hash]],
    ],
  );
});

test("a worker that dies is replaced and its fleet run again", async () => {
  let deaths = 0;
  const { pool, workers, log, done } = stage(
    ["a", "b", "c"].map((name) => fleet(name)),
    {
      script: { fleet: ({ ids }, worker) => void (ids[0] === "b" && deaths++ === 0 && worker.die()) },
    },
  );
  pool.start();
  await done(3);
  assert.deepEqual(log.done.sort(), ["a", "b", "c"]);
  assert.equal(workers.length, 3);
  assert.equal(log.replaced.length, 1);
  assert.deepEqual(log.failed, []);
});

test("a worker that dies with nothing under way is replaced in silence", async () => {
  const queue = [fleet("a")];
  const { pool, workers, log, done } = stage(queue, { size: 1 });
  pool.start();
  await done(1);
  await met(() => pool.running().length === 0, "nothing is under way");
  workers[0]?.die();
  queue.push(fleet("b"));
  pool.wake();
  await done(2);
  assert.deepEqual(log.done, ["a", "b"]);
  assert.equal(workers.length, 2);
  assert.deepEqual(log.replaced, []);
});

test("a fleet that ends every worker ends the study", async () => {
  const { pool, log } = stage([fleet("a")], { script: { fleet: (_, worker) => worker.die() } });
  pool.start();
  await met(() => log.failed.length > 0, "it failed");
  assert.deepEqual(log.done, []);
  assert.match(log.failed[0] ?? "", /3 times with the same trials/);
});

test("a worker that falls silent counts as dead", async () => {
  let silent = 0;
  const { pool, log, done } = stage([fleet("a")], {
    silence: 300,
    script: { fleet: () => (silent++ === 0 ? new Promise(() => undefined) : undefined) },
  });
  pool.start();
  await done(1);
  assert.deepEqual(log.done, ["a"]);
  assert.match(log.replaced[0] ?? "", /reported nothing/);
});

test("held work stands still and goes on; a held worker is not called silent", async () => {
  const { open, gate } = gated();
  const { pool, workers, log, done } = stage([fleet("a"), fleet("b")], {
    size: 1,
    silence: 300,
    script: { fleet: () => gate },
  });
  pool.start();
  await met(() => workers[0]?.asked("fleet").length === 1, "a fleet is under way");
  pool.pause();
  await met(() => workers[0]?.held === true, "the worker is held");
  open();
  await settle(600);
  assert.deepEqual(log.done, []);
  assert.deepEqual(workers[0]?.asked("hold"), [{ on: true }]);
  pool.start();
  await done(2);
  assert.deepEqual(log.done, ["a", "b"]);
  assert.equal(workers.length, 1);
  assert.deepEqual(log.replaced, []);
});

test("weights that are not known any more are trained once more", async () => {
  const origins = [{ id: "r", trials: JSON.stringify([{ id: "r", updates: 40 }]) }];
  const ablation = fleet("ablated", { trials: JSON.stringify([{ id: "ablated", updates: 0, origin: "r" }]), origins });
  const { pool, workers, log, done } = stage([ablation, { ...ablation, ids: ["ablated 2"] }], { size: 1 });
  pool.start();
  await done(2);
  assert.deepEqual(log.done, ["ablated", "ablated 2"]);
  assert.deepEqual(
    workers[0]?.asked("fleet").map(({ ids }) => ids[0]),
    ["r", "ablated", "ablated 2"],
  );
  assert.ok(log.kept.has("r"));
});

test("a speed is measured before anything runs", async () => {
  const { pool } = stage([]);
  assert.deepEqual(await pool.benchmark(fleet("a"), { time: 10 }), { updates: 200, took: 1000 });
});

test("a closed pool says nothing more", async () => {
  const { open, gate } = gated();
  const { pool, workers, log } = stage([fleet("a")], { script: { fleet: () => gate } });
  pool.start();
  await met(() => workers.some((worker) => worker.asked("fleet").length === 1), "a fleet is under way");
  pool.close();
  open();
  await settle(40);
  assert.deepEqual([log.done, log.failed, log.replaced], [[], [], []]);
  assert.ok(workers.every(({ ended }) => ended));
});

test("weights that two slots find unusable are set aside once, and trained once more", async () => {
  const origins = [{ id: "r", trials: JSON.stringify([{ id: "r", updates: 40 }]) }];
  const trials = JSON.stringify([{ id: "ablated", updates: 0, origin: "r" }]);
  const queue = ["one", "two"].map((name) => fleet(name, { trials, origins }));
  let refusals = 0;
  const { pool, workers, log, done } = stage(queue, {
    script: {
      fleet: (args) => {
        if (args.origins[0]?.bytes[0] !== 9) return;
        refusals += 1;
        throw problem("bad-checkpoint", "The weights cannot be read.");
      },
    },
  });
  log.kept.set("r", new Uint8Array([9]));
  pool.start();
  await done(2);
  assert.equal(refusals, 2);
  assert.deepEqual(log.aside, ["r"]);
  const trained = workers.flatMap((worker) => worker.asked("fleet")).filter(({ ids }) => ids[0] === "r");
  assert.equal(trained.length, 1);
  assert.deepEqual(log.failed, []);
});

test("a worker that dies while it loads is replaced, and that is said", async () => {
  let deaths = 0;
  const load = (/** @type {StudyWorker} */ worker) => void (deaths++ === 0 && worker.die());
  const { pool, workers, log, done } = stage([fleet("a")], { size: 1, script: { load } });
  pool.start();
  await done(1);
  assert.equal(workers.length, 2);
  assert.equal(log.replaced.length, 1);
  assert.deepEqual(log.failed, []);
});

test("a slot whose worker cannot be loaded is closed and the others go on; with the last of them the study fails", async () => {
  const load = (/** @type {StudyWorker} */ worker) => void (worker.index > 0 && worker.die());
  const { pool, log, done } = stage(
    ["a", "b", "c"].map((name) => fleet(name)),
    { script: { load } },
  );
  pool.start();
  await done(3);
  assert.deepEqual([...log.done].sort(), ["a", "b", "c"]);
  assert.deepEqual(log.failed, []);
  const none = stage([fleet("a")], { script: { load: (worker) => worker.die() } });
  none.pool.start();
  await met(() => none.log.failed.length > 0, "it failed");
});
