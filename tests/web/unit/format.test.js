import assert from "node:assert/strict";
import { test } from "node:test";
import {
  about,
  count,
  duration,
  fine,
  fineSigned,
  measure,
  pace,
  resolved,
  resolvedSigned,
  signed,
  unbroken,
} from "../../../web/app/format.js";

test("what is missing is an em dash and never a zero", () => {
  for (const text of [
    count(null),
    measure(null),
    measure(NaN),
    measure(undefined),
    signed(Infinity),
    pace(null),
    pace(0),
    duration(null),
  ])
    assert.equal(text, "—");
});

test("an estimate is no finer than it is known", () => {
  assert.deepEqual([0.2, 42.4, 786, 5399, 5400, 12_600, 90_000, null].map(about), [
    "1 s",
    "42 s",
    "13 min",
    "90 min",
    "1.5 h",
    "3.5 h",
    "25 h",
    "—",
  ]);
});

test("the smallest differences of a report are not said to be zero", () => {
  assert.deepEqual([1.432, 0.0123, 0.0022, 0.00017, -0.000012, 0, null].map(fine), [
    "1.43",
    "0.012",
    "0.0022",
    "0.00017",
    "−1.2e−5",
    "0.00",
    "—",
  ]);
  assert.deepEqual([0.00017, -0.5, 0, 0.5].map(fineSigned), ["+0.00017", "−0.50", "0.00", "+0.50"]);
});

test("numbers have the digits that count", () => {
  assert.deepEqual([1234.5, 12.34, 1.432, 0.24, 0.0504, 0, -0.05].map(measure), [
    "1235",
    "12.3",
    "1.43",
    "0.24",
    "0.050",
    "0.00",
    "−0.050",
  ]);
});

test("a number that rounds to zero has no sign", () => {
  assert.equal(measure(-0.0001), "0.000");
  assert.equal(signed(0.0001), "0.000");
});

test("a difference always says its sign", () => {
  assert.deepEqual([1.43, -1.43].map(signed), ["+1.43", "−1.43"]);
});

test("thousands are parted by a thin space", () => {
  assert.equal(count(1234567), "1\u202f234\u202f567");
  assert.equal(count(-1200), "−1\u202f200");
});

test("a slow device is said in seconds per step", () => {
  assert.equal(pace(1500), "1\u202f500 steps/s");
  assert.equal(pace(2.5), "2.5 steps/s");
  assert.equal(pace(0.25), "4.00 s/step");
});

test("times are said as people say them", () => {
  assert.deepEqual([0.4, 59, 61, 3725].map(duration), ["0 s", "59 s", "1 min 1 s", "1 h 2 min"]);
});

test("no line ends between a minus and what is left out", () => {
  assert.equal(unbroken("− blocks.0.mlp, − position: gains −0.1"), "−\u00a0blocks.0.mlp, −\u00a0position: gains −0.1");
});

test("a difference has no more decimals than its margin resolves", () => {
  const beside = (/** @type {number} */ margin) => (/** @type {number} */ value) => resolvedSigned(value, margin);
  assert.deepEqual([1.7e-4, -4.1e-5, 0.0023, 5.69, -0.51].map(beside(0.042)), [
    "0.000",
    "0.000",
    "+0.002",
    "+5.69",
    "−0.51",
  ]);
  assert.deepEqual([0.0047, -0.0145].map(beside(0.0099)), ["+0.0047", "−0.015"]);
  assert.equal(resolvedSigned(1.7e-4, 0.0999), "0.00", "a margin that is rounded to 0.10");
  assert.equal(resolvedSigned(1.7e-4, null), "+0.00017");
  assert.equal(resolvedSigned(null, 0.042), "—");
  assert.equal(resolved(0.0023, 0.042), "0.002");
});
