import assert from "node:assert/strict";
import { test } from "node:test";
import { nextRate, nextStride } from "../../../web/app/pace.js";

test("a slice is fitted to about a tenth of a second", () => {
  let stride = 1;
  for (let i = 0; i < 12; i++) stride = nextStride(stride, stride * 4);
  assert.equal(stride, 30);
});

test("a slice at most doubles and never vanishes", () => {
  assert.equal(nextStride(4, 0.001), 8);
  assert.equal(nextStride(4, 0), 8);
  assert.equal(nextStride(8, 100_000), 1);
  assert.equal(nextStride(512, 1), 512);
});

test("the speed is smoothed", () => {
  const first = nextRate(null, { steps: 10, took: 100 });
  assert.equal(first, 100);
  assert.equal(nextRate({ at: 0, steps: 0, rate: 100 }, { steps: 20, took: 100 }), 120);
  assert.equal(nextRate({ at: 0, steps: 0, rate: 100 }, { steps: 0, took: 0 }), 100);
});
