import assert from "node:assert/strict";
import { test } from "node:test";
import { curveOf, exampleOf, numberOf, ownCurve, polyline, scaleOf } from "../../../web/app/curves.js";

const table = {
  columns: ["step", "reference", "ablated"],
  rows: [
    ["1\u202f000", "2.4", "—"],
    ["2000", "1.2e-4", "7.9"],
  ],
};

test("numbers of a table are read as they are written", () => {
  assert.deepEqual(["1\u202f000", "−0.5", "1.2e-4"].map(numberOf), [1000, -0.5, 1.2e-4]);
  assert.ok(Number.isNaN(numberOf("—")));
});

test("an arm's curve is the column of its name, without what is missing", () => {
  assert.deepEqual(curveOf(table, "ablated"), [{ step: 2000, loss: 7.9 }]);
  assert.equal(curveOf(table, "reference").length, 2);
  assert.deepEqual([curveOf(table, "sham"), curveOf(undefined, "sham")], [[], []]);
});

test("the curve of a panel is that of its first arm, whatever the panel is called", () => {
  const own = { columns: ["step", "reference", "retrained-untuned"], rows: [["10", "1", "7"]] };
  const panel = /** @type {any} */ ({
    name: "retrained",
    arms: [{ name: "retrained-untuned" }],
    figures: [{ name: "loss", table: own }],
  });
  assert.deepEqual(ownCurve(panel), [{ step: 10, loss: 7 }]);
  assert.ok(scaleOf(/** @type {any} */ ({ panels: [panel] }), 2).loss > 7);
});

test("one scale has room for every arm and for the constant predictor", () => {
  const figures = /** @type {any} */ ([{ name: "loss", table }]);
  const view = /** @type {any} */ ({ panels: [{ name: "ablated", arms: [], figures }] });
  const scale = scaleOf(view, 2);
  assert.equal(scale.steps, 2000);
  assert.ok(scale.loss > 7.9 && scaleOf(null, 2).loss > 2);
  assert.equal(polyline([{ step: 2000, loss: 0 }], scale), "100,100");
});

test("an example says which of its tokens are wrong", () => {
  const example = exampleOf({
    columns: ["example", "input", "target", "prediction", "correct"],
    rows: [["1", "A B", "A B", "A C", "1 of 2"]],
  });
  assert.deepEqual(example, {
    tokens: [
      { text: "A", wrong: false },
      { text: "C", wrong: true },
    ],
    correct: "1 of 2",
  });
  assert.equal(exampleOf({ columns: ["cloud", "data"], rows: [["points", "512"]] }), null);
});
