import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf } from "../../../web/app/layout.js";
import { describe } from "../fake/cpu.js";

/** @typedef {import("../../../web/app/layout.js").Row} Row */

/** @param {Row[]} rows @returns {unknown[]} */
const words = (rows) =>
  rows.map((row) => {
    if (row.type === "group") return [row.site.path, words(row.rows)];
    if (row.type === "stream") return row.site.path;
    return [...row.lead, row.site].map(({ path }) => path).join(" > ") + (row.source ? " (from beside)" : "");
  });

test("a transformer is a stream with branches", () => {
  assert.deepEqual(words(rowsOf(describe("v=1&p=repeat&model.layers=1").sites)), [
    "embed",
    "position (from beside)",
    ["blocks.0", ["blocks.0.attn_norm > blocks.0.attn", "blocks.0.mlp_norm > blocks.0.mlp"]],
    "norm",
    "unembed",
  ]);
});

test("a denoiser is drawn by the same rules", () => {
  assert.deepEqual(words(rowsOf(describe("v=1&p=two-moons&model.layers=1").sites)), [
    "embed",
    "time (from beside)",
    ["blocks.0", ["blocks.0.mlp_norm > blocks.0.mlp"]],
    "norm",
    "unembed",
  ]);
});

test("a norm behind a branch stands in the stream", () => {
  const { sites } = describe("v=1&p=two-moons&model.layers=1");
  const norm = sites.findIndex(({ path }) => path === "blocks.0.mlp_norm");
  const [moved] = sites.splice(norm, 1);
  assert.ok(moved);
  const behind = sites.map((site) =>
    site.path === "blocks.0.mlp" ? { ...site, reads: ["time"], adds_to: "time" } : site,
  );
  const post = [...behind.filter(({ path }) => path !== "norm"), { ...moved, reads: ["blocks.0.mlp"] }];
  assert.deepEqual(words(rowsOf(post)), [
    "embed",
    "time (from beside)",
    ["blocks.0", ["blocks.0.mlp", "blocks.0.mlp_norm"]],
    "unembed",
  ]);
});

test("heads stand inside their attention", () => {
  const [, , block] = rowsOf(describe("v=1&p=repeat").sites);
  assert.ok(block?.type === "group" && block.rows[0]?.type === "branch");
  assert.equal(block.rows[0].inner.length, 4);
});

test("every site is drawn once", () => {
  const { sites } = describe("v=1&p=repeat");
  /** @param {Row[]} rows @returns {string[]} */
  const all = (rows) =>
    rows.flatMap((row) =>
      row.type === "group"
        ? [row.site.path, ...all(row.rows)]
        : [...(row.type === "branch" ? row.lead : []), row.site, ...row.inner].map((site) => site.path),
    );
  assert.deepEqual(all(rowsOf(sites)).sort(), sites.map(({ path }) => path).sort());
});
