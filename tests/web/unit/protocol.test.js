import assert from "node:assert/strict";
import { test } from "node:test";
import { isAnswer, problem, toProblem } from "../../../web/app/protocol.js";

test("a problem of the engine keeps its code, words and hint", () => {
  const thrown = { code: "refused", message: "zero is refused at unembed.", hint: "Ablate what feeds it." };
  assert.deepEqual(toProblem(thrown), thrown);
});

test("a trap of the module is the death of its worker", () => {
  const failure = toProblem(new WebAssembly.RuntimeError("unreachable"));
  assert.equal(failure.code, "worker-died");
  assert.match(failure.message, /unreachable/);
});

test("whatever else is thrown becomes a problem with its words", () => {
  assert.deepEqual(toProblem(new Error("no"), "load-failed"), problem("load-failed", "no"));
  assert.deepEqual(toProblem("no"), problem("internal", "no"));
  assert.deepEqual(toProblem(null), problem("internal", "null"));
  assert.equal(toProblem({ code: "made-up", message: "x" }).code, "internal");
});

test("answers are told from news", () => {
  assert.equal(isAnswer({ id: 1, value: null }), true);
  assert.equal(isAnswer({ news: "stopped", done: true, problem: null }), false);
});
