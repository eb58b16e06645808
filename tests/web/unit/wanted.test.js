import assert from "node:assert/strict";
import { test } from "node:test";
import { whenWanted } from "../../../web/app/embed/wanted.js";
import { createStore } from "../../../web/app/store.js";
import { describe, study_of_link } from "../fake/cpu.js";

/** A store whose set-up is described, and how often it was told to train. */
function stage() {
  const store = createStore();
  /** @type {string[]} */
  const begun = [];
  store.follow(({ type }, { description }) => type === "play" && begun.push(String(description?.link)));
  store.send({ type: "engine", status: "ready" });
  store.send({ type: "described", description: describe("v=1&p=repeat") });
  return { store, runs: whenWanted(store), begun };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

test("a run that is asked for after a link is loaded trains what the link describes", async () => {
  const { store, runs, begun } = stage();
  store.send({ type: "describing" });
  runs.want();
  await turn();
  assert.deepEqual(begun, [], "the old set-up does not train");
  store.send({ type: "described", description: describe("v=1&p=two-moons") });
  await turn();
  assert.deepEqual(begun, ["v=1&p=two-moons"]);
});

test("what could not be loaded does not run, and nothing else in its place", async () => {
  const { store, runs, begun } = stage();
  store.send({ type: "describing" });
  runs.want();
  store.send({ type: "undescribed", problem: { code: "internal", message: "It failed.", hint: "" } });
  store.send({ type: "described", description: describe("v=1&p=repeat") });
  await turn();
  assert.deepEqual(begun, []);
});

test("what can run runs at once, and a pause takes a wish back", async () => {
  const { store, runs, begun } = stage();
  runs.want();
  assert.equal(begun.length, 1);
  store.send({ type: "stopped", done: false, problem: null });
  store.send({ type: "describing" });
  runs.want();
  runs.forget();
  store.send({ type: "described", description: describe("v=1&p=repeat") });
  await turn();
  assert.equal(begun.length, 1);
});

test("of a record that is loaded nothing runs before it was read, whatever was studied before", async () => {
  const { store, runs } = stage();
  let started = 0;
  store.follow(({ type }) => void (started += Number(type === "studyStart")));
  const sheet = study_of_link("v=1&p=repeat&study.seeds=2");
  /** @type {any} */
  const studied = { type: "studied", sheet, from: "link", asked: null, name: null, named: null };
  store.send({ type: "tab", tab: "report" });
  store.send(studied);
  runs.load(true);
  runs.want();
  store.send(studied);
  await turn();
  assert.equal(started, 0);
  store.send({ type: "studyFile", text: "{}", name: "record of the host" });
  store.send(studied);
  await turn();
  assert.equal(started, 1);
});
