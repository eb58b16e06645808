import assert from "node:assert/strict";
import { test } from "node:test";
import { called, difference, heading, nameBeside, neededText } from "../../../web/app/labels.js";

test("in a sentence nothing that is left out has a minus before it", () => {
  assert.equal(difference("− position, − blocks.{0,1}.attn"), "without position, without blocks.{0,1}.attn");
  assert.equal(difference("adamw → sgd, + train.momentum 0.9"), "adamw → sgd, with train.momentum 0.9");
  assert.equal(difference("bias −0.5 → 0"), "bias −0.5 → 0", "a number keeps its sign");
});

test("a component is called by its name, and by what that stands for", () => {
  assert.equal(called("position", "− position", false), "position");
  assert.equal(called("all attention", "− blocks.{0,1}.attn", false), "all attention (blocks.{0,1}.attn)");
  assert.equal(called("SGD", "adamw → sgd", true), "SGD (adamw → sgd)");
  assert.equal(called("train.weight_decay=0", "weight decay 1 → 0", true), "weight decay 1 → 0");
});

test("a heading says the difference, and the name where that is another", () => {
  assert.equal(heading({ name: "position", label: "− position" }), "without position");
  assert.equal(heading({ name: "MLP", label: "− blocks.0.mlp" }), "without blocks.0.mlp (MLP)");
  assert.equal(heading({ name: "train.weight_decay=0", label: "weight decay 1 → 0" }), "weight decay 1 → 0");
  assert.equal(nameBeside({ name: "post → pre", label: "post → pre" }), "");
});

test("a change is not needed or not: the model is worse with it, or no worse", () => {
  assert.deepEqual(
    [true, false].map((needed) => [false, true].map((changed) => neededText(needed, changed))),
    [
      ["needed", "worse with the change"],
      ["not needed", "no worse with the change"],
    ],
  );
});
