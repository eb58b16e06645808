import assert from "node:assert/strict";
import { test } from "node:test";
import { lacking } from "../../../web/app/capable.js";
import { spawner } from "../../../web/app/spawn.js";

/** @typedef {import("../../../web/app/spawn.js").Way} Way */

const ADDRESS = new URL("https://example.org/app/worker.js");

/**
 * Ways of which some are blocked: by throwing, by an error that comes later, or by nothing at all.
 *
 * @param {Partial<Record<Way, "throws"|"fails">>} blocked
 * @param {boolean} [there]
 */
function stage(blocked, there = true) {
  /** @type {string[]} */
  const log = [];
  /** @param {Way} way */
  const start = (way) => () => {
    log.push(`start ${way}`);
    if (blocked[way] === "throws") throw new Error("SecurityError");
    const worker = {
      /** @type {((event: any) => void)|null} */
      onmessage: null,
      /** @type {((event: any) => void)|null} */
      onerror: null,
      onmessageerror: null,
      postMessage: (/** @type {any} */ message) => log.push(`${way} hears ${message}`),
      terminate: () => log.push(`end ${way}`),
    };
    setTimeout(() => {
      if (blocked[way] === "fails") return worker.onerror?.({ message: "blocked" });
      worker.onmessage?.({ data: { news: "hello" } });
      worker.onmessage?.({ data: `${way} answers` });
    });
    return /** @type {any} */ (worker);
  };
  const spawn = spawner(ADDRESS, {
    ways: { worker: start("worker"), text: start("text"), page: start("page") },
    found: (way) => log.push(`found ${way}`),
    isThere: async () => there,
  });
  return { spawn, log };
}

/** What a worker says until it has answered or died. @param {import("../../../web/app/spawn.js").WorkerLike} worker */
function said(worker) {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve(`error ${message}`);
  });
}

test("a worker that says hello is used, and the next one is started in the same way", async () => {
  const { spawn, log } = stage({ worker: "throws" });
  const first = spawn();
  first.postMessage("a question");
  assert.equal(await said(first), "text answers");
  spawn();
  assert.deepEqual(log, ["start worker", "start text", "text hears a question", "found text", "start text"]);
});

test("where workers fail later the page takes over, and hears what was asked before", async () => {
  const { spawn, log } = stage({ worker: "fails", text: "fails" });
  const worker = spawn();
  worker.postMessage("a question");
  assert.equal(await said(worker), "page answers");
  assert.deepEqual(log, [
    ...["start worker", "worker hears a question", "end worker"],
    ...["start text", "text hears a question", "end text"],
    ...["start page", "page hears a question", "found page"],
  ]);
});

test("a worker whose file is missing is not taken for a blocked one", async () => {
  const { spawn, log } = stage({ worker: "fails" }, false);
  assert.equal(await said(spawn()), "error blocked");
  assert.ok(!log.includes("start page"));
});

test("where nothing works that is said as a problem", async () => {
  const { spawn } = stage({ worker: "throws", text: "throws", page: "throws" });
  const { news, problem } = /** @type {any} */ (await said(spawn()));
  assert.equal(news, "died");
  assert.equal(problem.code, "blocked-worker");
});

test("a worker that was ended is not replaced", async () => {
  const { spawn, log } = stage({ worker: "fails" });
  spawn().terminate();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!log.includes("start text"));
});

test("a browser whose WebAssembly has SIMD lacks nothing, and another is told what to do", () => {
  assert.equal(lacking(), null);
  assert.match(lacking({ validate: () => false })?.message ?? "", /no SIMD/);
  assert.match(lacking(/** @type {any} */ (null))?.message ?? "", /no WebAssembly/);
});
