import assert from "node:assert/strict";
import { test } from "node:test";
import { countOf, gridOf, stateOf, stretches } from "../../../web/app/grid.js";
import { study_of_link } from "../fake/cpu.js";
import { Study } from "../fake/studies.js";

const shown = (more = "") =>
  /** @type {import("../../../web/app/generated/protocol.js").ShownStudy} */ (
    study_of_link(`v=1&p=repeat&study.seeds=3&study.trials=4&study.with=model.activation=relu${more}`).study
  );
const none = new Map();

test("the grid is whole before anything has run", () => {
  const [search, final] = gridOf(shown(), [], new Set(), none);
  assert.deepEqual(
    search?.rows.map(({ component }) => component),
    ["reference", "aa", "position", "model.activation=relu"],
  );
  assert.ok(search?.rows.every(({ cells }) => cells.length === 4));
  assert.deepEqual(
    final?.rows.filter(({ component }) => component === "position").map(({ kind }) => kind),
    ["trained", "untuned", "ablated", "recovered"],
  );
  assert.deepEqual(
    final?.rows.filter(({ component }) => component === "model.activation=relu").map(({ kind }) => kind),
    ["trained", "untuned"],
    "what cannot be ablated has no such arm",
  );
  assert.deepEqual(
    countOf(
      /** @type {any} */ (final?.rows.find(({ component, kind }) => component === "position" && kind === "ablated")),
    ),
    { done: 0, running: 0, planned: 6 },
  );
});

test("cells fill as trials finish", () => {
  const study = new Study(shown());
  const schedule = study.schedule();
  const [first, second] = schedule;
  const [search] = gridOf(study.study, schedule, new Set([first?.id ?? ""]), new Map([[second?.id ?? "", 0.5]]));
  const reference = /** @type {import("../../../web/app/grid.js").Row} */ (search?.rows[0]);
  assert.deepEqual(reference.cells.map(stateOf), ["done", "running", "waiting", "waiting"]);
  assert.deepEqual(countOf(reference), { done: 1, running: 1, planned: 4 });
});

test("a cell of several trials is done when all of them are", () => {
  assert.equal(stateOf({ done: 1, running: 0, planned: 2 }), "part");
  assert.equal(stateOf({ done: 1, running: 1, planned: 2 }), "running");
  assert.equal(stateOf({ done: 2, running: 0, planned: 2 }), "done");
});

test("a range that was widened has more points than were planned", () => {
  const study = shown();
  const entry = /** @type {import("../../../web/app/generated/protocol.js").Entry} */ ({
    id: "x",
    role: "search",
    arm: "reference",
    search: 0,
    point: 5,
    seed: 0,
    updates: 1,
  });
  const [search] = gridOf(study, [entry], new Set(["x"]), none);
  assert.deepEqual(
    search?.rows[0]?.cells.map(({ done, planned }) => [done, planned]),
    [
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 0],
      [1, 1],
    ],
  );
});

test("neighbours in the same state are one element, however many they are", () => {
  const cells = [
    ...Array.from({ length: 3000 }, () => ({ done: 1, running: 0, planned: 1 })),
    { done: 0, running: 1, planned: 1 },
    { done: 0, running: 0, planned: 1 },
  ];
  assert.deepEqual(stretches(cells), [
    { state: "done", length: 3000 },
    { state: "running", length: 1 },
    { state: "waiting", length: 1 },
  ]);
});
