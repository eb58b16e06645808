import assert from "node:assert/strict";
import { test } from "node:test";
import { divergence } from "../../../web/app/divergence.js";
import { initial, update } from "../../../web/app/store.js";
import { describe } from "../fake/cpu.js";

/** @typedef {[number, number]} Steps */
/** @param {Record<string, Steps>} steps @param {Record<string, number|null>} losses */
const at = (steps, losses) => ({ phase: /** @type {const} */ ("reference"), steps, losses });

test("a loss far above the constant predictor's, or none at all, is a divergence", () => {
  assert.deepEqual(divergence(at({ reference: [30, 100] }, { reference: 1e9 }), 2), { arm: "reference", step: 30 });
  assert.deepEqual(divergence(at({ reference: [30, 100] }, { reference: null }), 2), { arm: "reference", step: 30 });
});

test("what learns, waits or begins far off after an ablation did not diverge", () => {
  assert.equal(divergence(at({ reference: [30, 100] }, { reference: 3 }), 2), null);
  assert.equal(divergence(at({ reference: [0, 100] }, { reference: null }), 2), null);
  assert.equal(divergence(at({ recovery: [1, 20] }, { recovered: 400, sham: 0.1 }), 2), null);
  assert.equal(divergence(null, 2), null);
});

test("the step at which a run diverged is kept until it is run again", () => {
  const start = update(initial(), { type: "described", description: describe("v=1&p=repeat") });
  const progress = at({ reference: [7, 100] }, { reference: 1e12 });
  const diverged = update(start, { type: "progress", progress, steps: 1, took: 1 });
  assert.deepEqual(diverged.run.diverged, { arm: "reference", step: 7 });
  assert.equal(update(diverged, { type: "play" }).run.diverged, null);
});
