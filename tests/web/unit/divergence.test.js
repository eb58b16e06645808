import assert from "node:assert/strict";
import { test } from "node:test";
import { divergence } from "../../../web/app/divergence.js";
import { divergedText } from "../../../web/app/headline.js";
import { initial, update } from "../../../web/app/store.js";
import { describe } from "../fake/cpu.js";

/** @typedef {[number, number]} Steps */
/** @param {Record<string, Steps>} steps @param {Record<string, number|null>} losses */
const at = (steps, losses) => ({ phase: /** @type {const} */ ("reference"), steps, losses });

test("a loss far above the constant predictor's, or none at all, is a divergence", () => {
  assert.deepEqual(divergence(at({ reference: [30, 100] }, { reference: 1e9 }), 2, false), {
    arm: "reference",
    step: 30,
  });
  assert.deepEqual(divergence(at({ reference: [30, 100] }, { reference: null }), 2, false), {
    arm: "reference",
    step: 30,
  });
});

test("what learns, waits or begins far off after an ablation did not diverge", () => {
  assert.equal(divergence(at({ reference: [30, 100] }, { reference: 3 }), 2, false), null);
  assert.equal(divergence(at({ reference: [0, 100] }, { reference: null }), 2, false), null);
  assert.equal(divergence(at({ recovery: [1, 20] }, { recovered: 400, sham: 0.1 }), 2, false), null);
  assert.equal(divergence(null, 2, false), null);
});

test("the step at which a run diverged is kept until it is run again", () => {
  const start = update(initial(), { type: "described", description: describe("v=1&p=repeat") });
  const progress = at({ reference: [7, 100] }, { reference: 1e12 });
  const diverged = update(start, { type: "progress", progress, steps: 1, took: 1 });
  assert.deepEqual(diverged.run.diverged, { arm: "reference", step: 7 });
  assert.equal(update(diverged, { type: "play" }).run.diverged, null);
});

test("without a search the retrained model is another arm, and the one that is not trained did not diverge", () => {
  const steps = { reference: /** @type {Steps} */ ([100, 100]), retrained: /** @type {Steps} */ ([5, 100]) };
  const losses = { reference: 0.1, retrained: null, "retrained-untuned": 1.2 };
  assert.equal(divergence(at(steps, losses), 2, false), null);
  const lost = { ...losses, "retrained-untuned": null };
  assert.deepEqual(divergence(at(steps, lost), 2, false), { arm: "retrained-untuned", step: 5 });
  assert.match(
    divergedText({ arm: "retrained-untuned", step: 5 }),
    /^Training without the component diverged at step 5/,
  );
});

test("of several learning rates that are tried only the chosen one can be said to have diverged", () => {
  const shown = { reference: null, retrained: null, "retrained-untuned": null };
  assert.equal(divergence(at({ reference: [30, 100], retrained: [0, 100] }, shown), 2, true), null);
  const chosen = { ...shown, reference: 0.1 };
  assert.equal(divergence(at({ reference: [100, 100], retrained: [30, 100] }, chosen), 2, true), null);
  assert.equal(divergence(at({ reference: [100, 100], retrained: [0, 100] }, chosen), 2, true), null);
  const none = divergence(at({ reference: [100, 100], retrained: [0, 100] }, shown), 2, true);
  assert.deepEqual(none, { arm: "reference", step: 100, searched: true });
  assert.match(divergedText(/** @type {any} */ (none)), /diverged at every learning rate that was tried/);
});

test("a run that searches goes on although the rate that is shown diverges", () => {
  const plain = describe("v=1&p=repeat");
  const description = { ...plain, settings: { ...plain.settings, "sandbox.search": "learning-rate" } };
  const start = update(initial(), { type: "described", description });
  const progress = at({ reference: [7, 100] }, { reference: null });
  assert.equal(update(start, { type: "progress", progress, steps: 1, took: 1 }).run.diverged, null);
});
