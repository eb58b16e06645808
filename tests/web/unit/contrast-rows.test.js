import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { contrastRows } from "../../../web/app/contrast-rows.js";

/**
 * As much of a drawing as is read: its named groups, each with the attributes of its first rectangle.
 *
 * @param {{component: string, extent: Record<string, string>|null}[]} groups
 */
function drawing(groups) {
  const element = (/** @type {Record<string, string>} */ attributes) => ({
    getAttribute: (/** @type {string} */ name) => attributes[name] ?? null,
  });
  const group = (/** @type {(typeof groups)[number]} */ { component, extent }) => ({
    ...element({ "data-row": component }),
    querySelector: () => (extent ? element(extent) : null),
  });
  return /** @type {any} */ ({ querySelectorAll: () => groups.map(group) });
}

test("the rows of the engine's figure are named after the components, and follow each other", async () => {
  const path = new URL("../../../crates/figures/tests/expected/report-contrast.svg", import.meta.url);
  const svg = await readFile(path, "utf8");
  const groups = [...svg.matchAll(/<g data-row="([^"]*)"><rect ([^>]*)\/>/g)].map(([, component = "", rect = ""]) => ({
    component,
    extent: Object.fromEntries([...rect.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
  }));
  const rows = contrastRows(drawing(groups));
  assert.equal(rows.length, 6);
  assert.deepEqual(
    rows.map(({ component }) => component),
    groups.map(({ component }) => component),
  );
  for (const [index, { top, bottom }] of rows.entries()) {
    assert.ok(top < bottom);
    assert.equal(bottom, rows[index + 1]?.top ?? bottom);
  }
});

test("a group without an extent is no row, and without a drawing there are none", () => {
  const broken = drawing([
    { component: "a", extent: null },
    { component: "b", extent: { y: "x", height: "2" } },
    { component: "c", extent: { y: "1" } },
  ]);
  assert.deepEqual(contrastRows(broken), []);
  assert.deepEqual(contrastRows(null), []);
});
