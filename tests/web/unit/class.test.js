import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOf, classOf, csvOf, median, predictionText, sentencesOf } from "../../../web/app/class/summary.js";
import { createClass, initialClass, updateClass } from "../../../web/app/class/state.js";
import { formOf } from "../../../web/app/class/submission.js";
import { markup } from "../fake/markup.js";
import { met, settle } from "../fake/wait.js";

await markup("index.html");
const { ClassRunner } = await import("../../../web/app/class/runner.js");
const { filesIn } = await import("../../../web/app/class/files.js");
const { ticksOf } = await import("../../../web/app/class/figure.js");

/** @typedef {import("../../../web/app/class/submission.js").Submission} Submission */

/** @param {string} student @param {Partial<Submission> & {verdict?: string}} [more] @returns {Submission} */
const by = (student, { verdict = "redundant", ...more } = {}) => ({
  file: `${student}.json`,
  at: 0,
  student,
  key: student.toLowerCase(),
  seed: 1,
  assignment: "positions",
  hash: "h",
  study: "s",
  prediction: [],
  answers: {},
  components: [{ name: "position", label: "− position", disruption: 1, necessity: 0.5, verdict }],
  margin: 0.1,
  unit: "nats",
  done: 10,
  complete: true,
  ...more,
});
const none = () => 1;

test("how often each verdict was found is said in words", () => {
  const read = ["a", "b", "c"].map((student) => by(student, { prediction: [{ component: "position", needed: true }] }));
  const found = classOf([...read, by("d", { verdict: "necessary" })], null, none);
  assert.deepEqual(sentencesOf(found), [
    {
      name: "position",
      text: "3 of 4 found position redundant; 1 necessary. 3 of 3 had predicted that it is needed.",
    },
  ]);
});

test("what does not belong to the class is left out with its reason", () => {
  const read = [
    ...["a", "b", "c"].map((student) => by(student)),
    by("d", { assignment: "heads" }),
    by("e", { hash: "other" }),
    by("f", { study: "other" }),
    by("A", { file: "later.json", at: 5 }),
  ];
  const { submissions, refused } = classOf(read, null, none);
  assert.deepEqual(
    submissions.map(({ file }) => file),
    ["b.json", "c.json", "later.json"],
  );
  const why = Object.fromEntries(refused.map((one) => [one.file, one.why]));
  assert.match(why["d.json"] ?? "", /another assignment \("heads"\) than most of the files \("positions"\)/);
  assert.match(why["e.json"] ?? "", /another version of the assignment "positions" than most of the files\./);
  assert.match(why["f.json"] ?? "", /of another study/);
  assert.match(why["a.json"] ?? "", /handed in later\.json as well, which is newer/);
});

test("with the assignment's own file seeds are checked, and its questions head the table", () => {
  const questions = [{ id: "q1", text: "Which?" }];
  const given = /** @type {any} */ ({ assignment: { id: "positions", seed: "student", questions }, hash: "h" });
  const { submissions, refused, questions: asked } = classOf([by("a", { seed: 1 }), by("b", { seed: 2 })], given, none);
  assert.equal(submissions.length, 1);
  assert.match(refused[0]?.why ?? "", /Its root seed 2 is not the one of b/);
  assert.deepEqual(asked, questions);
  assert.equal(classOf([by("a", { hash: "x" })], given, none).submissions.length, 0);
});

test("the table is CSV, and no text in it is computed by a spreadsheet", () => {
  const prediction = [
    { component: "mlp", needed: true },
    { component: "position", needed: false },
  ];
  const one = by('=HYPERLINK("x")', { prediction, answers: { q1: "-1+2", q2: -1.5, q3: 'a "b"\nc' } });
  assert.equal(predictionText(one), "mlp, position (not needed)");
  const [head, ...rows] = csvOf(classOf([one], null, none)).split("\r\n");
  assert.equal(
    head,
    "student,seed,file,trials,complete,prediction,position: disruption,position: necessity,position: verdict,answer: q1,answer: q2,answer: q3",
  );
  assert.match(rows[0] ?? "", /^"'=HYPERLINK\(""x""\)",1,"'=HYPERLINK/);
  assert.match(rows[0] ?? "", /,'-1\+2,-1\.5,"a ""b""\nc"$/);
});

test("a verdict that was answered by its key is shown by its name", () => {
  const one = by("a", { answers: { q1: "not_necessary", q2: "not necessary", q3: 2 } });
  assert.deepEqual(
    ["q1", "q2", "q3", "q4"].map((question) => answerOf(one, question)),
    ["not necessary", "not necessary", 2, ""],
  );
});

test("files of a dropped folder have their paths, and one that cannot be read leaves the others", async () => {
  const file = (/** @type {string} */ path, /** @type {boolean} */ readable) => ({
    isFile: true,
    fullPath: path,
    file: (/** @type {(file: File) => void} */ resolve, /** @type {(error: Error) => void} */ reject) =>
      readable ? resolve(new File([], path.slice(path.lastIndexOf("/") + 1))) : reject(new Error("not found")),
  });
  const parts = [
    [file("/class/ada/s.json", true), file("/class/bob/s.json", false)],
    [file("/class/s.json", true)],
    [],
  ];
  const folder = {
    isFile: false,
    fullPath: "/class",
    createReader: () => ({ readEntries: (/** @type {(some: any) => void} */ resolve) => resolve(parts.shift()) }),
  };
  const dropped = /** @type {any} */ ({ items: [{ webkitGetAsEntry: () => folder }], files: [] });
  const { files, unread } = await filesIn(dropped);
  assert.deepEqual(
    files.map((one) => one.webkitRelativePath),
    ["class/ada/s.json", "class/s.json"],
  );
  assert.deepEqual(unread, [{ file: "class/bob/s.json", why: "The browser cannot read it: not found." }]);
});

test("a median is of what is there", () => {
  assert.deepEqual([median([]), median([3]), median([4, 1]), median([9, 1, 2])], [null, 3, 2.5, 2]);
});

test("ticks are round, few, and inside", () => {
  for (const [low, high] of /** @type {[number, number][]} */ ([
    [-0.03, 5.01],
    [-1, 1],
    [-2e-5, 3e-4],
    [-300, 12],
  ])) {
    const ticks = ticksOf(low, high, 7);
    assert.ok(ticks.length >= 2 && ticks.length <= 9 && ticks.includes(0), ticks.join());
    assert.ok(ticks.every((tick) => tick >= low && tick <= high));
  }
});

test("the same file again replaces what it was", () => {
  const state = updateClass(initialClass(), { type: "read", submissions: [by("a"), by("b")] });
  const refused = updateClass(state, { type: "refused", refused: { file: "a.json", why: "no" } });
  assert.deepEqual([refused.read.length, refused.refused.length], [1, 1]);
  const again = updateClass(refused, { type: "read", submissions: [by("a")] });
  assert.deepEqual([again.read.length, again.refused.length], [2, 0]);
  assert.deepEqual(updateClass(again, { type: "sort", column: "student" }).sorting, { column: "student", down: true });
  assert.deepEqual(updateClass(again, { type: "clear" }).read, []);
});

const SUBMISSION = {
  schema: "ablation-submission/v1",
  assignment: "positions",
  assignment_sha256: "h",
  student: " Ada ",
  seed: 7,
  answers: { q1: "a", q2: 1.5, q3: null },
  record: { loss: 4 },
};

test("the form of a submission is checked before its record is read", () => {
  const form = formOf(JSON.stringify(SUBMISSION).replace('"loss":4', '"loss":4.0'));
  assert.deepEqual(form.answers, { q1: "a", q2: 1.5 });
  assert.deepEqual([form.student, form.key, form.record], ["Ada", "ada", '{"loss":4.0}']);
  assert.equal(formOf(`\ufeff${JSON.stringify(SUBMISSION, null, 2)}\r\n`).seed, 7);
  /** @type {[string, RegExp][]} */
  const wrong = [
    ["\ufffdPNG\r\n\u001a\n", /This is a PNG picture/],
    ["PK\u0003\u0004", /a zip archive/],
    ["%PDF-1.7", /a PDF/],
    ["<!doctype html>", /a web page/],
    ["", /an empty file/],
    ["{", /not JSON/],
    ["null", /no submission/],
    [JSON.stringify({ schema: "ablation-record/v2" }), /the record of a study without name and answers/],
    [JSON.stringify({ ...SUBMISSION, student: "a\u0000" }), /`student`/],
    [JSON.stringify({ ...SUBMISSION, seed: -1 }), /`seed` is -1/],
    [JSON.stringify({ ...SUBMISSION, record: "x" }), /`record` is "x"/],
    [JSON.stringify({ ...SUBMISSION, answers: { q1: {} } }), /`answers`/],
    [JSON.stringify({ ...SUBMISSION, grade: 10 }), /`grade` is no field of a submission/],
    [JSON.stringify({ ...SUBMISSION, prediction: [{ component: "a", needed: "yes" }] }), /prediction\[0\]\.needed/],
  ];
  for (const [text, message] of wrong)
    assert.throws(
      () => formOf(text),
      (/** @type {any} */ error) => message.test(error.message),
      text,
    );
});

test("reading is stopped when it is asked to, and what was read stays", async () => {
  const store = createClass();
  /** @type {(() => void)[]} */
  const held = [];
  const planner = /** @type {any} */ ({
    readRecord: () => new Promise((resolve) => held.push(() => resolve({ sheet: { study: STUDY }, outcomes: [] }))),
    open: async () => null,
    report: async () => ({
      report: { analysis: { components: [], units: 2, margin: 0.1 }, progress: { done: 1, complete: true } },
    }),
  });
  const STUDY = { seed: 7, json: '{"seed":7}', unit: "nats" };
  new ClassRunner(store, planner, () => undefined);
  const files = ["a", "b", "c"].map(
    (name) => new File([JSON.stringify({ ...SUBMISSION, student: name })], `${name}.json`, { lastModified: 1 }),
  );
  store.send({ type: "files", files });
  await met(() => held.length === 1, "the first is read");
  held[0]?.();
  await met(() => held.length === 2, "the second is read");
  assert.deepEqual(store.state.reading, { done: 1, of: 3, name: "b.json" });
  store.send({ type: "stop" });
  held[1]?.();
  await settle();
  assert.equal(held.length, 2, "the third is not");
  assert.deepEqual([store.state.stopped, store.state.reading, store.state.read.length], [true, null, 1]);
  store.send({ type: "files", files: files.slice(2) });
  await met(() => held.length === 3, "others can be opened");
  held[2]?.();
  await met(() => store.state.reading === null, "it is done");
  assert.deepEqual(
    store.state.read.map(({ student }) => student),
    ["a", "c"],
  );
});
