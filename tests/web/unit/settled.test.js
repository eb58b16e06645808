import assert from "node:assert/strict";
import { test } from "node:test";
import { isSettled } from "../../../web/app/settled.js";
import { initial } from "../../../web/app/store.js";

const START = /** @type {any} */ ({ ...initial(), engine: { status: "loading" } });
const on = (/** @type {string} */ tab, /** @type {object} */ rest = {}, /** @type {object} */ study = {}) => ({
  ...START,
  page: { ...START.page, tab },
  ...rest,
  study: { ...START.study, ...study },
});
const READY = { engine: { status: "ready" } };
const FAILED = { engine: { status: "failed" } };

test("a view is settled when what decides on its heights is known", () => {
  for (const tab of ["sandbox", "study", "report"]) {
    assert.equal(isSettled(on(tab)), false, tab);
    assert.equal(isSettled(on(tab, FAILED)), true, `${tab} without an engine`);
  }
  assert.equal(isSettled(on("sandbox", { storedMissing: "none" })), true);
  assert.equal(isSettled(on("sandbox", READY)), true);
  assert.equal(isSettled(on("study", READY, { sheet: {}, status: "opening" })), false);
  assert.equal(isSettled(on("study", READY, { sheet: {}, status: "ready" })), true);
  assert.equal(isSettled(on("study", READY, { sheet: { refused: "nothing chosen" } })), true);
});

test("a report is settled with its figures, or when there will be none", () => {
  const figures = (/** @type {object[]} */ ...figures) => ({
    reported: { figures },
    status: "done",
    done: new Set(["a"]),
  });
  assert.equal(isSettled(on("report", READY, figures())), false, "its figures are not drawn yet");
  assert.equal(isSettled(on("report", READY, figures({}))), true);
  assert.equal(isSettled(on("report", READY, { ...figures(), reported: null })), false, "it will be reported");
  assert.equal(isSettled(on("report", READY, { status: "ready" })), true, "nothing has run");
});
