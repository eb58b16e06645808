import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { SandboxWorkers } from "../../../web/app/sandbox-workers.js";
import { CLOSED } from "../../../web/app/worker-channel.js";
import { problem } from "../../../web/app/protocol.js";
import { Listener } from "../fake/listener.js";
import { met } from "../fake/wait.js";

/** @typedef {import("../../../web/app/protocol.js").Request} Request */

/** A worker that answers from a list of replies, and that a test can make speak. */
class FakeWorker extends Listener {
  /** @param {(request: Request) => any} reply  a value, a thrown problem, or `undefined` for silence */
  constructor(reply) {
    super();
    this.reply = reply;
  }

  /** @param {Request} request */
  postMessage(request) {
    this.heard.push(request);
    queueMicrotask(() => {
      try {
        const value = this.reply(request);
        if (value !== undefined) this.say({ id: request.id, value });
      } catch (thrown) {
        this.say({ id: request.id, problem: thrown });
      }
    });
  }
}

/** @type {SandboxWorkers[]} */
const opened = [];
afterEach(() => {
  for (const sandbox of opened.splice(0)) sandbox.close();
});

/** @param {(request: Request, index: number) => any} [reply] @param {object} [timeouts] */
function stage(reply = () => null, timeouts = {}) {
  /** @type {FakeWorker[]} */
  const workers = [];
  /** @type {any[]} */
  const news = [];
  const sandbox = new SandboxWorkers({
    spawn: () => {
      const index = workers.length;
      workers.push(new FakeWorker((request) => reply(request, index)));
      return /** @type {any} */ (workers[index]);
    },
    report: (one) => news.push(one),
    timeouts: { retry: 1, ...timeouts },
  });
  opened.push(sandbox);
  return { sandbox, workers, news };
}

const WANTED = /** @type {const} */ ({
  model: "repeat",
  link: "v=1&p=repeat",
  ablation: null,
  device: "cpu",
  force: false,
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test("the control worker loads the small module and answers with the catalogue", async () => {
  const { sandbox, workers } = stage(({ call }) => (call === "catalog" ? { version: "1", presets: [] } : null));
  assert.deepEqual(await sandbox.start(), { version: "1", presets: [] });
  assert.deepEqual(workers[0]?.asked("load"), [{ device: "cpu", force: false }]);
});

test("a module that does not load is said as such", async () => {
  const { sandbox, workers } = stage(({ call }) => {
    if (call === "load") throw problem("load-failed", "The module cpu could not be loaded.");
  });
  await assert.rejects(sandbox.start(), { code: "load-failed" });
  assert.equal(workers[0]?.ended, true);
});

/**
 * A worker that ends with an error as soon as it is made, as one whose script is not there.
 *
 * @param {FakeWorker|undefined} worker
 */
const fail = (worker) => queueMicrotask(() => worker?.onerror?.({ message: "", preventDefault() {} }));

test("a worker whose script is not there is started again some times, each time with a sentence, and then said to have failed", async () => {
  const { workers, news, sandbox } = stage(({ call }, index) => void (call === "load" && fail(workers[index])));
  await assert.rejects(sandbox.start(), { code: "load-failed" });
  assert.equal(workers.length, 4);
  assert.deepEqual(
    news.map(({ news: one }) => one),
    ["restarting", "restarting", "restarting"],
  );
  assert.ok(workers.every(({ ended }) => ended));
});

test("a worker that dies while it loads is replaced, and what was asked of it is answered", async () => {
  const { workers, sandbox } = stage(({ call }, index) => {
    if (call === "load" && index === 0) return void fail(workers[index]);
    return call === "catalog" ? { version: "1", presets: [] } : null;
  });
  assert.deepEqual(await sandbox.start(), { version: "1", presets: [] });
  assert.equal(workers.length, 2);
});

test("a description that nobody waits for any more is not awaited, and the worker lives on", async () => {
  const { workers, sandbox } = stage(({ call }) => (call === "describe" ? undefined : null));
  const controller = new AbortController();
  const described = sandbox.describe("v=1", controller.signal);
  await settle();
  controller.abort(CLOSED);
  await assert.rejects(described, CLOSED);
  assert.equal(workers[0]?.ended, false);
});

test("a call that is not answered in time ends its worker", async () => {
  const { sandbox, workers } = stage(({ call }) => (call === "load" ? null : undefined), { request: 5 });
  await assert.rejects(sandbox.start(), { code: "worker-died" });
  assert.equal(workers[0]?.ended, true);
});

test("a training worker that dies goes on from its last checkpoint, with its ablation", async () => {
  const { sandbox, workers, news } = stage();
  await sandbox.open(WANTED);
  await sandbox.choose({ site: "position", operator: "mean" });
  await sandbox.play();
  workers[0]?.say({ news: "checkpoint", bytes: new Uint8Array([1, 2, 3]), steps: 40 });
  workers[0]?.say({ news: "died", problem: problem("worker-died", "The worker stopped: unreachable.") });
  await settle();
  assert.equal(workers[0]?.ended, true);
  const [opened] = workers[1]?.asked("open") ?? [];
  assert.deepEqual([...opened.bytes], [1, 2, 3]);
  assert.deepEqual(opened.ablation, { site: "position", operator: "mean" });
  assert.equal(workers[1]?.asked("play").length, 1);
  assert.equal(news.at(-1).news, "replaced");
  assert.equal(news.at(-1).steps, 40);
});

test("a training worker that was paused is restored and stays paused", async () => {
  const { sandbox, workers } = stage();
  await sandbox.open(WANTED);
  await sandbox.play();
  await sandbox.pause();
  workers[0]?.onerror?.({ message: "boom" });
  await settle();
  assert.equal(workers[1]?.asked("open").length, 1);
  assert.equal(workers[1]?.asked("play").length, 0);
});

test("word of a pause that comes after playing again is not believed", async () => {
  const { sandbox, workers, news } = stage();
  await sandbox.open(WANTED);
  await sandbox.play();
  await sandbox.pause();
  await sandbox.play();
  workers[0]?.say({ news: "stopped", done: false, problem: null });
  assert.deepEqual(news, []);
  await sandbox.pause();
  workers[0]?.say({ news: "stopped", done: false, problem: null });
  assert.equal(news.length, 1);
});

test("the page keeps its checkpoint when the second worker dies too", async () => {
  const { sandbox, workers } = stage();
  await sandbox.open(WANTED);
  await sandbox.play();
  workers[0]?.say({ news: "checkpoint", bytes: new Uint8Array([7]), steps: 1 });
  for (const index of [0, 1]) {
    workers[index]?.say({ news: "died", problem: problem("worker-died", "Gone.") });
    await settle();
  }
  assert.deepEqual([...(workers[2]?.asked("open")[0].bytes ?? [])], [7]);
});

test("a training worker that dies for ever is given up with a sentence", async () => {
  const { sandbox, workers, news } = stage();
  await sandbox.open(WANTED);
  await sandbox.play();
  for (let index = 0; index < 4; index++) {
    workers[index]?.say({ news: "died", problem: problem("worker-died", "Gone.") });
    await settle();
  }
  assert.equal(workers.length, 4);
  assert.equal(news.at(-1).news, "stopped");
  assert.match(news.at(-1).problem.message, /replaced 3 times/);
});

test("a lost device sends training to the CPU", async () => {
  const { sandbox, workers, news } = stage();
  await sandbox.open({ ...WANTED, device: "webgpu", force: true });
  await sandbox.play();
  workers[0]?.say({ news: "lost", problem: problem("device-lost", "The graphics device was lost.") });
  await settle();
  assert.deepEqual(
    workers.map((worker) => worker.asked("load")[0].device),
    ["webgpu", "cpu"],
  );
  assert.deepEqual([news.at(-1).news, news.at(-1).device], ["replaced", "cpu"]);
});

test("a worker that falls silent while it trains is replaced", async () => {
  const { sandbox, workers } = stage(() => null, { silence: 10 });
  await sandbox.open(WANTED);
  await sandbox.play();
  await met(() => workers[0]?.ended === true && workers.length > 1, "it is ended and replaced");
  sandbox.close();
});

test("a training worker that cannot be opened says why and leaves nothing behind", async () => {
  const { sandbox, workers, news } = stage(({ call }) => {
    if (call === "open") throw problem("refused", "zero is refused at unembed.");
    return null;
  });
  await assert.rejects(sandbox.open(WANTED), { code: "refused" });
  assert.equal(sandbox.opened, null);
  assert.equal(workers[0]?.ended, true);
  assert.deepEqual(news, []);
});

test("a worker that was closed is not replaced", async () => {
  const { sandbox, workers } = stage();
  await sandbox.open(WANTED);
  sandbox.close();
  await settle();
  assert.equal(workers.length, 1);
});

const LOST = problem("device-lost", "The graphics device was lost.");
const GONE = problem("worker-died", "Gone.");

test("a checkpoint outlives a training worker that could not be replaced", async () => {
  let offline = false;
  const { sandbox, workers, news } = stage(({ call }) => {
    if (call === "load" && offline)
      throw problem("load-failed", "The module cpu could not be loaded.", "Reload the page.");
    return null;
  });
  await sandbox.open(WANTED);
  await sandbox.play();
  workers[0]?.say({ news: "checkpoint", bytes: new Uint8Array([5]), steps: 9 });
  offline = true;
  workers[0]?.say({ news: "died", problem: GONE });
  await settle();
  assert.deepEqual([news.at(-1).news, news.at(-1).problem.code], ["stopped", "load-failed"]);
  assert.match(news.at(-1).problem.hint, /checkpoint/);
  assert.equal(sandbox.opened, null);
  await assert.rejects(sandbox.open(WANTED), { code: "load-failed" });
  offline = false;
  await sandbox.open(WANTED);
  assert.deepEqual([...(workers[3]?.asked("open")[0].bytes ?? [])], [5]);
  assert.deepEqual(sandbox.opened, { link: WANTED.link, device: "cpu" });
});

test("a checkpoint is not taken for another study", async () => {
  const { sandbox, workers } = stage(() => null);
  await sandbox.open(WANTED);
  workers[0]?.say({ news: "checkpoint", bytes: new Uint8Array([5]), steps: 9 });
  for (let index = 0; index < 4; index++) {
    workers[index]?.say({ news: "died", problem: GONE });
    await settle();
  }
  await sandbox.open({ ...WANTED, model: "another" });
  assert.equal(workers.at(-1)?.asked("open")[0].bytes, null);
});

test("a death while a training worker is opened again is counted, and it is opened once more", async () => {
  const { sandbox, workers, news } = stage(({ call }, index) => {
    if (call === "open" && index === 1) throw GONE;
    return null;
  });
  await sandbox.open(WANTED);
  await sandbox.play();
  workers[0]?.say({ news: "checkpoint", bytes: new Uint8Array([5]), steps: 9 });
  workers[0]?.say({ news: "died", problem: GONE });
  await settle();
  assert.deepEqual(
    news.map(({ news: one }) => one),
    ["replaced"],
  );
  assert.deepEqual([...(workers[2]?.asked("open")[0].bytes ?? [])], [5]);
  assert.equal(workers[2]?.asked("play").length, 1);
});

test("a training worker that always dies while it is opened again is given up", async () => {
  const { sandbox, workers, news } = stage(({ call }, index) => {
    if (call === "open" && index > 0) throw GONE;
    return null;
  });
  await sandbox.open(WANTED);
  workers[0]?.say({ news: "died", problem: GONE });
  await settle();
  assert.equal(workers.length, 4);
  assert.match(news.at(-1).problem.message, /replaced 3 times/);
  assert.ok(workers.every(({ ended }) => ended));
});

test("a lost device is said before training is opened elsewhere, and a paused run waits there", async () => {
  const { sandbox, workers, news } = stage();
  await sandbox.open({ ...WANTED, device: "webgpu" });
  await sandbox.play();
  await sandbox.pause();
  workers[0]?.say({ news: "lost", problem: LOST });
  await settle();
  assert.deepEqual(news, [
    { news: "moved", device: "cpu" },
    { news: "replaced", problem: LOST, steps: 0, device: "cpu", playing: false },
  ]);
});

test("a checkpoint that cannot be read is dropped", async () => {
  const { sandbox, workers, news } = stage(({ call, args }) => {
    if (call === "open" && args.bytes) throw problem("bad-checkpoint", "It is of another version.");
    return null;
  });
  await sandbox.open(WANTED);
  workers[0]?.say({ news: "checkpoint", bytes: new Uint8Array([5]), steps: 9 });
  workers[0]?.say({ news: "died", problem: GONE });
  await settle();
  assert.equal(news.at(-1).problem.code, "bad-checkpoint");
  await sandbox.open(WANTED);
  assert.equal(workers.at(-1)?.asked("open")[0].bytes, null);
});

test("a training worker that is being opened is shared, and asked for nothing until it is open", async () => {
  const { sandbox, workers } = stage(({ call }) => (call === "open" ? undefined : null));
  const first = sandbox.open(WANTED);
  const second = sandbox.open(WANTED);
  const playing = sandbox.play();
  await settle();
  assert.equal(sandbox.opened, null);
  assert.equal(workers.length, 1);
  assert.deepEqual(
    workers[0]?.heard.map(({ call }) => call),
    ["load", "open"],
  );
  workers[0]?.say({ id: workers[0].heard[1]?.id, value: null });
  await Promise.all([first, second, playing]);
  assert.equal(workers[0]?.asked("play").length, 1);
});

test("a probe that is never answered leaves the control worker alone", async () => {
  const { sandbox, workers } = stage(
    ({ call }) => (call === "probe" ? undefined : call === "catalog" ? { version: "1", presets: [] } : null),
    { load: 5 },
  );
  const starting = sandbox.start();
  await assert.rejects(sandbox.probe(false), { code: "no-adapter" });
  await starting;
  assert.equal(workers.length, 1);
  assert.equal(workers[0]?.ended, false);
});
