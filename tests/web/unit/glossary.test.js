import assert from "node:assert/strict";
import { test } from "node:test";
import { STUDY_NUMBERS, armOf, gapOf, spelledOut, termOf, termsOf } from "../../../web/app/glossary.js";

test("arms are found by their symbol and gaps by their formula", () => {
  assert.equal(armOf("N").name, "retrained without");
  assert.equal(armOf("D").name, "ablated");
  assert.equal(gapOf("N − R").name, "necessity");
  assert.equal(gapOf("U − R").name, "untuned gap");
});

test("every arm, stage, tier and number of a study has a name and a meaning", () => {
  for (const group of ["arm", "gap", "combined", "modifier", "verdict", "stage", "tier", "grade"]) {
    assert.ok(termsOf(group).length > 2, group);
    for (const { name, meaning } of termsOf(group)) assert.ok(name && meaning, name);
  }
  for (const { label, minimum, maximum } of STUDY_NUMBERS) assert.ok(label && minimum < maximum, label);
});

test("a key that this version does not know is shown as it is", () => {
  assert.equal(termOf("combined", "of_the_future").name, "of the future");
});

test("differences of arms are spelled out, and nothing else is", () => {
  assert.equal(spelledOut("U − N"), "retrained without, untuned − retrained without");
  for (const text of ["R", "variant − reference", "X − R", "− position"]) assert.equal(spelledOut(text), text);
});
