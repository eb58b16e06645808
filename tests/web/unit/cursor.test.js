import assert from "node:assert/strict";
import { test } from "node:test";
import { plotOf, rowAt, stepAt, xAt } from "../../../web/app/cursor.js";

const plot = { left: 26, top: 22, width: 200, height: 100, from: 0, to: 800 };

test("a curve says where its plot lies", () => {
  assert.deepEqual(plotOf({ dataset: { plot: "26,22,200,100", x: "0,800" } }), plot);
  assert.equal(plotOf({ dataset: {} }), null);
  assert.equal(plotOf({ dataset: { plot: "1,2", x: "0,1" } }), null);
});

test("a place and its step lead to each other", () => {
  assert.equal(stepAt(plot, 126), 400);
  assert.equal(xAt(plot, 400), 126);
  assert.equal(stepAt(plot, -50), 0);
  assert.equal(stepAt(plot, 999), 800);
  assert.equal(xAt(plot, 801), null);
});

test("values are read from the nearest row of the table", () => {
  const table = {
    columns: ["step", "loss"],
    rows: [
      ["0", "2.4"],
      ["100", "1.0"],
      ["1 000", "0.5"],
    ],
  };
  assert.equal(rowAt(table, 60)?.[1], "1.0");
  assert.equal(rowAt(table, 40)?.[1], "2.4");
  assert.equal(rowAt(table, 5000)?.[1], "0.5");
  assert.equal(rowAt({ columns: [], rows: [] }, 1), null);
});
