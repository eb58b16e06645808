import assert from "node:assert/strict";
import { test } from "node:test";
import { FILE, ASSIGNED, PAGE_DEFAULTS, join, shared, split } from "../../../web/app/link.js";
import { createStore } from "../../../web/app/store.js";
import { WorkStore, merged, noWork, withTyped, workIn } from "../../../web/app/assignment/work.js";
import { markup } from "../fake/markup.js";
import { met, settle } from "../fake/wait.js";
import { Lms } from "../fake/lms.js";
import { ScormSession } from "../../../web/app/scorm.js";
import { ResultStore } from "../../../web/app/result-store.js";
import { seedOf } from "../../../web/app/assignment/student.js";

// The steps draw their controls, too.
await markup("index.html");
const { AssignmentRunner } = await import("../../../web/app/assignment/runner.js");
const { waitsFor } = await import("../../../web/app/assignment/order.js");
const { lmsText } = await import("../../../web/app/assignment/steps/hand-in.js");
const { compare, idOf } = await import("../../../web/app/predict.js");
const { missingOf, outdated, submissionName } = await import("../../../web/app/assignment/submission.js");

const TEXT = JSON.stringify({
  schema: "ablation-assignment/v1",
  id: "positions",
  title: "Positions",
  text: ["Read this."],
  study: { version: 2, variants: [{ name: "position", remove: "position" }] },
  seed: "student",
  predict: true,
  hide: ["seed"],
  lock: ["train.batch"],
  questions: [
    { id: "q1", text: "Which?", points: 2, kind: "choice", choices: ["a", "b"] },
    { id: "constructor", text: "How much?", points: 2, kind: "number", unit: "nats" },
  ],
  evidence: { points: 4 },
});

/** As much of a browser's storage as is used; with `full` it takes nothing. */
function storage({ full = false } = {}) {
  /** @type {Map<string, string>} */
  const items = new Map();
  return /** @type {Storage} */ (
    /** @type {unknown} */ ({
      items,
      getItem: (/** @type {string} */ key) => items.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => {
        if (full) throw new DOMException("full", "QuotaExceededError");
        items.set(key, value);
      },
    })
  );
}

const RECORD = '{"schema":"ablation-record/v2","loss":4.0}\n';

/** @param {{kept?: Storage, lms?: Lms, text?: string, record?: () => Promise<string>, now?: () => number}} [given] */
function stage({ kept = storage(), lms, text = TEXT, record = async () => RECORD, now = () => 1000 } = {}) {
  /** @type {{name: string, text: string}[]} */
  const saved = [];
  const store = createStore();
  /** @type {string[]} */
  const studies = [];
  store.follow((event) => {
    if (event.type !== "studyAssigned") return;
    studies.push(event.text);
    const { seed, variants } = JSON.parse(event.text);
    const study = /** @type {any} */ ({
      hash: `hash-${seed}`,
      seed,
      variants,
      cost: { runs: 2, updates: 10, items: [] },
    });
    const sheet = /** @type {any} */ ({ link: null, study });
    store.send({ type: "studied", sheet, from: "file", name: event.name, named: ASSIGNED, asked: null });
  });
  const runner = new AssignmentRunner(store, {
    record,
    results: new ResultStore({ factory: () => undefined, refused: () => undefined, damaged: () => undefined }),
    work: new WorkStore(() => kept),
    assignments: new URL("http://localhost/"),
    save: (name, _, file) => saved.push({ name, text: file }),
    session: lms ? new ScormSession(lms.api) : null,
    now,
  });
  runner.start({ type: "assignmentFile", text, name: "positions.assignment.json" });
  return { store, runner, saved, studies, kept, lms };
}

/** @param {ReturnType<typeof createStore>} store */
const run = (store) => {
  store.send({ type: "planned", schedule: [], done: [], margin: null, complete: true });
};

test("an assignment is in the link, and decides what its link does not say", () => {
  const { page, corrections } = split("#v=1&p=repeat&view.assignment=positions");
  assert.deepEqual(corrections, []);
  assert.deepEqual(page, { ...PAGE_DEFAULTS, assignment: "positions", study: ASSIGNED, tab: "study" });
  assert.equal(join("v=1&p=repeat", page), "v=1&p=repeat&view.assignment=positions");
  const report = split("view.assignment=positions&view.tab=report").page;
  assert.equal(join("", report), "view.assignment=positions&view.tab=report");
  assert.equal(join("", { ...page, hide: ["seed"], predict: true }), "view.assignment=positions");
  assert.equal(split("view.assignment=Positions!").corrections[0]?.reason, "it takes the name of an assignment");
  const opened = shared("http://a/", "v=1", { ...page, assignment: FILE }, { from: "file", name: "Positions" });
  assert.deepEqual(opened, { link: "http://a/#v=1&view.tab=study", file: "Positions" });
});

test("a student's work goes from the name to the file", async () => {
  const { store, saved, studies } = stage();
  assert.equal(store.state.assignment?.assignment.id, "positions");
  assert.deepEqual(store.state.page.lock, ["components", "protocol", "study-source", "train.batch"]);
  assert.deepEqual([store.state.page.predict, store.state.page.hide], [true, ["seed"]]);
  assert.deepEqual(missingOf(store.state), ["Your name: step 1."]);
  store.send({ type: "student", name: " Ada " });
  assert.equal(store.state.assignment?.student, "Ada");
  assert.equal(JSON.parse(studies[0] ?? "").seed, seedOf("positions", "ada"));
  assert.equal(missingOf(store.state).length, 4);
  const hash = store.state.study.sheet?.study?.hash ?? "";
  store.send({ type: "guessed", id: idOf(hash), guess: [["position", "needed"]] });
  store.send({ type: "typed", question: "q1", text: "b" });
  store.send({ type: "typed", question: "constructor", text: "much" });
  run(store);
  assert.deepEqual(missingOf(store.state), ["Question 2 of 2: not a number."]);
  store.send({ type: "typed", question: "constructor", text: "1,5" });
  assert.deepEqual(missingOf(store.state), []);
  store.send({ type: "handIn" });
  await met(() => saved.length === 1, "it is saved");
  assert.equal(saved[0]?.name, "positions.ada.submission.json");
  const file = JSON.parse(saved[0]?.text ?? "");
  assert.deepEqual(Object.keys(file), [
    ...["schema", "assignment", "assignment_sha256", "student", "seed", "prediction", "answers", "record"],
  ]);
  assert.deepEqual(file.answers, { q1: "b", constructor: 1.5 });
  assert.deepEqual(file.prediction, [{ component: "position", needed: true }]);
  assert.ok(saved[0]?.text.includes('"record": {"schema":"ablation-record/v2","loss":4.0}'), "as the engine wrote it");
  assert.deepEqual(store.state.assignment?.saved, { name: "positions.ada.submission.json", complete: true, trials: 0 });
});

test("the order of a prediction is the student's, also of names that are whole numbers", async () => {
  const { store, kept, saved } = stage();
  store.send({ type: "student", name: "ada" });
  const id = idOf(store.state.study.sheet?.study?.hash ?? "");
  const guess = /** @type {const} */ ([
    ["10", "needed"],
    ["position", "needed"],
    ["2", "not needed"],
  ]);
  store.send({ type: "guessed", id, guess });
  store.send({ type: "handIn" });
  await met(() => saved.length === 1, "it is saved");
  const components = (/** @type {{component: string}[]} */ list) => list.map(({ component }) => component);
  assert.deepEqual(components(JSON.parse(saved[0]?.text ?? "").prediction), ["10", "position", "2"]);
  // The page is opened again: what is kept is a list, as it was.
  assert.deepEqual(stage({ kept }).store.state.guesses.get(id), guess);
  const name = { component: "2", label: "2", changed: false, answers: {} };
  const study = /** @type {any} */ ({ reported: { report: { analysis: { units: 2, components: [name] } } } });
  const items = [{ key: "2", label: "Two", changed: false }];
  const rows = compare({ id, kind: "components", title: "", items }, guess, { study, view: null });
  assert.deepEqual(
    rows.map((row) => row.guess),
    ["not needed, place 3"],
  );
});

test("a step waits for those before it, and says for which", () => {
  const { store } = stage();
  const waits = () =>
    /** @type {const} */ (["student", "predict", "run", "questions", "hand-in"]).map(
      (key) => waitsFor(store.state, key)?.number ?? 0,
    );
  assert.deepEqual(waits(), [0, 1, 1, 1, 1]);
  assert.equal(waitsFor(store.state, "run")?.why, "Your name comes first: step 1.");
  store.send({ type: "student", name: "ada" });
  assert.deepEqual(waits(), [0, 0, 2, 2, 0]);
  const id = idOf(store.state.study.sheet?.study?.hash ?? "");
  store.send({ type: "guessed", id, guess: [["position", "needed"]] });
  assert.deepEqual(waits(), [0, 0, 0, 3, 0]);
  // Before the study is done it is answered by who asks for it, and what was answered stays open.
  store.send({ type: "answerEarly" });
  assert.deepEqual(waits(), [0, 0, 0, 0, 0]);
  store.send({ type: "student", name: "bob" });
  store.send({ type: "student", name: "ada" });
  assert.deepEqual(waits(), [0, 0, 0, 3, 0]);
  store.send({ type: "typed", question: "q1", text: "a" });
  assert.deepEqual(waits(), [0, 0, 0, 0, 0]);
  store.send({ type: "typed", question: "q1", text: "" });
  run(store);
  assert.deepEqual(waits(), [0, 0, 0, 0, 0]);
  // Without a prediction the study is the second step.
  const plain = stage({ text: TEXT.replace('"predict":true', '"predict":false') }).store;
  plain.send({ type: "student", name: "ada" });
  assert.equal(waitsFor(plain.state, "questions")?.why, "The study comes first: step 2.");
  assert.match(missingOf(plain.state)[0] ?? "", /^The study: 0 of about 2 trials are done, step 2\.$/);
});

test("a file that was downloaded before the study went on is to be downloaded again", async () => {
  const { store, saved } = stage();
  store.send({ type: "student", name: "ada" });
  store.send({ type: "handIn" });
  await met(() => saved.length === 1, "it is saved");
  assert.equal(outdated(store.state), null);
  const { study } = store.state;
  const schedule = ["a", "b"].map((id) => ({ id, updates: 1, role: "score" }));
  const on = { ...store.state, study: { ...study, schedule, done: new Set(["a"]) } };
  assert.equal(outdated(/** @type {any} */ (on)), 0);
});

test("what was typed comes back with its student, whatever was typed by another", async () => {
  const { store, kept } = stage();
  store.send({ type: "student", name: "ada" });
  store.send({ type: "typed", question: "q1", text: "a" });
  store.send({
    type: "guessed",
    id: idOf(store.state.study.sheet?.study?.hash ?? ""),
    guess: [["position", "not needed"]],
  });
  store.send({ type: "student", name: "bob" });
  assert.deepEqual(store.state.assignment?.typed, {});
  store.send({ type: "typed", question: "q1", text: "b" });
  store.send({ type: "student", name: "ADA" });
  assert.deepEqual(store.state.assignment?.typed, { q1: "a" });
  // The page is opened again.
  const again = stage({ kept });
  assert.equal(again.store.state.assignment?.student, "ADA", "the last student is still there");
  assert.deepEqual(again.store.state.assignment?.typed, { q1: "a" });
  const { study, guesses } = again.store.state;
  assert.deepEqual(guesses.get(idOf(study.sheet?.study?.hash ?? "")), [["position", "not needed"]]);
  // Another tab typed meanwhile.
  store.send({ type: "typed", question: "constructor", text: "1" });
  again.store.send({ type: "typed", question: "q1", text: "b" });
  assert.deepEqual(stage({ kept }).store.state.assignment?.typed, { q1: "b", constructor: "1" });
});

test("a prediction and a download do not count for another version of the assignment", async () => {
  const { store, kept, saved } = stage();
  store.send({ type: "student", name: "ada" });
  store.send({ type: "typed", question: "q1", text: "a" });
  const id = idOf(store.state.study.sheet?.study?.hash ?? "");
  store.send({ type: "guessed", id, guess: [["position", "needed"]] });
  store.send({ type: "handIn" });
  await met(() => saved.length === 1, "it is saved");
  const same = stage({ kept }).store.state;
  assert.ok(same.assignment?.saved);
  assert.equal(same.guesses.size, 1);
  const changed = stage({ kept, text: TEXT.replace('"Which?"', '"Which one?"') }).store.state;
  assert.equal(changed.assignment?.student, "ada");
  assert.deepEqual([changed.assignment?.typed, changed.assignment?.saved], [{ q1: "a" }, null]);
  assert.equal(changed.guesses.size, 0);
});

test("nothing is handed in for a student who was left while the record was written", async () => {
  /** @type {(record: string) => void} */
  let written = () => undefined;
  const { store, saved } = stage({ record: () => new Promise((resolve) => (written = resolve)) });
  store.send({ type: "student", name: "ada" });
  store.send({ type: "handIn" });
  store.send({ type: "student", name: "bob" });
  written(RECORD);
  await settle();
  assert.deepEqual([saved.length, store.state.assignment?.saved], [0, null]);
});

test("a browser that stores nothing is said so, once, and nothing is lost while the page is open", () => {
  const { store } = stage({ kept: storage({ full: true }) });
  store.send({ type: "student", name: "ada" });
  assert.equal(store.state.assignment?.kept, false);
  store.send({ type: "typed", question: "q1", text: "a" });
  store.send({ type: "student", name: "bob" });
  store.send({ type: "student", name: "ada" });
  assert.deepEqual(store.state.assignment?.typed, { q1: "a" });
});

test("a learning management system keeps the place, offers the name and is told the hand-in", async () => {
  const lms = new Lms({ "cmi.core.student_id": "s17" });
  const { store, runner, saved } = stage({ lms });
  assert.equal(store.state.assignment?.offered, "s17");
  store.send({ type: "student", name: "s17" });
  store.send({ type: "typed", question: "q1", text: "b" });
  run(store);
  store.send({ type: "handIn" });
  await met(() => saved.length === 1 && store.state.assignment?.lms.score !== "", "it is told");
  assert.equal(lms.values["cmi.core.lesson_status"], "incomplete", "answers are missing");
  runner.leave();
  assert.deepEqual(lms.errors, []);
  assert.equal(lms.calls.at(-1), "LMSFinish");
  // Another browser, the same course.
  const elsewhere = stage({ lms: new Lms(lms.values) });
  assert.equal(elsewhere.store.state.assignment?.student, "s17");
  assert.deepEqual(elsewhere.store.state.assignment?.typed, { q1: "b" });
  elsewhere.runner.leave();
});

test("on a computer that several students use nobody gets the work of another", () => {
  const kept = storage();
  const first = new Lms({ "cmi.core.student_id": "alice" });
  const alice = stage({ lms: first, kept });
  alice.store.send({ type: "student", name: "Alice" });
  alice.store.send({ type: "typed", question: "q1", text: "a" });
  alice.runner.leave();
  // The learning management system says who is there now.
  const second = new Lms({ "cmi.core.student_id": "bob" });
  const bob = stage({ lms: second, kept });
  assert.deepEqual([bob.store.state.assignment?.student, bob.store.state.assignment?.offered], ["", "bob"]);
  bob.runner.leave();
  assert.equal(second.values["cmi.suspend_data"], "");
  // It lost alice's place, and the browser still has her work.
  const again = stage({ lms: new Lms({ "cmi.core.student_id": "alice" }), kept });
  assert.deepEqual(again.store.state.assignment?.typed, { q1: "a" });
  again.runner.leave();
});

test("a score that a learning management system does not take is said not to be", async () => {
  const { store, runner, saved } = stage({ lms: new Lms({}, { lacks: ["cmi.core.score.raw"] }) });
  store.send({ type: "student", name: "ada" });
  const said = () => lmsText(store.state.assignment ?? assert.fail());
  assert.match(said(), /What it is told when you hand in is a claim/);
  store.send({ type: "handIn" });
  await met(() => saved.length === 1 && store.state.assignment?.lms.unscored === true, "it is told");
  assert.deepEqual([store.state.assignment?.lms.status, store.state.assignment?.lms.score], ["on", ""]);
  assert.match(said(), /keeps your place and your answers\. It did not take a score for your record: your answers/);
  runner.leave();
});

test("a second session that a learning management system refuses is said, and nothing is lost", () => {
  const lms = new Lms({ "cmi.core.student_id": "s17" }, { once: true });
  const { store, runner, kept } = stage({ lms });
  store.send({ type: "student", name: "s17" });
  store.send({ type: "typed", question: "q1", text: "a" });
  assert.equal(store.state.assignment?.lms.status, "on");
  // The page is left, kept by the browser, and looked at again.
  runner.leave();
  runner.comeBack();
  assert.equal(store.state.assignment?.lms.status, "ended");
  store.send({ type: "typed", question: "q1", text: "b" });
  runner.leave();
  assert.deepEqual(lms.errors, []);
  // The activity is opened from the course again: what this browser has is newer.
  const again = stage({ lms: new Lms(lms.values), kept });
  assert.deepEqual(again.store.state.assignment?.typed, { q1: "b" });
  again.runner.leave();
  assert.equal(JSON.parse(lms.values["cmi.suspend_data"] ?? "").work.typed.q1, "a", "the first session's own");
});

test("a page that is looked at again takes up what another browser did meanwhile, and overwrites none of it", () => {
  const lms = new Lms({ "cmi.core.student_id": "s17" });
  const { store, runner, studies } = stage({ lms });
  store.send({ type: "student", name: "s17" });
  store.send({ type: "typed", question: "q1", text: "a" });
  store.send({ type: "typed", question: "constructor", text: "1" });
  store.send({ type: "answerEarly" });
  runner.leave();
  const other = new Lms(lms.values);
  const elsewhere = stage({ lms: other, now: () => 2000 });
  elsewhere.store.send({ type: "typed", question: "q1", text: "b" });
  const id = idOf(store.state.study.sheet?.study?.hash ?? "");
  elsewhere.store.send({ type: "guessed", id, guess: [["position", "needed"]] });
  elsewhere.runner.leave();
  Object.assign(lms.values, other.values);
  runner.comeBack();
  assert.deepEqual(store.state.assignment?.typed, { q1: "b", constructor: "1" });
  assert.deepEqual(store.state.guesses.get(id), [["position", "needed"]]);
  assert.equal(store.state.assignment?.early, true, "what was asked for here still holds");
  assert.equal(studies.length, 1, "the study goes on");
  runner.leave();
  const { work } = JSON.parse(lms.values["cmi.suspend_data"] ?? "");
  assert.deepEqual([work.typed, work.prediction.length], [{ q1: "b", constructor: "1" }, 1]);
  assert.equal(work.predicted, 2000, "it is no newer for having been read");
  assert.deepEqual(lms.errors, []);
  // Another name was taken there: it is the one that counts.
  const changed = stage({ lms: other, now: () => 3000 });
  changed.store.send({ type: "student", name: "ada" });
  changed.store.send({ type: "typed", question: "q1", text: "a" });
  changed.runner.leave();
  Object.assign(lms.values, other.values);
  runner.comeBack();
  assert.deepEqual([store.state.assignment?.student, store.state.assignment?.typed], ["ada", { q1: "a" }]);
  runner.leave();
});

test("a correction counts, even of what a browser wrote whose clock runs ahead", async () => {
  const lms = new Lms({ "cmi.core.student_id": "s17" });
  const ahead = stage({ lms, now: () => 9000 });
  ahead.store.send({ type: "student", name: "s17" });
  ahead.store.send({ type: "typed", question: "q1", text: "a" });
  const id = idOf(ahead.store.state.study.sheet?.study?.hash ?? "");
  ahead.store.send({ type: "guessed", id, guess: [["position", "needed"]] });
  ahead.store.send({ type: "handIn" });
  await met(() => ahead.saved.length === 1, "it is saved");
  ahead.runner.leave();
  // A browser whose clock is right reads that, and corrects it.
  const right = stage({ lms: new Lms(lms.values), now: () => 1000 });
  assert.deepEqual(right.store.state.assignment?.typed, { q1: "a" });
  right.store.send({ type: "typed", question: "q1", text: "b" });
  right.store.send({ type: "guessed", id, guess: [["position", "not needed"]] });
  run(right.store);
  right.store.send({ type: "typed", question: "constructor", text: "1" });
  right.store.send({ type: "handIn" });
  await met(() => right.saved.length === 1, "it is saved");
  right.runner.leave();
  const place = /** @type {Lms} */ (right.lms).values;
  const again = stage({ lms: new Lms(place), kept: ahead.kept, now: () => 9500 });
  const { assignment, guesses } = again.store.state;
  assert.deepEqual(assignment?.typed, { q1: "b", constructor: "1" });
  assert.deepEqual(guesses.get(id), [["position", "not needed"]]);
  assert.equal(assignment?.saved?.complete, true);
  again.runner.leave();
});

test("closing an assignment gives the page back", () => {
  const { store } = stage();
  /** @type {string[]} */
  const sent = [];
  store.follow(({ type }) => sent.push(type));
  store.send({ type: "student", name: "ada" });
  store.send({ type: "assignmentClosed" });
  assert.equal(store.state.assignment, null);
  assert.deepEqual(store.state.page, { ...PAGE_DEFAULTS, tab: store.state.page.tab });
  assert.ok(sent.includes("studyOfSandbox"));
});

test("an assignment that cannot be read is said, and changes nothing", async () => {
  const { store } = stage({ text: TEXT.replace('"Positions"', "4") });
  await met(() => store.state.notice !== null, "it is said");
  assert.equal(store.state.assignment, null);
  assert.match(
    store.state.notice?.problem.message ?? "",
    /positions\.assignment\.json cannot be opened\. `title` is 4/,
  );
});

test("the name of the file holds no path and no empty name", () => {
  const name = (/** @type {string} */ student) =>
    submissionName(/** @type {any} */ ({ assignment: { id: "a" }, student }));
  assert.equal(name("../../Ada Lovelace"), "a.ada-lovelace.submission.json");
  assert.equal(name("José"), "a.josé.submission.json");
  assert.equal(name("???"), "a.student.submission.json");
});

test("work that was kept elsewhere is read with care, and the later of two counts", () => {
  assert.deepEqual(workIn(null), noWork());
  assert.deepEqual(workIn({ typed: { a: 1, b: "x" }, prediction: [{ component: 1 }], saved: 4, at: "now" }), {
    ...noWork(),
    typed: { b: "x" },
    times: { b: 0 },
  });
  // As it was kept before answers had times.
  const early = workIn({ typed: { a: "1", b: "1" }, at: 1 });
  const late = workIn({ typed: { a: "2" }, at: 2 });
  for (const both of [merged(early, late), merged(late, early)]) assert.deepEqual(both.typed, { a: "2", b: "1" });
});

test("of two browsers of one student the newest of every answer counts, and not the whole work of one", () => {
  const typed = (/** @type {[string, string, number][]} */ ...all) =>
    all.reduce((work, [question, text, at]) => ({ ...withTyped(work, question, text, at), at }), noWork());
  const here = typed(["a", "here, first", 1], ["b", "here", 5], ["gone", "", 6]);
  const there = typed(["b", "there", 2], ["gone", "there", 3], ["a", "there, later", 4], ["c", "there", 9]);
  for (const both of [merged(here, there), merged(there, here)]) {
    assert.deepEqual(both.typed, { a: "there, later", b: "here", gone: "", c: "there" });
    assert.deepEqual(both.times, { a: 4, b: 5, gone: 6, c: 9 });
    assert.equal(both.at, 9);
  }
  // A browser whose work was kept before answers had times, and one that goes on.
  const old = workIn({ typed: { a: "old", b: "old" }, at: 3 });
  const now = typed(["b", "new", 7], ["a", "before", 2]);
  for (const both of [merged(old, now), merged(now, old)]) assert.deepEqual(both.typed, { a: "old", b: "new" });
  const saved = { name: "x", complete: true, trials: 3 };
  const handedIn = { ...here, saved, savedAt: 8, prediction: [{ component: "p", needed: true }], predicted: 2 };
  const before = { ...there, saved: { ...saved, complete: false }, savedAt: 2 };
  for (const both of [merged(handedIn, before), merged(before, handedIn)])
    assert.deepEqual([both.saved?.complete, both.prediction?.length], [true, 1]);
});
