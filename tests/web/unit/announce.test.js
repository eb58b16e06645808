import assert from "node:assert/strict";
import { test } from "node:test";
import { announcer } from "../../../web/app/announce.js";
import { initial, update } from "../../../web/app/store.js";

/** @typedef {import("../../../web/app/store.js").Event} Event */

function stage() {
  let now = 0;
  let state = initial();
  /** @type {string[]} */
  const spoken = [];
  const announce = announcer(
    (text) => spoken.push(text),
    () => now,
  );
  return {
    spoken,
    /** @param {number} later @param {Event} event */
    then(later, event) {
      now += later;
      state = update(state, event);
      announce(state);
    },
  };
}

/** @param {number} done @returns {Event} */
const at = (done) => ({
  type: "progress",
  progress: { phase: "reference", steps: { reference: [done, 100] }, losses: {} },
  steps: 1,
  took: 1,
});

test("start, quarters and end are said", () => {
  const { spoken, then } = stage();
  then(0, { type: "opened" });
  for (const done of [10, 30, 55, 80, 100]) then(11_000, at(done));
  then(1, { type: "stopped", done: true, problem: null });
  assert.deepEqual(spoken, [
    "Training started.",
    "25 percent of the steps are done.",
    "50 percent of the steps are done.",
    "75 percent of the steps are done.",
    "Training is done. ",
  ]);
});

test("progress is said at most every ten seconds", () => {
  const { spoken, then } = stage();
  then(0, { type: "opened" });
  for (let done = 1; done < 100; done++) then(100, at(done));
  assert.deepEqual(spoken, ["Training started."]);
});

test("a problem is said at once", () => {
  const { spoken, then } = stage();
  then(0, { type: "opened" });
  then(1, {
    type: "stopped",
    done: false,
    problem: { code: "refused", message: "It is refused.", hint: "Lower the rate." },
  });
  assert.ok(spoken.includes("It is refused. Lower the rate."));
});
