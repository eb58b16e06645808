import assert from "node:assert/strict";
import { test } from "node:test";
import { linkOf, stopsFor } from "../../../web/app/tour.js";

const preset = { name: "repeat", label: "", help: "", link: "v=1&p=repeat" };

test("no stop leads to a preset that is not there", () => {
  assert.equal(stopsFor([]).length, 0);
  assert.ok(stopsFor([preset]).every(({ stop }) => stop.preset === "repeat"));
});

test("a stop is a link to a study", () => {
  const [first] = stopsFor([preset]);
  assert.equal(first && linkOf(first.stop, preset), "v=1&p=repeat&ablation.site=blocks.0.attn&ablation.operator=mean");
});
