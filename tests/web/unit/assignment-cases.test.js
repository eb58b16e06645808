/**
 * Which assignments are read and which are refused, and for which field. The command line reads the same table
 * (`crates/assignments/tests/cases.rs`), so that a file which is checked there opens here.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { markup } from "../fake/markup.js";

// The kinds of questions draw their controls, too.
await markup("index.html");
const { readAssignment } = await import("../../../web/app/assignment/file.js");

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {unknown} [file]  instead of the assignment of the table
 * @property {Record<string, unknown>} [set]  values by JSON pointer
 * @property {string[]} [remove]  JSON pointers
 * @property {boolean} valid
 * @property {string} [problem]  path of the field that is refused; empty for the file
 */

/** @type {{assignment: any, cases: Case[]}} */
const { assignment, cases } = JSON.parse(
  await readFile(new URL("../../assignments/cases.json", import.meta.url), "utf8"),
);

/** What a pointer points into, and the name or the index in there. @param {any} json @param {string} pointer */
function place(json, pointer) {
  const steps = pointer.slice(1).split("/");
  const last = steps.pop() ?? "";
  return { parent: steps.reduce((at, step) => at[step], json), last };
}

/** @param {Case} given */
function fileOf(given) {
  if (Object.hasOwn(given, "file")) return given.file;
  const json = structuredClone(assignment);
  for (const [pointer, value] of Object.entries(given.set ?? {})) {
    const { parent, last } = place(json, pointer);
    parent[last] = value;
  }
  for (const pointer of given.remove ?? []) {
    const { parent, last } = place(json, pointer);
    assert.ok(Object.hasOwn(parent, last), pointer);
    delete parent[last];
  }
  return json;
}

/** What is wrong with a file; `null` if nothing is. @param {unknown} file @returns {string|null} */
function problemOf(file) {
  try {
    readAssignment(JSON.stringify(file));
    return null;
  } catch (error) {
    return /** @type {{message: string}} */ (error).message;
  }
}

test("an assignment is read or refused as the command line does", () => {
  assert.ok(cases.length >= 25);
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  for (const one of cases) {
    const problem = problemOf(fileOf(one));
    assert.equal(problem === null, one.valid, `${one.name}: ${problem}`);
    if (problem !== null && one.problem !== "")
      assert.ok(
        problem.includes(`\`${one.problem}\` `) || problem.includes(`\`${one.problem}\`:`),
        `${one.name}: ${problem}`,
      );
  }
});

test("a text that is one paragraph is one, and none is none", () => {
  const read = (/** @type {unknown} */ text) => readAssignment(JSON.stringify({ ...assignment, text })).assignment.text;
  assert.deepEqual(read("One paragraph."), ["One paragraph."]);
  assert.deepEqual(read(null), []);
});
