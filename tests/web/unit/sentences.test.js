import assert from "node:assert/strict";
import { test } from "node:test";
import { parted, subjectOf } from "../../../web/app/sentences.js";

test("a sentence ends before a capital, and not inside of a path or a number", () => {
  const text =
    "− blocks.0.attn: the ablated model is worse by 7.11 nats (95 % 6.55 to 7.68): co-adapted. None of 8 seeds failed. More.";
  assert.deepEqual(parted(text), {
    first: "− blocks.0.attn: the ablated model is worse by 7.11 nats (95 % 6.55 to 7.68): co-adapted.",
    rest: "None of 8 seeds failed. More.",
  });
  assert.deepEqual(parted("One sentence."), { first: "One sentence.", rest: "" });
  assert.deepEqual(parted(""), { first: "", rest: "" });
});

test("a sentence is about the component whose whole label it begins with", () => {
  const components = [{ label: "− position" }, { label: "− position, − blocks.0.attn" }];
  assert.equal(subjectOf("− position, − blocks.0.attn: it is worse.", components), components[1]);
  assert.equal(subjectOf("− position: it is worse.", components), components[0]);
  assert.equal(subjectOf("Every verdict stays the same.", components), null);
});
