/** Components that are ablated together: which can be chosen, and what is said of what was found. */

import assert from "node:assert/strict";
import test from "node:test";

import { agreement, choose, firstChosen, isEnough, offered, untickedText } from "../../../web/app/together.js";

/** @param {string} path @param {string} placement @param {string[]} operators @param {string|null} parent */
function site(path, placement, operators, parent = "blocks.0") {
  const ablations = operators.map((operator) => ({ operator, grade: { grade: "sound", reason: "" } }));
  const kind = path.startsWith("embed.") ? "input" : placement === "slice" ? "head" : "other";
  return /** @type {any} */ ({ path, kind, placement, parent, ablations });
}

const SITES = [
  site("embed.parts.0", "slice", ["mean"], "embed"),
  site("position", "branch", ["mean"], null),
  site("blocks.0", "group", ["skip"], null),
  site("blocks.0.attn", "branch", ["mean"]),
  site("blocks.0.attn.heads.0", "slice", ["mean"], "blocks.0.attn"),
  site("blocks.0.attn.heads.1", "slice", ["mean"], "blocks.0.attn"),
  site("blocks.0.mlp", "branch", ["mean", "zero"]),
  site("norm", "inline", ["mean"], null),
];

test("branches of blocks, blocks and heads can be chosen where the operator is offered", () => {
  const paths = (/** @type {string} */ operator) => offered(SITES, operator).map(({ path }) => path);
  const all = ["blocks.0.attn", "blocks.0.attn.heads.0", "blocks.0.attn.heads.1", "blocks.0.mlp"];
  assert.deepEqual(paths("mean"), all);
  assert.deepEqual(paths("skip"), ["blocks.0"]);
  const refused = site("blocks.1", "group", ["zero"], null);
  refused.ablations[0].grade.grade = "refused";
  assert.deepEqual(offered([refused], "zero"), []);
});

test("the branches are chosen first, where they are not too many", () => {
  assert.deepEqual(firstChosen(offered(SITES, "mean")), ["blocks.0.attn", "blocks.0.mlp"]);
  const many = Array.from({ length: 9 }, (_, index) => site(`blocks.${index}.mlp`, "branch", ["mean"]));
  assert.deepEqual(firstChosen(many), []);
  assert.deepEqual(firstChosen([...many, site("blocks.0", "group", []), site("blocks.1", "group", [])]), [
    "blocks.0",
    "blocks.1",
  ]);
  assert.deepEqual(
    [1, 2, 8, 9].map((length) => isEnough(Array(length).fill("a"))),
    [false, true, true, false],
  );
});

test("what holds a chosen component, or is held by it, is chosen no more", () => {
  const heads = ["blocks.0.attn.heads.0", "blocks.0.mlp"];
  assert.deepEqual(choose(heads, "blocks.0.attn", true), ["blocks.0.mlp", "blocks.0.attn"]);
  assert.deepEqual(choose(["blocks.0.attn"], "blocks.0.attn.heads.1", true), ["blocks.0.attn.heads.1"]);
  assert.deepEqual(choose(["blocks.1"], "blocks.10", true), ["blocks.1", "blocks.10"]);
  assert.deepEqual(choose(heads, "blocks.0.mlp", false), ["blocks.0.attn.heads.0"]);
});

test("a sentence says which components are not ticked any more, and why", () => {
  const of = (/** @type {string} */ path, /** @type {string[]} */ before) =>
    untickedText(path, before, choose(before, path, true));
  assert.equal(
    of("blocks.0.attn.heads.0", ["blocks.0.attn", "blocks.0.mlp"]),
    "Not ticked any more: blocks.0.attn (blocks.0.attn.heads.0 is a part of it).",
  );
  assert.equal(
    of("blocks.0.attn", ["blocks.0.attn.heads.0", "blocks.0.attn.heads.1"]),
    "Not ticked any more: blocks.0.attn.heads.0, blocks.0.attn.heads.1 (part of blocks.0.attn).",
  );
  assert.equal(of("blocks.0.mlp", ["blocks.0.attn"]), "");
});

test("a sentence says whether leaving out and leaving in agree", () => {
  const of = (/** @type {number|null} */ tau) =>
    agreement({ operator: "mean", shares: [], all: null, kendall_tau: tau });
  assert.equal(of(null), "");
  assert.match(of(1), /alike/);
  assert.match(of(-0.5), /differently .*tau −0\.50; .*Shapley/);
});
