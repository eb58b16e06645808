import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { rowsAmong } from "../../../web/app/contrast-rows.js";

/** The bold lines of a figure that the engine is expected to draw. @param {string} name */
async function boldLines(name) {
  const path = new URL(`../../../crates/figures/tests/expected/${name}.svg`, import.meta.url);
  const svg = await readFile(path, "utf8");
  return [...svg.matchAll(/<text x="[^"]*" y="([\d.]+)"[^>]*font-weight="600"[^>]*>([^<]*)</g)].map(
    ([, y, text = ""]) => ({ y: Number(y), text }),
  );
}

test("the rows of the engine's figure are found by the labels of the report", async () => {
  const lines = await boldLines("report-contrast");
  const components = lines.map(({ text }) => ({ component: `c ${text}`, label: text }));
  const rows = rowsAmong(lines, components, 600);
  assert.equal(rows.length, components.length);
  for (const [index, { component, top, bottom }] of rows.entries()) {
    assert.equal(component, components[index]?.component);
    assert.ok(top < (lines[index]?.y ?? 0) && bottom > (lines[index]?.y ?? 0));
    assert.equal(bottom, rows[index + 1]?.top ?? 600);
  }
});

test("a label on two lines is one row, and other labels are none", () => {
  const lines = [
    { y: 20, text: "− blocks.0," },
    { y: 35, text: "− blocks.1" },
    { y: 90, text: "− time" },
  ];
  const components = [
    { component: "blocks", label: "− blocks.0, − blocks.1" },
    { component: "time", label: "− time" },
  ];
  assert.deepEqual(
    rowsAmong(lines, components, 140).map(({ component, bottom }) => [component, bottom]),
    [
      ["blocks", 77],
      ["time", 140],
    ],
  );
  assert.deepEqual(rowsAmong(lines, [{ component: "x", label: "− other" }], 140), []);
  assert.deepEqual(rowsAmong([], components, 140), []);
});
