import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { constantLoss, divergedText, headline, lossesOf, standing } from "../../../web/app/headline.js";

/** @param {string} preset */
async function stored(preset) {
  const text = await readFile(new URL(`../../../static/records/${preset}.json`, import.meta.url), "utf8");
  return /** @type {import("../../../web/app/generated/protocol.js").View} */ (JSON.parse(text).view);
}

/** @param {import("../../../web/app/headline.js").Piece[]} pieces */
const said = (pieces) =>
  pieces
    .map(({ text }) => text)
    .join("")
    .replaceAll("\u00a0", " ");

test("the headline gives both answers beside the constant predictor", async () => {
  const view = await stored("repeat");
  const pieces = headline(view, { site: "blocks.0.attn" });
  assert.match(
    said(pieces),
    /^Ablate the .+: loss 0 → \d+\.\d\d, worse than the constant predictor \(2\.08\)\. Retrain without it: still 0\.$/,
  );
  assert.deepEqual(
    pieces.flatMap(({ mark }) => mark ?? []),
    ["reference", "disruption", "necessity"],
  );
});

test("a retrained model that is as bad as the ablated one is said to be", () => {
  const arm = (/** @type {string} */ name, /** @type {number} */ value) => ({
    name,
    arms: [{ name, measures: [{ value, constant_predictor: 1 }] }],
  });
  const view = /** @type {any} */ ({
    panels: [arm("reference", 0.5), arm("ablated", 1.03), arm("retrained", 1.1)],
    contrast: { site: "the time embedding" },
  });
  assert.equal(
    said(headline(view, { site: "time" })),
    "Ablate the time embedding: loss 0.50 → 1.03, worse than the constant predictor (1.00). " +
      "Retrain without it: 1.10, also worse.",
  );
});

test("without a search the retrained model is the arm of the panel, and a refusal is said", () => {
  const arm = (/** @type {string} */ name, /** @type {number} */ value, panel = name) => ({
    name: panel,
    arms: [{ name, measures: [{ value, constant_predictor: 2 }] }],
  });
  const [reference, ablated] = [arm("reference", 0.5), arm("ablated", 1.5)];
  const contrast = { site: "the MLP" };
  const of = (/** @type {unknown} */ last) =>
    said(headline(/** @type {any} */ ({ panels: [reference, ablated, last], contrast }), { site: "mlp" }));
  assert.equal(
    of(arm("retrained-untuned", 0.75, "retrained")),
    "Ablate the MLP: loss 0.50 → 1.50. Retrain without it: 0.75.",
  );
  const refused = { name: "retrained-untuned", status: "refused", reason: "Nothing is left to train.", measures: [] };
  assert.match(of({ name: "retrained", arms: [refused] }), /Retrain without it: refused\. Nothing is left to train\.$/);
});

test("what is not known to be bad is not said to be no better", () => {
  const arm = (/** @type {string} */ name, /** @type {number} */ value) => ({
    name,
    arms: [{ name, measures: [{ value, constant_predictor: null }] }],
  });
  const panels = [arm("reference", 0.5), arm("ablated", 1.5), arm("retrained", 1.4)];
  const text = said(headline(/** @type {any} */ ({ panels, contrast: { site: "it" } }), { site: "it" }));
  assert.match(text, /Retrain without it: 1\.40\.$/);
});

test("before there is a result the headline says what to do", () => {
  assert.match(said(headline(null, { site: null })), /^Choose a part of the model/);
  assert.match(said(headline(null, { site: "MLP" })), /Ablate MLP, or retrain without it: .+ Press Train\.$/);
});

test("a divergence is the headline, and no number stands beside it", async () => {
  const pieces = headline(await stored("repeat"), { site: "x", diverged: { arm: "reference", step: 12 } });
  assert.equal(said(pieces), "Training diverged at step 12: lower the learning rate.");
  assert.match(divergedText({ arm: "retrained", step: 3 }), /^Training without the component diverged at step 3:/);
});

test("a loss is called worse, the same or better than the constant predictor's", () => {
  assert.equal(standing(7.58, 2.08, 0), "worse");
  assert.equal(standing(2.084, 2.079, 0), "same");
  assert.equal(standing(0.25, 2.08, 0), "better");
  assert.equal(standing(3, null, 0), "unknown");
});

test("losses are found by the arm's name, and what is not finite is missing", () => {
  const view = /** @type {any} */ ({
    panels: [
      { arms: [{ name: "reference", measures: [{ value: 1, constant_predictor: 2 }] }] },
      { arms: [{ name: "ablated", measures: [{ value: null, constant_predictor: 2 }] }] },
      { arms: [] },
    ],
  });
  assert.deepEqual(lossesOf(view), { reference: 1 });
  assert.equal(constantLoss(view), 2);
  assert.deepEqual([lossesOf(null), constantLoss(null)], [{}, null]);
});
