import assert from "node:assert/strict";
import { test } from "node:test";
import { changeable, choicesOf, choosing, matching } from "../../../web/app/components.js";
import { describe, study_of_link } from "../fake/cpu.js";

/** @param {string} link */
const rows = (link) => choicesOf(describe(link), study_of_link(link));
/** @param {string} link @param {string} entry */
const row = (link, entry) => rows(link).find((one) => one.entry === entry);

test("what is studied is marked, with the arms it will have", () => {
  const position = row("v=1&p=repeat", "position");
  assert.equal(position?.chosen, true);
  assert.equal(position?.label, "− position");
  assert.deepEqual(
    position?.variant?.ablations.map(({ label }) => label),
    ["mean", "zero"],
  );
  assert.equal(row("v=1&p=repeat", "blocks.0.mlp")?.chosen, false);
});

test("a component that cannot be left out is there with its reason", () => {
  assert.equal(row("v=1&p=repeat", "unembed")?.grade?.grade, "refused");
});

test("the same component of every block can be left out together", () => {
  assert.equal(row("v=1&p=repeat", "blocks.*.attn")?.label, "− blocks.*.attn");
  assert.equal(row("v=1&p=repeat&model.layers=1", "blocks.*.attn"), undefined);
});

test("components and settings that the link names stand among the rest", () => {
  const link = "v=1&p=repeat&study.without=position+embed&study.with=train.learning_rate=0.1,model.activation=relu";
  assert.equal(
    row(link, "position+embed")?.label ?? row(link, "position embed")?.label,
    undefined,
    "a plus in a link is read by the engine",
  );
  assert.equal(row(link, "train.learning_rate=0.1")?.chosen, true);
  const swap = rows(link).filter(({ entry }) => entry === "model.activation=relu");
  assert.deepEqual(
    swap.map(({ chosen, label }) => [chosen, label]),
    [[true, "gelu → relu"]],
    "a swap that is offered and chosen stands once",
  );
});

test("choosing keeps the order of the rows, and nothing chosen is said", () => {
  const link = "v=1&p=repeat&study.without=blocks.1.mlp,position";
  const sheet = study_of_link(link);
  const order = rows(link);
  assert.deepEqual(choosing(sheet, { list: "without", entry: "blocks.0.mlp" }, true, order), {
    "study.without": "position,blocks.0.mlp,blocks.1.mlp",
  });
  assert.deepEqual(choosing(study_of_link("v=1&p=repeat"), { list: "without", entry: "position" }, false, order), {
    "study.without": "",
    "study.matched": null,
  });
  assert.deepEqual(
    choosing(study_of_link("v=1&p=repeat&study.with=a=1"), { list: "with", entry: "a=1" }, false, order),
    { "study.with": null, "study.matched": null },
  );
});

test("what is trained at equal size as well follows what is compared", () => {
  const link = "v=1&p=repeat&study.without=position,blocks.0.mlp&study.matched=position";
  const sheet = study_of_link(link);
  assert.equal(row(link, "position")?.matched, true);
  assert.deepEqual(
    [row(link, "blocks.0.mlp")?.matched, row(link, "blocks.0.mlp")?.unmatched],
    [false, "no width gives it as many parameters"],
  );
  assert.deepEqual(matching(sheet, "a=1", true), { "study.matched": "position,a=1" });
  assert.deepEqual(matching(sheet, "position", false), { "study.matched": null });
  assert.deepEqual(choosing(sheet, { list: "without", entry: "position" }, false, rows(link)), {
    "study.without": "blocks.0.mlp",
    "study.matched": null,
  });
});

test("the budget and the data are no variants", () => {
  const paths = changeable(describe("v=1&p=repeat")).map(({ path }) => path);
  assert.ok(paths.includes("train.learning_rate") && paths.includes("model.width"));
  assert.ok(
    !paths.includes("train.steps") && !paths.includes("data.kind") && !paths.includes("sandbox.recovery_steps"),
  );
});
