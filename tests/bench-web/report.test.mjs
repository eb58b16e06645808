import assert from "node:assert/strict";
import test from "node:test";
import { SHAPES, batches, flops } from "./page/shapes.js";
import { quantile, summarise, table } from "./report.mjs";

const machine = { browser: "Chromium 1", processor: "test", cores: 2, loadBefore: 0, loadAfter: 0, date: "2026-01-01" };
const contender = (name, samples, losses) => ({ name, samples, losses, error: null });

test("quantiles interpolate between samples in any order", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
  assert.equal(quantile([1, 2], 0.95), 1.95);
});

test("operations per step are those of the published table", () => {
  const [small, middle, large] = SHAPES.map(flops);
  assert.equal(Math.round(small / 1e6), 21);
  assert.equal(Math.round(middle / 1e7), 67);
  assert.equal(Math.round(large / 1e8), 53);
});

test("the targets of a batch weigh one in all", () => {
  const { targets } = batches(SHAPES[0]).next().value;
  assert.ok(Math.abs(targets.reduce((a, b) => a + b, 0) - 1) < 1e-5);
});

test("ratios are against ours, and the advantage is against the fastest peer", () => {
  const shape = SHAPES[0];
  const summary = summarise(
    {
      peak: 60,
      isolated: false,
      results: [
        {
          shape,
          contenders: [
            contender("ours", [2, 2], [3.5, 1]),
            contender("jax", [6, 6], [3.6, 1]),
            contender("tfjs", [8, 8], [3.6, 1]),
          ],
        },
      ],
    },
    machine,
  );
  assert.deepEqual(summary.problems, []);
  assert.deepEqual(
    summary.shapes[0].rows.map((row) => row.ratio),
    [1, 3, 4],
  );
  assert.equal(summary.shapes[0].advantage, 3);
  assert.match(table(summary), /3\.00 times as fast as the fastest peer/);
});

test("a trainer that fails, does not learn or trains another model is a problem", () => {
  const failed = { name: "ours", samples: [], losses: [], error: "load-failed: no module" };
  const summary = summarise(
    {
      peak: 60,
      isolated: false,
      results: [
        { shape: SHAPES[0], contenders: [failed, contender("jax", [6], [3.6, 3.7]), contender("tfjs", [8], [3.5, 1])] },
      ],
    },
    machine,
  );
  assert.equal(summary.problems.length, 3);
  assert.match(table(summary), /failed/);
});
