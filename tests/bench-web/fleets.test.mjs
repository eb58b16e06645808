import assert from "node:assert/strict";
import test from "node:test";
import { summarise, table } from "./fleets.mjs";
import { SHAPES } from "./page/shapes.js";

const machine = { browser: "Chromium 1", processor: "test", cores: 2, loadBefore: 0, loadAfter: 0, date: "2026-01-01" };
const card = { name: "a card", software: false };
const program = { name: "a program", software: true };
const [shape] = SHAPES;

const trained = (times, kernels = null, losses = [3.8, 3.7, 3.6]) => ({
  samples: times.map((milliseconds) => ({ milliseconds, steps: 10 })),
  losses,
  kernels,
  error: null,
});
const missing = (error) => ({ samples: [], losses: [], kernels: null, error });

const summary = (adapter, ...fleets) => summarise({ adapter, shape, fleets }, machine);

test("a fleet's row says milliseconds, steps and kernels a step, and how it compares with one core", () => {
  const all = summary(card, { replicas: 64, gpu: trained([2, 4, 3], 63), cpu: trained([90, 91, 92]) });
  assert.deepEqual(all.problems, []);
  const [{ gpu, cpu }] = all.fleets;
  assert.deepEqual([gpu.median, gpu.best, gpu.steps, gpu.kernels], [3, 2, 30, 63]);
  assert.deepEqual([cpu.median, cpu.steps, cpu.kernels], [91, 30, null]);
  const text = table(all);
  assert.match(text, /adapter: a card\n/);
  assert.match(text, / 64 WebGPU +3\.00 +2\.00 +30 +63 +3\.600\n/);
  assert.match(text, /WebGPU is 30 times as fast as one core here/);
  assert.doesNotMatch(text, /program/);
});

test("an adapter that is a program is said to be one, and is compared with nothing", () => {
  const text = table(summary(program, { replicas: 1, gpu: trained([1500], 63), cpu: trained([1.5]) }));
  assert.match(text, /is a program on the processor: its times say nothing of a graphics card/);
  assert.match(text, /WebGPU \(software\) +1500/);
  assert.doesNotMatch(text, /times as fast/);
});

test("a fleet that is missing says why in one line, and the others stand", () => {
  const all = summary(
    card,
    { replicas: 1, gpu: trained([2], 63), cpu: trained([1]) },
    { replicas: 256, gpu: missing("no memory\n  at a place"), cpu: trained([250]) },
  );
  assert.deepEqual(all.problems, []);
  const text = table(all);
  assert.match(text, /256 WebGPU +missing: no memory\n/);
  assert.match(text, /256 CPU, one core +250/);
  assert.equal(text.match(/times as fast/g)?.length, 1);
});

test("a fleet that stops halfway says why beside what was measured", () => {
  const stopped = { ...trained([2], 63), error: "the device was lost" };
  assert.match(
    table(summary(card, { replicas: 8, gpu: stopped, cpu: trained([9]) })),
    / 63 .*stopped: the device was lost/,
  );
});

test("without an adapter, or with no time on it, there is a problem that says so", () => {
  const none = summary({ error: "no adapter." });
  assert.equal(none.problems.length, 1);
  assert.match(table(none), /adapter: none\n\nproblem: no fleet was trained on WebGPU: no adapter\. .*--flag/);
  const late = summary(card, { replicas: 8, gpu: missing("late"), cpu: trained([9]) });
  assert.deepEqual(late.problems, ["no fleet was timed on WebGPU"]);
});

test("losses that are apart, or are no numbers, are a problem; where one of both has none, they are not", () => {
  const problems = (gpu, cpu) =>
    summary(card, { replicas: 8, gpu: trained([2], 63, gpu), cpu: trained([9], null, cpu) }).problems;
  assert.deepEqual(problems([3.8, 3.70001], [3.8, 3.7]), []);
  assert.match(problems([3.8, 3.71], [3.8, 3.7])[0], /do not train the same models: losses 3\.71 and 3\.7$/);
  assert.equal(problems([3.8, NaN], [3.8, NaN]).length, 1);
  assert.deepEqual(problems([3.8], []), []);
});
