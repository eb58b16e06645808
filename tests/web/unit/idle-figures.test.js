import assert from "node:assert/strict";
import { test } from "node:test";
import { idleBecause, isWithin } from "../../../web/app/idle-figures.js";

/** @param {string} name @param {string[]} columns @param {string[][]} rows */
const figure = (name, columns = [], rows = []) => ({
  name,
  title: "",
  svg: "",
  description: "",
  table: { columns, rows },
});
/** @param {object} verdict */
const analysis = (verdict) => /** @type {any} */ ({ components: [{ answers: { disruption: { verdict } } }] });
const PLAIN = analysis({ verdict: "worse", extent: "material" });

test("recovery of what was not disrupted says nothing", () => {
  const idle = analysis({ verdict: "worse", extent: "negligible" });
  assert.match(idleBecause(figure("recovery-1"), idle), /nothing to recover/);
  assert.match(idleBecause(figure("recovery-1"), analysis({ verdict: "equivalent" })), /nothing to recover/);
  assert.equal(idleBecause(figure("recovery-1"), PLAIN), "");
  assert.equal(idleBecause(figure("recovery-2"), PLAIN), "", "a component that is not there");
});

test("a flat power and equal ranks say nothing", () => {
  const power = (/** @type {string[]} */ ...powers) =>
    figure(
      "power",
      ["seeds", "a"],
      powers.map((one, index) => [String(index), one]),
    );
  assert.match(idleBecause(power("1.000", "0.998"), PLAIN), /power is 1/);
  assert.equal(idleBecause(power("0.412", "1.000"), PLAIN), "");
  assert.equal(idleBecause(power(), PLAIN), "");
  const ranks = (/** @type {string[]} */ ...necessity) =>
    figure(
      "ranks",
      ["component", "rank by necessity"],
      necessity.map((rank) => ["c", rank]),
    );
  assert.match(idleBecause(ranks("1=", "1="), PLAIN), /no component differs/);
  assert.equal(idleBecause(ranks("1", "2"), PLAIN), "");
});

test("a gap without a verdict was not shown to be within the margin", () => {
  assert.equal(isWithin({ verdict: null }), false);
  assert.equal(isWithin({ verdict: { verdict: "inconclusive", needs: null } }), false);
  assert.equal(isWithin({ verdict: { verdict: "better-without", extent: "plain" } }), false);
  assert.equal(isWithin({ verdict: { verdict: "unchanged" } }), true);
});
