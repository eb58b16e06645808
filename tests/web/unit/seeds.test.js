import assert from "node:assert/strict";
import { test } from "node:test";
import { keptSeeds, otherSeeds } from "../../../web/app/seeds.js";
import { describe } from "../fake/cpu.js";

/** @param {number} disruption @returns {any} */
const view = (disruption) => ({ contrast: { disruption, recovery: null, necessity: 0.1, untuned: null } });
const NONE = { key: "", marks: [] };

test("a new seed keeps what the last one came to", () => {
  const first = keptSeeds(NONE, describe("v=1&p=repeat"), view(4));
  const second = keptSeeds(first, describe("v=1&p=repeat&seed=2"), view(5));
  assert.deepEqual(
    second.marks.map(({ seed, disruption }) => [seed, disruption]),
    [
      [1, 4],
      [2, 5],
    ],
  );
  assert.deepEqual(
    otherSeeds(second, describe("v=1&p=repeat&seed=2")).map(({ seed }) => seed),
    [1],
  );
});

test("a seed that is run again counts once", () => {
  const first = keptSeeds(NONE, describe("v=1&p=repeat"), view(4));
  assert.equal(keptSeeds(first, describe("v=1&p=repeat"), view(4.1)).marks.length, 1);
});

test("another set-up or another ablation has seeds of its own", () => {
  const first = keptSeeds(NONE, describe("v=1&p=repeat"), view(4));
  assert.equal(keptSeeds(first, describe("v=1&p=repeat&model.width=24"), null).marks.length, 0);
  assert.equal(keptSeeds(first, describe("v=1&p=repeat&ablation.operator=zero"), null).marks.length, 0);
});

test("what is not computed yet adds nothing", () => {
  const first = keptSeeds(NONE, describe("v=1&p=repeat"), view(4));
  assert.equal(keptSeeds(first, describe("v=1&p=repeat&seed=2"), null), first);
});
