/**
 * The file of an assignment (`ablation-assignment/v1`), as an instructor wrote it. Its study is judged by the engine,
 * like every study; everything else is checked here, field by field. Texts are shown as texts and never as markup.
 */

import { canonical } from "../canonical.js";
import { isControl } from "../controls.js";
import { FILE } from "../link.js";
import { sha256 } from "../sha256.js";
import { Fields, MOST_QUESTIONS, QUESTION_ID, wrong } from "./fields.js";
import { KINDS, kindOf } from "./questions/all.js";
import { ASSIGNMENT } from "./schemas.js";

/** @typedef {import("./questions/all.js").Question} Question */
/**
 * @typedef {object} Assignment
 * @property {string} id
 * @property {string} title
 * @property {string[]} text  paragraphs
 * @property {Record<string, unknown>} study  a study file
 * @property {"student"|"fixed"} seed  whether every student has a root seed of their own
 * @property {boolean} predict
 * @property {string[]} hide
 * @property {string[]} lock
 * @property {Question[]} questions
 * @property {number} evidence  points for a complete record
 */

/** Largest file, in characters. */
export const LARGEST = 1 << 20;

const FIELDS = ["schema", "id", "title", "text", "study", "seed", "predict", "hide", "lock", "questions", "evidence"];
const ID = /^[a-z0-9-]{1,40}$/;

/**
 * @param {string} text  of the file
 * @returns {{assignment: Assignment, hash: string, unknown: string[]}} unknown: names of controls that there are not
 */
export function readAssignment(text) {
  if (text.length > LARGEST) throw wrong("The file is larger than any assignment (1 MB).");
  let value;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw wrong(`The file is not JSON: ${/** @type {Error} */ (error).message}.`);
  }
  const fields = new Fields(value, "", FIELDS);
  if (fields.value("schema") !== ASSIGNMENT) fields.refuse("schema", `"${ASSIGNMENT}"`);
  const id = fields.text("id");
  if (!ID.test(id)) fields.refuse("id", "1 to 40 small letters, digits and hyphens");
  if (id === FILE) fields.refuse("id", "another word: this one stands for an assignment that is opened as a file");
  const study = fields.value("study");
  if (study === null || typeof study !== "object" || Array.isArray(study)) fields.refuse("study", "a study file");
  const seed = fields.one("seed", ["student", "fixed"]);
  // `null` is nothing: the seed of the student takes its place.
  const { seed: own = null } = /** @type {{seed?: unknown}} */ (study);
  if (seed === "student" && own !== null)
    throw wrong(
      '`study.seed` is set, and `seed` is "student": every student has a root seed of their own.',
      "Leave one of them out.",
    );
  const variants = variantsOf(/** @type {Record<string, unknown>} */ (study));
  /** @type {string[]} */
  const unknown = [];
  const assignment = {
    id,
    title: fields.text("title"),
    text: fields.texts("text"),
    study: /** @type {Record<string, unknown>} */ (study),
    seed,
    predict: fields.flag("predict", false),
    hide: controls(fields, "hide", unknown),
    lock: controls(fields, "lock", unknown),
    questions: questionsOf(fields, variants),
    evidence: new Fields(fields.value("evidence") ?? { points: 0 }, "evidence", ["points"]).points("points"),
  };
  return { assignment, hash: sha256(canonical(value)), unknown };
}

/**
 * The study file of one student.
 *
 * @param {Assignment} assignment
 * @param {number} seed
 */
export function studyText({ study, seed: whose }, seed) {
  return JSON.stringify(whose === "student" ? { ...study, seed } : study);
}

/** The root seed that the study of the file has. @param {Assignment} assignment */
export function fixedSeed({ study }) {
  const given = Object.hasOwn(study, "seed") ? study["seed"] : 0;
  return typeof given === "number" ? given : 0;
}

/**
 * Controls by name. Those that this version of the page does not have are left out, as those of a link are.
 *
 * @param {Fields} fields
 * @param {string} name
 * @param {string[]} unknown  where their names are put
 */
function controls(fields, name, unknown) {
  const names = fields.names(name);
  unknown.push(...names.filter((one) => !isControl(one)));
  return names.filter(isControl);
}

/** @param {Fields} fields @param {import("./questions/all.js").Variant[]} variants @returns {Question[]} */
function questionsOf(fields, variants) {
  const list = fields.value("questions") ?? [];
  if (!Array.isArray(list) || list.length > MOST_QUESTIONS)
    return fields.refuse("questions", `a list of at most ${MOST_QUESTIONS} questions`);
  const questions = list.map((one, index) => questionOf(one, `questions[${index}]`, variants));
  for (const { id } of questions)
    if (questions.filter((other) => other.id === id).length > 1)
      throw wrong(`\`questions\`: two questions have the id "${id}".`);
  return questions;
}

/**
 * @param {unknown} value
 * @param {string} path
 * @param {import("./questions/all.js").Variant[]} variants
 * @returns {Question}
 */
function questionOf(value, path, variants) {
  const every = ["id", "text", "points", "kind"];
  const all = [...every, ...new Set(KINDS.flatMap(({ fields }) => fields))];
  const kind = new Fields(value, path, all).one(
    "kind",
    KINDS.map((one) => one.kind),
  );
  const { fields: own, read } = kindOf({ kind });
  const fields = new Fields(value, path, [...every, ...own]);
  const id = fields.text("id");
  if (!QUESTION_ID.test(id)) fields.refuse("id", "1 to 40 letters, digits, hyphens and underscores");
  const plain = { choices: [], unit: "", component: "" };
  return { id, text: fields.text("text"), points: fields.points("points"), kind, ...plain, ...read(fields, variants) };
}

/**
 * The variants of a study file, as far as it says them: whether they are right is the engine's to say, and so is the
 * name of one that has none.
 *
 * @param {Record<string, unknown>} study
 */
function variantsOf(study) {
  const list = Object.hasOwn(study, "variants") && Array.isArray(study["variants"]) ? study["variants"] : [];
  return list.map((/** @type {any} */ one) => ({
    name: typeof one?.name === "string" ? one.name : null,
    removes: Boolean(one?.remove),
  }));
}
