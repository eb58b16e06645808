import assert from "node:assert/strict";
import { test } from "node:test";
import { spelledOut } from "../../../web/app/stored-records.js";

const grade = { grade: "sound", reason: "Because." };
const mean = {
  label: "Mean",
  help: "Its mean.",
  phrase: "replaced by its mean",
  parameters: [],
  needs: "reference_set",
};

/** @param {object[]} ablations @returns {any} */
const record = (ablations) => ({
  description: { link: "v=1", sites: [{ path: "embed", ablations }] },
  view: { panels: [] },
});

test("what a file says once of an operator is said at every site that offers it", () => {
  const read = spelledOut({ ...record([{ operator: "mean", grade }]), operators: { mean } });
  assert.deepEqual(read, record([{ ...mean, operator: "mean", grade }]));
});

test("a file that says everything at every site is read as it is", () => {
  const whole = record([{ ...mean, operator: "mean", grade }]);
  assert.deepEqual(spelledOut(whole), whole);
});
