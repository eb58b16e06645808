import assert from "node:assert/strict";
import { test } from "node:test";
import { estimate, initialStudy, spent, studyLeft, updateStudy } from "../../../web/app/study-state.js";
import { problem } from "../../../web/app/protocol.js";
import { initial, update } from "../../../web/app/store.js";
import { describe, study_of_link } from "../fake/cpu.js";
import { Study } from "../fake/studies.js";
import { announcer } from "../../../web/app/announce.js";

/** @typedef {import("../../../web/app/study-state.js").StudyEvent} StudyEvent */

const sheet = study_of_link("v=1&p=repeat&study.seeds=2&study.trials=2");
const studied = /** @type {Extract<StudyEvent, {type: "studied"}>} */ ({
  type: "studied",
  sheet,
  from: "link",
  name: null,
  named: null,
  asked: null,
});
const schedule = new Study(/** @type {any} */ (sheet.study)).schedule();
const ids = schedule.map(({ id }) => id);
const planned = /** @type {StudyEvent} */ ({ type: "planned", schedule, done: [], margin: null, complete: false });

/** @param {...StudyEvent} events */
const after = (...events) => events.reduce(updateStudy, initialStudy());

test("what was run is remembered for its own study and no other", () => {
  const run = after(studied, planned, { type: "studyStart" }, { type: "fleetDone", ids });
  assert.equal(updateStudy(run, studied).done.size, 2);
  const other = study_of_link("v=1&p=repeat&study.seeds=4");
  assert.deepEqual(
    [
      updateStudy(run, { type: "studied", sheet: other, from: "link", name: null, named: null, asked: null }).done.size,
      updateStudy(run, { type: "studyDiscard" }).done.size,
    ],
    [0, 0],
  );
});

test("that nothing is stored is known for as long as the page is open", () => {
  const why = problem("blocked-storage", "The disk is full.");
  const state = [{ type: "storageRefused", problem: why }, studied, planned, { type: "studyStart" }].reduce(
    (next, event) => update(next, /** @type {StudyEvent} */ (event)),
    initial(),
  );
  assert.deepEqual([state.notice, state.study.kept], [null, false]);
});

test("trials under way count by how far they are", () => {
  const [first = "", second = ""] = ids;
  const study = after(
    studied,
    planned,
    { type: "studyStart" },
    { type: "fleetDone", ids: [first] },
    { type: "fleetAt", ids: [second], fraction: 0.5 },
  );
  assert.deepEqual(spent(study), { runs: 1, begun: 1, parts: 0.5, added: 0, ofRuns: 2, updates: 60, ofUpdates: 80 });
  assert.equal(studyLeft({ ...study, rate: 10, cores: 2 }), 1);
  assert.equal(estimate({ rate: null, cores: 2, device: "cpu" }, 10), null);
  assert.equal(studyLeft({ ...study, rate: 10, cores: 2, device: "webgpu" }), 2, "a GPU runs one fleet at a time");
});

test("trials that a widened range adds are expected from when they are known, and counted", () => {
  const [first] = schedule;
  const added = /** @type {import("../../../web/app/generated/protocol.js").Entry} */ ({
    ...first,
    id: "further",
    point: 2,
  });
  const shown = sheet.study && { ...sheet.study, cost: { runs: 10, updates: 400, items: [] } };
  const study = { ...after(studied, planned), sheet: { ...sheet, study: shown } };
  assert.deepEqual([spent(study).ofRuns, spent(study).ofUpdates], [10, 400]);
  const wider = updateStudy(study, {
    type: "planned",
    schedule: [...schedule, added],
    done: [],
    margin: null,
    complete: false,
  });
  assert.deepEqual([spent(wider).added, spent(wider).ofRuns, spent(wider).ofUpdates], [1, 11, 440]);
});

test("a plan does not stop what runs, and the last one ends it", () => {
  assert.equal(after(studied, planned, { type: "studyStart" }, planned).status, "running");
  const complete = /** @type {StudyEvent} */ ({ ...planned, complete: true });
  assert.equal(after(studied, complete).status, "done");
  assert.equal(
    after(studied, planned, { type: "studyStart" }, complete, { type: "studyStopped", problem: null }).status,
    "done",
  );
  assert.equal(after(studied, complete, { type: "studyStart" }).status, "done");
});

test("the canonical link of a study is the link of the page", () => {
  const described = update(initial(), {
    type: "described",
    description: describe("v=1&p=repeat&study.without=nowhere"),
  });
  assert.notEqual(described.link, sheet.link);
  const asked = described.description?.link ?? null;
  const state = update(described, { ...studied, asked });
  assert.equal(state.link, sheet.link);
  assert.equal(state.description?.link, sheet.link);
  const late = update(update(described, { type: "set", changes: { "study.seeds": 5 } }), { ...studied, asked });
  assert.match(late.pending ?? "", /study\.seeds=5/, "what was set meanwhile stays");
  assert.equal(late.link, described.link);
});

test("what is set in quick succession is set together", () => {
  const changes = /** @type {const} */ ([
    { "study.seeds": 5 },
    { "study.without": "position,embed" },
    { "study.with": "model.activation=relu" },
  ]);
  const before = update(update(initial(), { type: "described", description: describe("v=1&p=repeat") }), studied);
  const state = changes.reduce((next, one) => update(next, { type: "set", changes: one }), before);
  const link = new URLSearchParams(state.pending ?? "");
  assert.deepEqual(
    ["study.seeds", "study.without", "study.with"].map((key) => link.get(key)),
    ["5", "position,embed", "model.activation=relu"],
  );
  assert.deepEqual(
    [state.study.sheet?.without, state.study.sheet?.with],
    [["position", "embed"], ["model.activation=relu"]],
  );
});

test("how far a study is, is said at most every ten seconds", () => {
  let now = 0;
  /** @type {string[]} */
  const spoken = [];
  const announce = announcer(
    (text) => spoken.push(text),
    () => now,
  );
  let state = initial();
  for (const event of [studied, planned, /** @type {StudyEvent} */ ({ type: "studyStart" })])
    state = update(state, event);
  announce(state);
  for (const id of ids) {
    state = update(state, { type: "fleetDone", ids: [id] });
    announce(state);
  }
  assert.deepEqual(spoken, ["The study is running."]);
  now += 10_001;
  announce(state);
  assert.deepEqual(spoken, ["The study is running.", "2 of 2 trials of the study are done."]);
});
