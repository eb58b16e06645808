import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Crew } from "../../../web/app/crew.js";
import { met, settle } from "../fake/met.js";
import { StudyWorker } from "../fake/study-worker.js";

/** @typedef {import("../../../web/app/protocol.js").Fleet} Fleet */

/** @param {string} name @param {Partial<Fleet>} [more] @returns {Fleet} */
const fleet = (name, more = {}) => ({
  trials: JSON.stringify([{ id: name, updates: 40 }]),
  ids: [name],
  updates: 40,
  origins: [],
  keep: [],
  ...more,
});

/** @type {Crew[]} */
const crews = [];
afterEach(() => {
  for (const crew of crews.splice(0)) crew.close();
});

/**
 * @param {Fleet[]} queue
 * @param {{size?: number, script?: import("../fake/study-worker.js").Script, silence?: number}} [given]
 */
function stage(queue, { size = 2, script, silence = 1000 } = {}) {
  /** @type {StudyWorker[]} */
  const workers = [];
  /** @type {{done: string[], replaced: string[], failed: string[], kept: Map<string, Uint8Array>, shares: number[]}} */
  const said = { done: [], replaced: [], failed: [], kept: new Map(), shares: [] };
  const crew = new Crew({
    spawn: () => {
      const worker = new StudyWorker(script);
      workers.push(worker);
      return /** @type {any} */ (worker);
    },
    size,
    patience: { silence },
    owner: {
      next: async () => queue.shift() ?? null,
      done: async ({ ids }, { outcomes }) => {
        assert.equal(outcomes.length, ids.length);
        said.done.push(...ids);
      },
      recall: async (ids) =>
        ids.flatMap((id) => (said.kept.has(id) ? [{ id, bytes: /** @type {Uint8Array} */ (said.kept.get(id)) }] : [])),
      retain: async (weights) => weights.forEach(({ id, bytes }) => said.kept.set(id, bytes)),
      progress: (_, share) => said.shares.push(share),
      replaced: ({ message }) => said.replaced.push(message),
      failed: ({ message }) => said.failed.push(message),
    },
  });
  crews.push(crew);
  const done = (/** @type {number} */ count) => met(() => said.done.length >= count, `${count} fleets are done`);
  return { crew, workers, said, done };
}

/** Something to wait for until a test lets it go on. */
function gated() {
  let open = () => {};
  const gate = /** @type {Promise<void>} */ (new Promise((resolve) => (open = () => resolve())));
  return { open: () => open(), gate };
}

test("every hand takes one fleet at a time until there are none", async () => {
  const { crew, workers, said, done } = stage(["a", "b", "c", "d", "e"].map((name) => fleet(name)));
  assert.equal(workers.length, 0, "nobody is made before there is work");
  crew.start();
  await done(5);
  assert.deepEqual(said.done.sort(), ["a", "b", "c", "d", "e"]);
  assert.equal(workers.length, 2);
  assert.ok(workers.every((worker) => worker.asked("fleet").length >= 2));
  assert.deepEqual(crew.running(), []);
  assert.ok(said.shares.includes(0.5));
});

test("a worker that dies is replaced and its fleet run again", async () => {
  let deaths = 0;
  const { crew, workers, said, done } = stage(
    ["a", "b", "c"].map((name) => fleet(name)),
    {
      script: { fleet: ({ ids }, worker) => void (ids[0] === "b" && deaths++ === 0 && worker.die()) },
    },
  );
  crew.start();
  await done(3);
  assert.deepEqual(said.done.sort(), ["a", "b", "c"]);
  assert.equal(workers.length, 3);
  assert.equal(said.replaced.length, 1);
  assert.deepEqual(said.failed, []);
});

test("a worker that dies with nothing under way is replaced in silence", async () => {
  const queue = [fleet("a")];
  const { crew, workers, said, done } = stage(queue, { size: 1 });
  crew.start();
  await done(1);
  await met(() => crew.running().length === 0, "nothing is under way");
  workers[0]?.die();
  queue.push(fleet("b"));
  crew.wake();
  await done(2);
  assert.deepEqual(said.done, ["a", "b"]);
  assert.equal(workers.length, 2);
  assert.deepEqual(said.replaced, []);
});

test("a fleet that ends every worker ends the study", async () => {
  const { crew, said } = stage([fleet("a")], { script: { fleet: (_, worker) => worker.die() } });
  crew.start();
  await met(() => said.failed.length > 0, "it failed");
  assert.deepEqual(said.done, []);
  assert.match(said.failed[0] ?? "", /3 times with the same trials/);
});

test("a worker that falls silent counts as dead", async () => {
  let silent = 0;
  const { crew, said, done } = stage([fleet("a")], {
    silence: 300,
    script: { fleet: () => (silent++ === 0 ? new Promise(() => undefined) : undefined) },
  });
  crew.start();
  await done(1);
  assert.deepEqual(said.done, ["a"]);
  assert.match(said.replaced[0] ?? "", /said nothing/);
});

test("held work stands still and goes on; a held worker is not called silent", async () => {
  const { open, gate } = gated();
  const { crew, workers, said, done } = stage([fleet("a"), fleet("b")], {
    size: 1,
    silence: 300,
    script: { fleet: () => gate },
  });
  crew.start();
  await met(() => workers[0]?.asked("fleet").length === 1, "a fleet is under way");
  crew.hold();
  await met(() => workers[0]?.held === true, "the worker is held");
  open();
  await settle(600);
  assert.deepEqual(said.done, []);
  assert.deepEqual(workers[0]?.asked("hold"), [{ on: true }]);
  crew.start();
  await done(2);
  assert.deepEqual(said.done, ["a", "b"]);
  assert.equal(workers.length, 1);
  assert.deepEqual(said.replaced, []);
});

test("weights that are not known any more are trained once more", async () => {
  const origins = [{ id: "r", trials: JSON.stringify([{ id: "r", updates: 40 }]) }];
  const cut = fleet("cut", { trials: JSON.stringify([{ id: "cut", updates: 0, origin: "r" }]), origins });
  const { crew, workers, said, done } = stage([cut, { ...cut, ids: ["cut 2"] }], { size: 1 });
  crew.start();
  await done(2);
  assert.deepEqual(said.done, ["cut", "cut 2"]);
  assert.deepEqual(
    workers[0]?.asked("fleet").map(({ ids }) => ids[0]),
    ["r", "cut", "cut 2"],
  );
  assert.ok(said.kept.has("r"));
});

test("a speed is measured before anything runs", async () => {
  const { crew } = stage([]);
  assert.deepEqual(await crew.gauge(fleet("a"), 10), { updates: 100, took: 500 });
});

test("a closed crew says nothing more", async () => {
  const { open, gate } = gated();
  const { crew, workers, said } = stage([fleet("a")], { script: { fleet: () => gate } });
  crew.start();
  await met(() => workers.some((worker) => worker.asked("fleet").length === 1), "a fleet is under way");
  crew.close();
  open();
  await settle(40);
  assert.deepEqual([said.done, said.failed, said.replaced], [[], [], []]);
  assert.ok(workers.every(({ ended }) => ended));
});
