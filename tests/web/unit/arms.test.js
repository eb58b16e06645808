import assert from "node:assert/strict";
import { test } from "node:test";
import { spelled } from "../../../web/app/arms.js";

test("differences of arms are spelled out, and nothing else is", () => {
  assert.equal(spelled("U − N"), "shortcut − never had it");
  assert.equal(spelled("S − R"), "sham − reference");
  for (const text of ["R", "variant − reference", "X − R", "− position"]) assert.equal(spelled(text), text);
});
