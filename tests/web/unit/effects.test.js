/** The effects of a trained model: what is asked of the workers, what is shown of it, and what ends it. */

import assert from "node:assert/strict";
import test from "node:test";

import { followEffects, isTrained, shownEffects } from "../../../web/app/effects.js";
import { createStore, initial } from "../../../web/app/store.js";
import { describe as described } from "../fake/cpu.js";
import { settle } from "../fake/wait.js";

/** @typedef {Parameters<import("../../../web/app/sandbox-workers.js").SandboxWorkers["effects"]>[0]} Asked */

const BARS = /** @type {any} */ ({ name: "effects" });
const HEADS = /** @type {any} */ ({ name: "heads" });
const RETRAINED = /** @type {any} */ ({ name: "heads", title: "retrained" });

/** A page with a described model, whose workers note what they are asked and answer when they are told. */
function stage() {
  /** @type {Asked[]} */
  const asked = [];
  /** @type {((value: any) => void)[]} */
  const answers = [];
  const workers = /** @type {any} */ ({
    effects: (/** @type {Asked} */ one) => {
      asked.push(one);
      return new Promise((resolve) => answers.push(resolve));
    },
    together: (/** @type {any} */ one) => {
      asked.push(one);
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  const store = createStore({ ...initial(), description: described("v=1&p=repeat"), live: true });
  followEffects(store, workers);
  return { store, asked, answers, shown: () => shownEffects(store.state) };
}

test("what is found is shown as soon as it is there, and the heads once models are trained without them", async () => {
  const { store, asked, answers, shown } = stage();
  store.send({ type: "effects", operator: "zero", retrain: true });
  assert.equal(shown()?.status, "measuring");
  assert.deepEqual([asked[0]?.operator, asked[0]?.retrain], ["zero", true]);
  asked[0]?.onFound({ bars: BARS, heads: HEADS });
  asked[0]?.onShare(0.25);
  assert.deepEqual([shown()?.status, shown()?.share, shown()?.heads], ["training", 0.25, HEADS]);
  answers[0]?.(RETRAINED);
  await settle(0);
  assert.deepEqual([shown()?.status, shown()?.bars, shown()?.heads], ["done", BARS, RETRAINED]);
  assert.equal(shown()?.retrained, true);
});

test("what components cost together stands beside effects, until another model is described", async () => {
  const { store, asked, answers, shown } = stage();
  const found = /** @type {any} */ ({ operator: "mean", shares: [], all: 1, kendall_tau: null });
  const components = ["blocks.0.attn", "blocks.0.mlp", "blocks.1.mlp"];
  store.send({ type: "effects", operator: "mean", retrain: false });
  asked[0]?.onFound({ bars: BARS, heads: HEADS });
  store.send({ type: "together", operator: "mean", components });
  assert.deepEqual([shown()?.status, shown()?.sets, shown()?.bars], ["measuring", 8, BARS]);
  assert.equal(asked[0]?.signal.aborted, true, "one question at a time");
  assert.deepEqual(/** @type {any} */ (asked[1]).components, components);
  answers[1]?.(found);
  await settle(0);
  assert.deepEqual([shown()?.status, shown()?.together, shown()?.heads], ["done", found, HEADS]);
  store.send({ type: "effects", operator: "zero", retrain: false });
  assert.deepEqual([shown()?.sets, shown()?.bars, shown()?.together], [0, null, found]);
  store.send({ type: "described", description: described("v=1&p=repeat&model.layers=1") });
  store.send({ type: "together", operator: "mean", components });
  assert.deepEqual([shown()?.bars, shown()?.together], [null, null]);
});

test("stopping keeps what is known, and hears nothing of what comes later", async () => {
  const { store, asked, answers, shown } = stage();
  store.send({ type: "effects", operator: "mean", retrain: true });
  asked[0]?.onFound({ bars: BARS, heads: HEADS });
  store.send({ type: "stopEffects" });
  assert.equal(asked[0]?.signal.aborted, true);
  answers[0]?.(RETRAINED);
  await settle(0);
  assert.deepEqual([shown()?.status, shown()?.heads, shown()?.retrained], ["done", HEADS, false]);
});

test("effects of another model are not shown, and no longer computed", () => {
  const { store, asked, shown } = stage();
  store.send({ type: "effects", operator: "mean", retrain: false });
  asked[0]?.onFound({ bars: BARS, heads: null });
  assert.equal(shown()?.bars, BARS);
  store.send({ type: "described", description: described("v=1&p=repeat&model.layers=1") });
  assert.equal(shown(), null);
  assert.equal(asked[0]?.signal.aborted, true);
});

test("what ends a run leaves nothing busy behind", async () => {
  for (const event of /** @type {const} */ (["restart", "stop"])) {
    const { store, asked, shown } = stage();
    store.send({ type: "effects", operator: "mean", retrain: true });
    store.send({ type: event });
    await settle(0);
    assert.deepEqual([asked[0]?.signal.aborted, shown()?.status], [true, "done"], event);
  }
});

test("a refusal is told with its way out", async () => {
  const { store, shown } = stage();
  const refused = { code: "refused", message: "The stream passes through a norm.", hint: "Choose model.norm=pre." };
  followEffects(store, /** @type {any} */ ({ effects: () => Promise.reject(refused) }));
  store.send({ type: "effects", operator: "mean", retrain: false });
  await settle(0);
  assert.deepEqual(shown()?.problem, refused);
});

test("a model is trained once its reference is", () => {
  const { store } = stage();
  /** @param {number} steps */
  const at = (steps) =>
    isTrained({
      ...store.state,
      run: {
        ...store.state.run,
        progress: /** @type {any} */ ({ phase: "reference", steps: { reference: [steps, 400] }, losses: {} }),
      },
    });
  assert.deepEqual([isTrained(store.state), at(399), at(400)], [false, false, true]);
});
