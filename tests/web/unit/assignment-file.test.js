import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { markup } from "../fake/markup.js";
import { canonical } from "../../../web/app/canonical.js";
import { nearest } from "../../../web/app/nearest.js";
import { sha256 } from "../../../web/app/sha256.js";

// The kinds of questions draw their controls, too.
await markup("index.html");
const { readAssignment, studyText } = await import("../../../web/app/assignment/file.js");
const { KINDS, kindOf } = await import("../../../web/app/assignment/questions/all.js");
const { numberIn } = await import("../../../web/app/assignment/questions/number.js");

const folder = new URL("../../../static/assignments/", import.meta.url);

/** An assignment with every field, changed. @param {Record<string, unknown>} [changes] */
const file = (changes = {}) => ({
  schema: "ablation-assignment/v1",
  id: "positions",
  title: "Positions",
  text: ["One.", "One."],
  study: {
    version: 2,
    variants: [
      { name: "position", remove: "position" },
      { name: "relu", set: {} },
    ],
  },
  seed: "student",
  predict: true,
  hide: ["seed"],
  lock: ["train.batch"],
  questions: [
    { id: "q1", text: "Which?", points: 2, kind: "choice", choices: ["a", "b"] },
    { id: "q2", text: "How much?", points: 2, kind: "number", unit: "nats" },
    { id: "q3", text: "Why?", points: 4, kind: "text" },
    { id: "q4", text: "Verdict?", points: 1, kind: "verdict", component: "position" },
  ],
  evidence: { points: 3 },
  ...changes,
});

/** @param {unknown} value */
const read = (value) => readAssignment(typeof value === "string" ? value : JSON.stringify(value));

/** Changes of the first question. @param {Record<string, unknown>} changes */
const asking = (changes) => file({ questions: [{ ...file().questions[0], ...changes }] });

test("an assignment is read", () => {
  const { assignment } = read(file());
  assert.equal(assignment.id, "positions");
  assert.deepEqual(
    assignment.questions.map(({ kind, points }) => [kind, points]),
    [
      ["choice", 2],
      ["number", 2],
      ["text", 4],
      ["verdict", 1],
    ],
  );
  assert.ok(assignment.questions[3]?.choices.includes("redundant"));
  assert.equal(assignment.evidence, 3);
  const { questions } = read(
    file({ questions: [{ id: "v", text: "v", points: 1, kind: "verdict", component: "relu" }] }),
  ).assignment;
  assert.ok(questions[0]?.choices.includes("as good with the change"), "a changed setting has words of its own");
  const { unknown, ...other } = read(file({ hide: ["seed", "gone"], lock: ["no control"] }));
  assert.deepEqual([unknown, other.assignment.hide, other.assignment.lock], [["gone", "no control"], ["seed"], []]);
  const least = { ...file(), predict: undefined, hide: undefined, lock: undefined, questions: undefined };
  assert.deepEqual(read(least).assignment.questions, []);
});

test("its hash is of its meaning, and is what another program computes", () => {
  const text = JSON.stringify(file());
  assert.equal(read(text).hash, read(`\ufeff${JSON.stringify(file(), null, 4)}\r\n`).hash);
  assert.notEqual(read(text).hash, read(file({ title: "Positions." })).hash);
});

test("the study of a student has the root seed of that student", () => {
  const { assignment } = read(file());
  assert.deepEqual(JSON.parse(studyText(assignment, 7)), { ...file().study, seed: 7 });
  const fixed = read(file({ seed: "fixed", study: { ...file().study, seed: 3 } })).assignment;
  assert.equal(JSON.parse(studyText(fixed, 3)).seed, 3);
});

test("every wrong field is named, with what belongs there", () => {
  /** @type {[unknown, RegExp][]} */
  const wrong = [
    ["{", /not JSON/],
    ["[]", /The file is \[\]; an object belongs there/],
    ["x".repeat((1 << 20) + 1), /larger than any assignment/],
    [file({ schema: "ablation-study" }), /`schema` is "ablation-study"; it takes "ablation-assignment\/v1"/],
    [file({ id: "Positions!" }), /`id` is "Positions!"; it takes 1 to 40 small letters/],
    [file({ title: 4 }), /`title` is 4; it takes a text/],
    [file({ text: "One." }), /`text` is "One\."; it takes a list of paragraphs/],
    [file({ study: "positions" }), /`study` is "positions"; it takes a study file/],
    [file({ study: { ...file().study, seed: 3 } }), /every student has a root seed of their own/],
    [file({ seed: "random" }), /`seed` is "random"; it takes "student" or "fixed"/],
    [file({ predict: 1 }), /`predict` is 1; it takes true or false/],
    [file({ hide: "seed" }), /`hide` is "seed"; it takes a list of texts/],
    [file({ questions: Array.from({ length: 101 }, () => null) }), /a list of at most 100 questions/],
    [asking({ points: 1001 }), /a whole number from 0 to 1000/],
    [asking({ choices: Array.from({ length: 21 }, (_, index) => `${index}`) }), /a list of 2 to 20 texts/],
    [file({ questons: [] }), /`questons` is no field of an assignment\. Did you mean `questions`\?/],
    [file({ evidence: { points: 1.5 } }), /`evidence\.points` is 1\.5; it takes a whole number/],
    [file({ evidence: { points: -1 } }), /a whole number from 0/],
    [file({ questions: {} }), /`questions` is \{\}; it takes a list of at most 100 questions/],
    [file({ questions: [null] }), /`questions\[0\]` is null; an object belongs there/],
    [asking({ kind: "essay" }), /`questions\[0\]\.kind` is "essay"; it takes "choice" or "number"/],
    [asking({ choices: ["a"] }), /a list of 2 to 20 texts/],
    [asking({ choices: ["a", "a"] }), /lists "a" twice/],
    [asking({ unit: "nats" }), /`questions\[0\]\.unit` is no field/],
    [asking({ id: "a b" }), /`questions\[0\]\.id`/],
    [file({ questions: [...file().questions, file().questions[0]] }), /Two questions have the id "q1"/],
    [
      file({ questions: [{ id: "v", text: "v", points: 1, kind: "verdict", component: "positions" }] }),
      /the name of a variant: position, relu/,
    ],
  ];
  for (const [value, message] of wrong)
    assert.throws(
      () => read(value),
      (/** @type {any} */ error) => error.code === "bad-assignment" && message.test(error.message),
      String(message),
    );
});

test("names that objects inherit are fields like any other", () => {
  const text = JSON.stringify(file());
  for (const name of ["__proto__", "constructor", "toString"])
    assert.throws(
      () => read(text.replace("{", `{${JSON.stringify(name)}: {"title": "x"},`)),
      (/** @type {any} */ error) => error.message.includes(`\`${name}\` is no field`),
    );
  assert.equal(/** @type {any} */ ({}).title, undefined);
  const only = JSON.parse(text.replace('"title":"Positions",', '"__proto__":{"title":"inherited"},'));
  assert.throws(() => read(JSON.stringify(only)));
});

test("markup is a text, and long texts are read", () => {
  const markup = '<img src=x onerror="alert(1)">';
  const long = "long ".repeat(100_000);
  const { assignment } = read(file({ title: markup, text: [long] }));
  assert.equal(assignment.title, markup);
  assert.equal(assignment.text[0], long);
});

test("answers are taken as they are written, and what is none is said", () => {
  const { questions } = read(file()).assignment;
  const answer = (/** @type {number} */ at, /** @type {string} */ typed) => {
    const question = questions[at] ?? assert.fail();
    return kindOf(question).answer(typed, question);
  };
  assert.deepEqual(answer(0, "b"), { value: "b" });
  assert.deepEqual(answer(0, "c"), { why: "not answered" });
  assert.deepEqual(answer(1, " 1,4 "), { value: 1.4 });
  assert.deepEqual(answer(1, "about 1"), { why: "not a number" });
  assert.deepEqual(answer(1, ""), { why: "not answered" });
  assert.deepEqual(answer(2, " \n"), { why: "not answered" });
  assert.deepEqual(answer(3, "redundant"), { value: "redundant" });
  assert.deepEqual(answer(3, "constructor"), { why: "not answered" });
  for (const [text, value] of /** @type {[string, number|null][]} */ ([
    ["−0.5", -0.5],
    ["+1e-3", 0.001],
    [".5", 0.5],
    ["1.", 1],
    ["12 345", 12345],
    ["1,000.5", null],
    ["1,2,3", null],
    ["0x10", null],
    ["1e999", null],
    ["Infinity", null],
    ["-", null],
  ]))
    assert.equal(numberIn(text), value, text);
});

test("a mistyped name is told the nearest", () => {
  assert.equal(nearest("choises", ["choices", "unit"]), "choices");
  assert.equal(nearest("x", ["choices", "unit"]), null);
  assert.equal(nearest("anything", []), null);
  assert.equal(new Set(KINDS.map(({ kind }) => kind)).size, KINDS.length);
});

test("every assignment that ships is listed, and can be read", async () => {
  const list = JSON.parse(await readFile(new URL("index.json", folder), "utf8"));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".assignment.json"));
  assert.deepEqual(list.map((/** @type {any} */ one) => one.file).sort(), files.sort());
  for (const { name, title, file: path } of list) {
    assert.match(name, /^[a-z0-9][a-z0-9-]{0,63}$/);
    const text = await readFile(new URL(path, folder), "utf8");
    const { assignment, hash } = readAssignment(text);
    assert.equal(assignment.title, title);
    assert.match(hash, /^[0-9a-f]{64}$/);
  }
});

/** The canonical texts were written by hand, and hashed by `hashlib.sha256` of Python; `sha256sum` prints the same. */
test("the hash of a file is the one that the command line computes", async () => {
  const hashes = JSON.parse(await readFile(new URL("../../assignments/hashes.json", import.meta.url), "utf8"));
  for (const { json, sha256: hash } of hashes) assert.equal(sha256(canonical(JSON.parse(json))), hash, json);
});

test("an answer in words can be written as UTF-8, whatever was typed", () => {
  const question = /** @type {any} */ ({ kind: "text" });
  const { answer } = kindOf(question);
  assert.deepEqual(answer("a \u{1f600} é", question), { value: "a \u{1f600} é" });
  assert.deepEqual(answer("a \ud83d", question), { value: "a \ufffd" });
  assert.deepEqual(answer("\ude00 b", question), { value: "\ufffd b" });
});
