/**
 * One submission, read and checked: its form here, its record by the engine, which recomputes the report from the
 * outcomes and takes no number on trust. Grading is not done here; `ablation grade` does that.
 */

import { Fields, MOST_QUESTIONS, QUESTION_ID, wrong } from "../assignment/fields.js";
import { SUBMISSION } from "../assignment/schemas.js";
import { known, nameProblem, trimmed } from "../assignment/student.js";
import { canonical } from "../canonical.js";
import { memberTexts } from "../json-text.js";
import { sha256 } from "../sha256.js";
import { verdictOf } from "../verdicts.js";

/** @typedef {import("../planner.js").Planner} Planner */
/** @typedef {{component: string, needed: boolean}} Guess */
/**
 * @typedef {object} Component
 * @property {string} name
 * @property {string} label
 * @property {boolean} changed  whether it is not left out but changed
 * @property {number|null} disruption
 * @property {number|null} necessity
 * @property {{disruption: [number, number]|null, necessity: [number, number]|null}} intervals  95 %
 * @property {string} verdict  in words
 */
/**
 * @typedef {object} Submission
 * @property {string} file  what it is called here: two files of one name are told apart
 * @property {string} path  what it was called when it was opened
 * @property {string} digest  of its text
 * @property {number} at  when the file was written, in milliseconds
 * @property {string} student
 * @property {string} key  of the student, whatever the case of the name
 * @property {number} seed
 * @property {string} assignment  its id
 * @property {string} hash  of the assignment's file
 * @property {string} study  the study without its seed, as text
 * @property {Guess[]} prediction  most needed first
 * @property {Record<string, string|number>} answers
 * @property {Component[]} components
 * @property {number|null} margin
 * @property {string} unit
 * @property {number} done  trials
 * @property {boolean} complete
 */

/** Largest file that is read, in characters: a submission has 1 MB at most, and more if it was written out again. */
export const LARGEST = 4 << 20;

/** Most components of a prediction. */
const MOST_GUESSES = 64;

const FIELDS = ["schema", "assignment", "assignment_sha256", "student", "seed", "prediction", "answers", "record"];

/** How files begin that people take for a submission. @type {[RegExp, string][]} */
const OTHERS = [
  [/^.?PNG\r?\n/, "a PNG picture"],
  [/^\ufffd\ufffd\ufffd/, "a JPEG picture"],
  [/^%PDF/, "a PDF"],
  [/^PK[^\w\s]/, "a zip archive or an office document"],
  [/^\s*</, "a web page"],
  [/^\s*$/, "an empty file"],
];

/**
 * What the file says, before the engine has read its record.
 *
 * @param {string} text
 */
export function formOf(text) {
  const hint = "Ask for the file that the page wrote when the assignment was handed in.";
  if (text.length > LARGEST) throw wrong("The file is larger than any submission.", hint);
  let value;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    const other = OTHERS.find(([begins]) => begins.test(text.slice(0, 200)))?.[1];
    throw wrong(other ? `This is ${other}.` : `The file is not JSON: ${/** @type {Error} */ (error).message}.`, hint);
  }
  const schema = value !== null && typeof value === "object" ? value.schema : undefined;
  if (typeof schema === "string" && schema.startsWith("ablation-record/"))
    throw wrong("This is the record of a study without name and answers, not a submission.", hint);
  if (schema !== SUBMISSION) throw wrong(`This is no submission: its \`schema\` is not "${SUBMISSION}".`, hint);
  const fields = new Fields(value, "", FIELDS, "a submission");
  const student = trimmed(fields.text("student"));
  if (nameProblem(student) !== "") fields.refuse("student", "a name of 1 to 100 characters");
  const record = memberTexts(text)?.get("record");
  if (!record?.startsWith("{")) fields.refuse("record", "the record of a study");
  return {
    student,
    key: known(student),
    seed: fields.seed("seed"),
    assignment: fields.text("assignment"),
    hash: fields.text("assignment_sha256"),
    prediction: predictionIn(fields),
    answers: answersIn(fields),
    record: String(record),
  };
}

/** @param {Fields} fields @returns {Guess[]} */
function predictionIn(fields) {
  if (!fields.has("prediction")) return [];
  const list = fields.value("prediction");
  if (!Array.isArray(list) || list.length > MOST_GUESSES)
    return fields.refuse("prediction", `a list of at most ${MOST_GUESSES} components`);
  const guesses = list.map((one, index) => {
    const guess = new Fields(one, `prediction[${index}]`, ["component", "needed"]);
    return { component: guess.text("component"), needed: guess.flag("needed", false) };
  });
  const names = guesses.map(({ component }) => component);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrong(`\`prediction\` names the component "${twice.slice(0, 100)}" twice.`);
  return guesses;
}

/** @param {Fields} fields @returns {Record<string, string|number>} */
function answersIn(fields) {
  const value = fields.value("answers") ?? {};
  // An answer that is null was not given.
  const all = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : null;
  const entries = all?.filter(([, answer]) => answer !== null);
  if (!all || !entries?.every(([, answer]) => typeof answer === "string" || typeof answer === "number"))
    return fields.refuse("answers", "texts and numbers by the id of their question");
  if (all.length > MOST_QUESTIONS)
    throw wrong(`\`answers\` holds ${all.length}; an assignment has at most ${MOST_QUESTIONS} questions.`);
  const odd = all.find(([id]) => !QUESTION_ID.test(id));
  if (odd) throw wrong(`\`answers\` has one to "${odd[0].slice(0, 100)}", which is no id of a question.`);
  return Object.fromEntries(entries);
}

/**
 * A submission with what its record comes to.
 *
 * @param {{name: string, text: string, at: number}} file
 * @param {Planner} planner
 * @param {AbortSignal} signal
 * @returns {Promise<Submission>}
 */
export async function readSubmission({ name, text, at }, planner, signal) {
  const { record, ...form } = formOf(text);
  const { sheet, outcomes } = await planner.readRecord(record, signal);
  const study = sheet.study;
  if (!study) throw wrong("The record has no study that this version can read.");
  if (study.seed !== form.seed)
    throw wrong(`The submission says the root seed ${form.seed}, and its record has ${study.seed}.`);
  const known = new Map(outcomes.map((outcome) => [String(JSON.parse(outcome).trial), outcome]));
  await planner.open(study.json, known, signal);
  const { report } = await planner.report(signal);
  return {
    ...form,
    file: name,
    path: name,
    digest: sha256(text),
    at,
    study: withoutSeed(study.json),
    components: report.analysis.components.map((component) => ({
      name: component.component,
      label: component.label,
      changed: component.changed,
      disruption: component.answers.disruption?.mean ?? null,
      necessity: component.answers.necessity?.mean ?? null,
      intervals: {
        disruption: component.answers.disruption?.ci95 ?? null,
        necessity: component.answers.necessity?.ci95 ?? null,
      },
      verdict: verdictOf(component, report.analysis.units).name,
    })),
    margin: report.analysis.margin ?? null,
    unit: study.unit,
    done: report.progress.done,
    complete: report.progress.complete,
  };
}

/** A study as text that is the same whatever its seed is. @param {string} json  as the engine writes it */
export function withoutSeed(json) {
  return canonical({ ...JSON.parse(json), seed: 0 });
}
