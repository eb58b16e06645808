import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerOf,
  classOf,
  csvOf,
  doublesOf,
  median,
  predictionText,
  quartiles,
  sentencesOf,
} from "../../../web/app/class/summary.js";
import { createClass, initialClass, sortingOf, updateClass } from "../../../web/app/class/state.js";
import { formOf } from "../../../web/app/class/submission.js";
import { isolated } from "../../../web/app/format.js";
import { markup } from "../fake/markup.js";
import { met, settle } from "../fake/wait.js";

await markup("index.html");
const { ClassRunner } = await import("../../../web/app/class/runner.js");
const { readGiven } = await import("../../../web/app/class/given.js");
const { filesIn } = await import("../../../web/app/class/files.js");
const { aboutText } = await import("../../../web/app/class/groups.js");
const { linesText, rangeOf, ticksOf } = await import("../../../web/app/class/figure.js");

/** @typedef {import("../../../web/app/class/submission.js").Submission} Submission */

/** @param {string} student @param {Partial<Submission> & {verdict?: string}} [more] @returns {Submission} */
const by = (student, { verdict = "redundant", ...more } = {}) => ({
  file: `${student}.json`,
  path: more.file ?? `${student}.json`,
  digest: `${student} ${JSON.stringify(more)}`,
  at: 0,
  student,
  key: student.toLowerCase(),
  seed: 1,
  assignment: "positions",
  hash: "h",
  study: "s",
  prediction: [],
  answers: {},
  components: [
    {
      ...{ name: "position", label: "− position", changed: false, disruption: 1, necessity: 0.5, verdict },
      intervals: { disruption: [0.5, 1.5], necessity: [-0.25, 1.25] },
    },
  ],
  margin: 0.1,
  unit: "nats",
  done: 10,
  complete: true,
  ...more,
});
/** Nobody's seed is a student's: the assignment has a fixed one. */
const none = () => 0;

/** A text without the marks that isolate names (see `isolated`). @param {string} text */
const plain = (text) => text.replaceAll(/[\u2066-\u2069]/g, "");

/** The only group of a class. @param {Parameters<typeof classOf>} given */
function groupOf(...given) {
  const { groups, refused } = classOf(...given);
  assert.equal(groups.length, 1);
  return { ...(groups[0] ?? assert.fail()), refused: refused.map((one) => ({ ...one, why: plain(one.why) })) };
}

test("how often each verdict was found is said in words", () => {
  const read = ["a", "b", "c"].map((student) => by(student, { prediction: [{ component: "position", needed: true }] }));
  const found = groupOf([...read, by("d", { verdict: "necessary" })], [], none);
  assert.deepEqual(sentencesOf(found), [
    {
      name: "position",
      text: "Without position: 3 of 4 redundant; 1 necessary. 3 of 3 had predicted that it is needed.",
    },
  ]);
});

test("a student who names a component twice counts once", () => {
  const guess = { component: "position", needed: true };
  const read = [by("a", { prediction: [guess, guess, guess] }), by("b", { prediction: [{ ...guess, needed: false }] })];
  assert.match(sentencesOf(groupOf(read, [], none))[0]?.text ?? "", /1 of 2 had predicted that it is needed\.$/);
});

test("a change is never called needed: what is said of it is what it does", () => {
  const components = [
    {
      ...{ name: "SGD", label: "adamw → sgd, + train.momentum 0.9", changed: true, verdict: "worse with the change" },
      ...{ disruption: null, necessity: 0.5, intervals: { disruption: null, necessity: null } },
    },
  ];
  const said = (/** @type {boolean} */ needed) => [{ component: "SGD", needed }];
  const read = [by("a", { components, prediction: said(true) }), by("b", { components, prediction: said(false) })];
  const found = groupOf(read, [], none);
  assert.deepEqual(
    sentencesOf(found).map(({ text }) => text),
    [
      "adamw → sgd, with train.momentum 0.9 (SGD): 2 of 2 worse with the change. 1 of 2 had predicted that the model " +
        "is worse with the change.",
    ],
  );
  assert.deepEqual(read.map(predictionText), ["SGD (worse with the change)", "SGD (no worse with the change)"]);
  assert.equal(linesText(found), "", "no interval, no word of one");
});

test("every assignment is a group of its own, and what does not belong to one is left out with its reason", () => {
  const read = [
    ...["a", "b", "c"].map((student) => by(student)),
    by("d", { assignment: "heads", study: "heads" }),
    by("e", { hash: "other" }),
    by("f", { study: "other" }),
    by("A", { file: "later.json", at: 5 }),
  ];
  const { groups, refused } = classOf(read, [], none);
  assert.deepEqual(
    groups.map(({ assignment, submissions }) => [assignment, submissions.map(({ file }) => file)]),
    [
      ["heads", ["d.json"]],
      ["positions", ["b.json", "c.json", "later.json"]],
    ],
  );
  const why = Object.fromEntries(refused.map((one) => [one.file, one.why]));
  assert.match(why["e.json"] ?? "", /another version of the assignment "positions" than most of the files\./);
  assert.match(why["f.json"] ?? "", /of another study/);
  assert.deepEqual(Object.keys(why), ["e.json", "f.json"]);
});

test("of two submissions of one student both are listed, the later counts, and that is said", () => {
  const read = [by("Ada", { at: 5 }), by("ADA", { file: "again.json", at: 9 }), by("bob", { at: 1 })];
  for (const order of [read, [...read].reverse()]) {
    const found = groupOf(order, [], none);
    assert.deepEqual(found.submissions.map(({ file }) => file).sort(), ["again.json", "bob.json"]);
    assert.deepEqual(
      found.earlier.map(({ one, later }) => [one.file, later.file]),
      [["Ada.json", "again.json"]],
    );
    assert.deepEqual(doublesOf(found).map(plain), [
      "ADA handed in 2 files: again.json, the later, counts, and Ada.json does not.",
    ]);
    assert.match(csvOf(found), /\r\nAda,"no, again\.json does",1,Ada\.json,/);
  }
  const tied = groupOf([by("ada", { at: 1 }), by("ada", { file: "b.json", at: 1 })], [], none);
  assert.match(
    plain(doublesOf(tied)[0] ?? ""),
    /b\.json, the one that was opened last, counts, and ada\.json does not/,
  );
});

test("a name that is written from right to left turns nothing around beside it", () => {
  assert.equal(isolated("\u05d3\u05e0\u05d4"), "\u2068\u05d3\u05e0\u05d4\u2069");
  assert.equal(isolated("a\u2069b\u2067"), "\u2068ab\u2069", "no name ends or keeps open its isolation");
  const found = groupOf([by("\u05d3\u05e0\u05d4"), by("\u05d3\u05e0\u05d4", { file: "\u05d0.json", at: 9 })], [], none);
  assert.deepEqual(doublesOf(found), [
    "\u2068\u05d3\u05e0\u05d4\u2069 handed in 2 files: \u2068\u05d0.json\u2069, the later, counts, and " +
      "\u2068\u05d3\u05e0\u05d4.json\u2069 does not.",
  ]);
  const seeds = classOf([by("ada", { seed: 3 }), by("bob", { seed: 4 })], [], (_, student) => student.length);
  assert.equal(seeds.refused[0]?.why, "Its root seed 4 is not the one of \u2068bob\u2069.");
  assert.equal(plain(csvOf(found)), csvOf(found), "a table that other programs read has none of these marks");
});

test("a file in the name of another student is found by its seed, with or without the assignment's file", () => {
  const seedOf = (/** @type {string} */ _, /** @type {string} */ student) => student.length;
  const read = [by("ada", { seed: 3 }), by("dora", { seed: 4 }), by("ada", { file: "mallory.json", seed: 7, at: 99 })];
  const { submissions, earlier, refused } = groupOf(read, [], seedOf);
  assert.deepEqual(
    submissions.map(({ file }) => file),
    ["ada.json", "dora.json"],
  );
  assert.deepEqual(earlier, []);
  assert.deepEqual(refused, [{ file: "mallory.json", why: "Its root seed 7 is not the one of ada." }]);
});

test("a small class has a line for each interval, a large one the middle half, and the figure says which", () => {
  const many = (/** @type {number} */ number) =>
    groupOf(
      Array.from({ length: number }, (_, index) => by(`s${index}`)),
      [],
      none,
    );
  assert.equal(linesText(many(12)), "95 % interval of each student");
  assert.equal(linesText(many(13)), "middle half of the students (interquartile range)");
  const [low, high] = rangeOf(many(2));
  assert.ok(low < -0.25 && high > 1.5, "intervals are within the axis");
  const [component = assert.fail()] = by("a").components;
  const wide = {
    ...component,
    intervals: { disruption: /** @type {[number, number]} */ ([-900, 900]), necessity: null },
  };
  const cut = rangeOf(groupOf([by("a", { components: [wide] })], [], none));
  assert.ok(cut[1] - cut[0] < 5, "one that is huge does not press the marks together");
  assert.deepEqual([quartiles([]), quartiles([3]), quartiles([1, 2, 3, 4])], [null, [3, 3], [1.75, 3.25]]);
});

test("with the assignment's own file seeds are checked, and its questions head the table", () => {
  const questions = [{ id: "q1", text: "Which?" }];
  const given = /** @type {any} */ ({
    assignment: { id: "positions", title: "Positions", questions },
    file: "positions.assignment.json",
    hash: "h",
    study: "s",
    seed: null,
  });
  const read = [by("a", { seed: 1 }), by("b", { seed: 2 })];
  const { submissions, refused, questions: asked, title } = groupOf(read, [given], () => 1);
  assert.equal(title, "Positions");
  assert.equal(submissions.length, 1);
  assert.match(refused[0]?.why ?? "", /Its root seed 2 is not the one of b/);
  assert.deepEqual(asked, questions);
  assert.equal(classOf([by("a", { hash: "x" })], [given], none).groups.length, 0);
});

test("where as many submissions have one version or study as another, that is said, with the file that counts", () => {
  const why = (/** @type {Submission[]} */ ...read) => groupOf(read, [], none).refused.map((one) => one.why);
  const even = "As many submissions have the one as the other: open the assignment's own file, which decides.";
  assert.deepEqual(why(by("a"), by("b", { hash: "other" })), [
    `It answers another version of the assignment "positions" than that of a.json, which was opened first. ${even}`,
  ]);
  assert.deepEqual(why(by("b", { study: "other" }), by("a")), [
    `Its record is of another study than that of b.json, which was opened first. ${even}`,
  ]);
  assert.match(why(by("a"), by("b", { hash: "other" }), by("c"))[0] ?? "", /than most of the files\.$/);
});

test("the study and the seed are those of the assignment's own file, and not those of most submissions", () => {
  const given = (/** @type {number|null} */ seed) =>
    /** @type {any} */ ({
      assignment: { id: "positions", title: "Positions", questions: [] },
      file: "positions.assignment.json",
      hash: "h",
      study: "s",
      seed,
    });
  // Two students agreed on an easier study.
  const easier = ["b", "c"].map((student) => by(student, { study: "easier" }));
  const why = (/** @type {ReturnType<typeof groupOf>} */ { refused }) => refused.map((one) => [one.file, one.why]);
  const study = groupOf([by("a"), ...easier], [given(null)], () => 1);
  assert.deepEqual(
    why(study),
    ["b.json", "c.json"].map((file) => [
      file,
      "Its record is of another study than that of positions.assignment.json.",
    ]),
  );
  const seeds = groupOf([by("a"), by("b", { seed: 2 }), by("c", { seed: 2 })], [given(1)], none);
  assert.deepEqual(
    why(seeds),
    ["b.json", "c.json"].map((file) => [
      file,
      "Its root seed is 2, and that of everybody is 1 in positions.assignment.json.",
    ]),
  );
});

test("the study of an assignment's own file is read by the engine", async () => {
  const ASSIGNED = {
    schema: "ablation-assignment/v1",
    id: "positions",
    title: "Positions",
    study: { version: 2, variants: [{ remove: "position" }] },
  };
  const signal = new AbortController().signal;
  /** @type {string[]} */
  const asked = [];
  const planner = (/** @type {unknown} */ study) =>
    /** @type {any} */ ({ studyOfFile: async (/** @type {string} */ text) => (asked.push(text), { study }) });
  const read = (/** @type {object} */ value, /** @type {unknown} */ study) =>
    readGiven({ name: "a.json", text: JSON.stringify(value) }, planner(study), signal);
  const own = await read({ ...ASSIGNED, seed: "student" }, { json: '{"seed":0,"b":1,"a":2}', seed: 0 });
  assert.deepEqual([own?.file, own?.seed, own?.study], ["a.json", null, '{"a":2,"b":1,"seed":0}']);
  assert.deepEqual(JSON.parse(asked[0] ?? ""), { ...ASSIGNED.study, seed: 0 });
  const fixed = { ...ASSIGNED, seed: "fixed", study: { ...ASSIGNED.study, seed: 7 } };
  const same = await read(fixed, { json: '{"seed":7,"a":2,"b":1}', seed: 7 });
  assert.deepEqual([same?.seed, same?.study], [7, own?.study]);
  assert.deepEqual(JSON.parse(asked[1] ?? ""), fixed.study);
  assert.equal(await read(SUBMISSION, null), null);
  await assert.rejects(
    read({ ...ASSIGNED, seed: "student" }, null),
    /** @param {any} error */ (error) => /The study of the assignment cannot be read/.test(error.message),
  );
});

test("the table is CSV, and no text in it is computed by a spreadsheet", () => {
  const prediction = [
    { component: "mlp", needed: true },
    { component: "position", needed: false },
  ];
  const one = by('=HYPERLINK("x")', { prediction, answers: { q1: "-1+2", q2: -1.5, q3: 'a "b"\nc' } });
  assert.equal(predictionText(one), "mlp (needed), position (not needed)");
  const [head, ...rows] = csvOf(groupOf([one], [], none)).split("\r\n");
  assert.equal(
    head,
    "student,counts,seed,file,trials,complete,prediction,without position (position): disruption," +
      "without position (position): necessity,without position (position): verdict,answer: q1,answer: q2,answer: q3",
  );
  assert.match(rows[0] ?? "", /^"'=HYPERLINK\(""x""\)",yes,1,"'=HYPERLINK/);
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

test("the same file again is one; another file of its name takes the place of none", () => {
  const files = (/** @type {import("../../../web/app/class/state.js").ClassState} */ state) =>
    state.read.map(({ file, student }) => `${student}: ${file}`);
  const state = updateClass(initialClass(), { type: "read", submissions: [by("a"), by("b")] });
  const again = updateClass(state, { type: "read", submissions: [by("a")] });
  assert.deepEqual([again.read.length, again.refused.length], [2, 0]);
  // Everybody's file is called so where a course system names folders by student.
  const double = updateClass(again, { type: "read", submissions: [by("c", { file: "a.json" })] });
  assert.deepEqual(files(double), ["a: a.json", "b: b.json", "c: a.json (2)"]);
  assert.deepEqual(
    files(updateClass(double, { type: "read", submissions: [by("c", { file: "a.json" })] })),
    files(double),
  );
  // One text under two names is said to be one.
  const copy = updateClass(state, { type: "read", submissions: [{ ...by("a"), path: "copy.json" }] });
  assert.equal(copy.read.length, 2);
  assert.deepEqual(
    copy.refused.map((one) => [one.file, plain(one.why)]),
    [["copy.json", "It is the same file as a.json, which counts once."]],
  );
  // A file that cannot be read displaces no other of its name, and another that can does not hide it.
  const why = { file: "a.json", why: "no" };
  const refused = updateClass(state, { type: "refused", refused: why });
  assert.deepEqual([refused.read.length, refused.refused], [2, [why]]);
  assert.deepEqual(updateClass(refused, { type: "refused", refused: why }).refused, [why]);
  const after = updateClass(refused, { type: "read", submissions: [by("d", { file: "a.json" })] });
  assert.deepEqual([after.read.length, after.refused], [3, [why]]);
  assert.deepEqual(updateClass(again, { type: "clear" }).read, []);
});

test("of the files of an assignment the first counts, and another version is left out and named", () => {
  const given = (/** @type {string} */ id, /** @type {string} */ hash, /** @type {string} */ file) =>
    /** @type {any} */ ({ assignment: { id, title: id, questions: [] }, hash, file, study: "s", seed: 1 });
  const all = [
    given("a", "1", "a.json"),
    given("b", "1", "b.json"),
    given("a", "2", "eve/a.json"),
    given("a", "1", "copy.json"),
  ];
  const state = all.reduce(
    (/** @type {import("../../../web/app/class/state.js").ClassState} */ before, one) =>
      updateClass(before, { type: "given", given: one }),
    initialClass(),
  );
  assert.deepEqual(
    state.givens.map(({ file }) => file),
    ["a.json", "b.json"],
  );
  assert.deepEqual(
    state.refused.map(({ file }) => file),
    ["eve/a.json"],
  );
  assert.match(
    plain(state.refused[0]?.why ?? ""),
    /another version of the assignment "a" than a\.json, which was opened first/,
  );
  const read = [by("a", { assignment: "b", hash: "1" })];
  assert.equal(plain(aboutText(groupOf(read, state.givens, none))), "1 student; checked against b.json");
  assert.equal(aboutText(groupOf(read, [], none)), "1 student; the assignment's own file was not opened");
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

/** @param {number} number @param {(index: number) => [string, unknown]} entry */
const many = (number, entry) => Object.fromEntries(Array.from({ length: number }, (_, index) => entry(index)));
/** @param {number} number */
const guesses = (number) => Array.from({ length: number }, (_, index) => ({ component: `c${index}`, needed: true }));

test("the form of a submission is checked before its record is read", () => {
  const form = formOf(JSON.stringify(SUBMISSION).replace('"loss":4', '"loss":4.0'));
  assert.deepEqual(form.answers, { q1: "a", q2: 1.5 });
  assert.deepEqual([form.student, form.key, form.record], ["Ada", "ada", '{"loss":4.0}']);
  assert.equal(formOf(`\ufeff${JSON.stringify(SUBMISSION, null, 2)}\r\n`).seed, 7);
  const most = { ...SUBMISSION, answers: many(100, (id) => [`q${id}`, "a"]), prediction: guesses(64) };
  assert.equal(formOf(JSON.stringify(most)).prediction.length, 64);
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
    [
      JSON.stringify({ ...SUBMISSION, answers: many(101, (id) => [`q${id}`, "a"]) }),
      /`answers` holds 101; .* at most 100/,
    ],
    [JSON.stringify({ ...SUBMISSION, answers: many(101, (id) => [`q${id}`, null]) }), /`answers` holds 101/],
    [JSON.stringify({ ...SUBMISSION, answers: { "q 1": "a" } }), /`answers` has one to "q 1", which is no id/],
    [
      JSON.stringify({ ...SUBMISSION, answers: { [`q${"1".repeat(999)}`]: "a" } }),
      /`answers` has one to "q1{99}", which/,
    ],
    [JSON.stringify({ ...SUBMISSION, prediction: guesses(65) }), /`prediction` is .*; it takes a list of at most 64/],
    [
      JSON.stringify({ ...SUBMISSION, prediction: [...guesses(2), ...guesses(1)] }),
      /`prediction` names the component "c0" twice/,
    ],
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

test("the table of every assignment is sorted by itself", () => {
  const sort = (/** @type {string} */ assignment, /** @type {string} */ column) =>
    /** @type {const} */ ({ type: "sort", assignment, column });
  const state = [sort("a", "student"), sort("b", "trials")].reduce(updateClass, initialClass());
  assert.deepEqual(
    ["a", "b", "c"].map((assignment) => sortingOf(state, assignment)),
    [
      { column: "student", down: true },
      { column: "trials", down: false },
      { column: "student", down: false },
    ],
  );
  assert.deepEqual(sortingOf(updateClass(state, sort("b", "trials")), "b"), { column: "trials", down: true });
  assert.equal(sortingOf(updateClass(state, { type: "clear" }), "a").down, true, "also for what is opened next");
});

test("two broken files of one name and reason are both listed, and one that is opened again is not", async () => {
  const store = createClass();
  new ClassRunner(store, /** @type {any} */ ({}), () => undefined);
  const broken = (/** @type {string} */ more) => new File([`%PDF-1.7 ${more}`], "s.json", { lastModified: 1 });
  store.send({ type: "files", files: [broken("ada"), broken("bob"), broken("ada")] });
  await met(() => store.state.reading === null, "all are read");
  assert.deepEqual(
    store.state.refused.map(({ file, why }) => [file, why]),
    [
      ["s.json", "This is a PDF."],
      ["s.json", "This is a PDF."],
    ],
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
