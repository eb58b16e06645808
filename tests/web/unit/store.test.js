import assert from "node:assert/strict";
import { test } from "node:test";
import {
  awaitsTraining,
  canRun,
  createStore,
  initial,
  referenceView,
  settledView,
  shownView,
  storedView,
  timeLeft,
  update,
} from "../../../web/app/store.js";
import { problem } from "../../../web/app/protocol.js";
import { Bench, describe } from "../fake/cpu.js";

/** @typedef {import("../../../web/app/store.js").Event} Event */

/** @param {...Event} events */
const after = (...events) => events.reduce(update, initial());

/** @param {string} link */
const described = (link) => /** @type {const} */ ({ type: "described", description: describe(link) });

async function record() {
  const bench = await Bench.create("v=1&p=repeat");
  bench.choose({ site: "position", operator: "mean" });
  bench.at = { ...bench.due };
  return { description: describe("v=1&p=repeat"), view: await bench.view() };
}

test("an update never changes the state it is given", () => {
  const state = Object.freeze(initial());
  Object.freeze(state.run);
  const next = update(state, { type: "play" });
  assert.notEqual(next, state);
  assert.equal(state.run.status, "idle");
});

test("a stored record is drawn before the engine is there", async () => {
  const stored = await record();
  const state = after({ type: "stored", record: stored });
  assert.equal(shownView(state), stored.view);
  assert.equal(state.description, stored.description);
  assert.equal(canRun(state), false);
});

test("a stored record is shown for its own study and for no other", async () => {
  const stored = /** @type {Event} */ ({ type: "stored", record: await record() });
  assert.ok(storedView(after(described("v=1&p=repeat"), stored)));
  assert.equal(storedView(after(described("v=1&p=repeat&seed=2"), stored)), null);
});

test("of a stored record the reference holds for another ablation, which is to be trained", async () => {
  const stored = await record();
  const here = after({ type: "engine", status: "ready" }, described("v=1&p=repeat"), {
    type: "stored",
    record: stored,
  });
  assert.deepEqual([awaitsTraining(here), referenceView(here)], [false, stored.view]);
  const other = update(here, described("v=1&p=repeat&ablation.operator=zero"));
  assert.deepEqual([shownView(other), awaitsTraining(other), referenceView(other)], [null, true, stored.view]);
  assert.equal(awaitsTraining(update(other, { type: "play" })), false);
  assert.equal(
    awaitsTraining(update(other, { type: "stopped", done: true, problem: null })),
    false,
    "what diverged has no cost, however long it trains",
  );
  assert.equal(referenceView(update(here, described("v=1&p=repeat&seed=2"))), null);
});

test("a stored record never replaces what the engine described", async () => {
  const state = after(described("v=1&p=repeat&seed=2"), { type: "stored", record: await record() });
  assert.equal(state.description?.settings.seed, 2);
});

test("live results replace stored ones, and the contrast only once there is one", async () => {
  const stored = await record();
  const bench = await Bench.create("v=1&p=repeat");
  const early = await bench.view();
  const state = after(described("v=1&p=repeat"), { type: "stored", record: stored }, { type: "viewed", view: early });
  assert.equal(shownView(state), early);
  assert.equal(settledView(state), stored.view);
  const late = update(state, { type: "viewed", view: stored.view });
  assert.equal(settledView(late), stored.view);
});

test("choosing another ablation keeps the run, changing a setting ends it", () => {
  const run = /** @type {Event[]} */ ([described("v=1&p=repeat"), { type: "play" }, { type: "opened" }]);
  assert.equal(after(...run, described("v=1&p=repeat&ablation.operator=zero")).run.status, "playing");
  assert.equal(after(...run, described("v=1&p=repeat&seed=2")).run.status, "idle");
});

test("another ablation of a trained model has steps that are due", () => {
  const run = /** @type {Event[]} */ ([
    described("v=1&p=repeat"),
    { type: "play" },
    { type: "opened" },
    { type: "stopped", done: true, problem: null },
  ]);
  assert.equal(after(...run).run.status, "done");
  assert.equal(after(...run, described("v=1&p=repeat&ablation.operator=zero")).run.status, "paused");
});

test("a selection ends when its site is gone", () => {
  const events = /** @type {Event[]} */ ([described("v=1&p=repeat"), { type: "select", site: "position" }]);
  assert.equal(after(...events).selected, "position");
  assert.equal(after(...events, described("v=1&p=repeat&model.position=none")).selected, null);
});

test("a problem ends the run and is shown", () => {
  const refused = problem("refused", "The model is too large.", "Make it smaller.");
  const state = after({ type: "play" }, { type: "opened" }, { type: "stopped", done: false, problem: refused });
  assert.equal(state.run.status, "failed");
  assert.equal(state.notice?.problem, refused);
});

test("the time left follows from what is due and the speed", () => {
  const progress = {
    phase: /** @type {const} */ ("reference"),
    steps: { reference: /** @type {[number, number]} */ ([100, 300]) },
    losses: {},
  };
  const state = after({ type: "progress", progress, steps: 50, took: 500 });
  assert.equal(timeLeft(state), 2);
});

test("listeners hear of a turn's events once, followers of each", async () => {
  const store = createStore();
  let heard = 0;
  let followed = 0;
  store.listen(() => heard++);
  store.follow(() => followed++);
  store.send({ type: "play" });
  store.send({ type: "pause" });
  await null;
  assert.deepEqual([heard, followed], [2, 2]);
});

test("a listener that left hears no more", async () => {
  const store = createStore();
  let heard = 0;
  store.listen(() => heard++)();
  store.send({ type: "play" });
  await null;
  assert.equal(heard, 1);
});

test("what one ablation came to is not kept as a seed of the next one", async () => {
  const { view } = await record();
  const one = described("v=1&p=repeat&ablation.site=position&ablation.operator=mean");
  const other = described("v=1&p=repeat&ablation.site=blocks.0.mlp&ablation.operator=mean");
  const first = after({ type: "engine", status: "ready" }, one, { type: "viewed", view });
  assert.equal(first.seeds.marks.length, 1);
  assert.equal(update(first, one).seeds.marks.length, 1);
  assert.deepEqual(update(first, other).seeds.marks, []);
});
