/**
 * What a class found, of the submissions that were read: which of them belong together, how often each verdict was
 * found, and the table as a file. Pure.
 */

import { count } from "../format.js";
import { termsOf } from "../glossary.js";

/** @typedef {import("./submission.js").Submission} Submission */
/** @typedef {{file: string, why: string}} Refused */
/** @typedef {import("../assignment/file.js").Assignment} Assignment */
/** @typedef {{assignment: Assignment, hash: string}} Given  the assignment's own file */
/**
 * @typedef {object} Found
 * @property {Submission[]} submissions  one a student, of one assignment and one study
 * @property {Refused[]} refused
 * @property {{name: string, label: string}[]} components
 * @property {{id: string, text: string}[]} questions
 * @property {string} unit
 * @property {number|null} margin  the median of the class
 */

/**
 * @param {readonly Submission[]} read
 * @param {Given|null} given
 * @param {(assignment: string, student: string) => number} seedOf
 * @returns {Found}
 */
export function classOf(read, given, seedOf) {
  /** @type {Refused[]} */
  const refused = [];
  const belongs = given
    ? { id: given.assignment.id, hash: given.hash }
    : most(read, ({ assignment, hash }) => ({ id: assignment, hash }));
  let left = read.filter((one) => {
    if (belongs && one.assignment === belongs.id && one.hash === belongs.hash) return true;
    const id = `"${belongs?.id}"`;
    const [other, which] =
      one.assignment === belongs?.id
        ? [`another version of the assignment ${id}`, ""]
        : [`another assignment ("${one.assignment}")`, ` (${id})`];
    const than = given ? "the assignment's file that was opened" : "most of the files";
    refused.push({ file: one.file, why: `It answers ${other} than ${than}${which}.` });
    return false;
  });
  if (given?.assignment.seed === "student")
    left = left.filter((one) => {
      if (one.seed === seedOf(one.assignment, one.student)) return true;
      refused.push({ file: one.file, why: `Its root seed ${one.seed} is not the one of ${one.student}.` });
      return false;
    });
  const shared = most(left, ({ study }) => study);
  left = left.filter((one) => {
    if (one.study === shared) return true;
    refused.push({ file: one.file, why: "Its record is of another study than those of the class." });
    return false;
  });
  const submissions = left.filter((one) => {
    const last = left.filter(({ key }) => key === one.key).reduce((a, b) => (b.at > a.at ? b : a));
    if (last === one) return true;
    refused.push({ file: one.file, why: `${one.student} handed in ${last.file} as well, which is newer.` });
    return false;
  });
  const [first] = submissions;
  const ids = [...new Set(submissions.flatMap(({ answers }) => Object.keys(answers)))].sort();
  const margins = submissions.flatMap(({ margin }) => (margin === null ? [] : [margin]));
  return {
    submissions,
    refused,
    components: first?.components.map(({ name, label }) => ({ name, label })) ?? [],
    questions: given?.assignment.questions.map(({ id, text }) => ({ id, text })) ?? ids.map((id) => ({ id, text: id })),
    unit: first?.unit ?? "",
    margin: median(margins),
  };
}

/**
 * The value that most of them have; `null` if there are none.
 *
 * @template T
 * @param {readonly Submission[]} submissions
 * @param {(one: Submission) => T} value
 * @returns {T|null}
 */
function most(submissions, value) {
  /** @type {Map<string, {value: T, times: number}>} */
  const seen = new Map();
  for (const one of submissions) {
    const found = value(one);
    const key = JSON.stringify(found);
    seen.set(key, { value: found, times: (seen.get(key)?.times ?? 0) + 1 });
  }
  return [...seen.values()].sort((a, b) => b.times - a.times)[0]?.value ?? null;
}

/** The median; `null` of nothing. @param {readonly number[]} values */
export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** What a student's record says of a component. @param {Submission} submission @param {string} name */
export function componentOf({ components }, name) {
  return components.find((one) => one.name === name) ?? null;
}

/**
 * The values of a gap of a component, one a student.
 *
 * @param {Found} found
 * @param {string} name
 * @param {"disruption"|"necessity"} gap
 */
export function valuesOf({ submissions }, name, gap) {
  return submissions.flatMap((submission) => {
    const value = componentOf(submission, name)?.[gap] ?? null;
    return value === null ? [] : [{ student: submission.student, value }];
  });
}

/**
 * How often each verdict was found, as a sentence for each component: `18 of 20 found position redundant`.
 *
 * @param {Found} found
 */
export function sentencesOf({ submissions, components }) {
  const all = submissions.length;
  return components.map(({ name }) => {
    /** @type {Map<string, number>} */
    const times = new Map();
    for (const submission of submissions) {
      const verdict = componentOf(submission, name)?.verdict ?? "no verdict";
      times.set(verdict, (times.get(verdict) ?? 0) + 1);
    }
    const [first, ...others] = [...times].sort(([, a], [, b]) => b - a);
    if (!first) return { name, text: "" };
    const rest = others.map(([verdict, number]) => `; ${count(number)} ${verdict}`).join("");
    const guesses = submissions.flatMap(({ prediction }) => prediction.filter(({ component }) => component === name));
    const needed = guesses.filter((guess) => guess.needed).length;
    const guessed =
      guesses.length > 0 ? ` ${count(needed)} of ${count(guesses.length)} had predicted that it is needed.` : "";
    return { name, text: `${count(first[1])} of ${count(all)} found ${name} ${first[0]}${rest}.${guessed}` };
  });
}

/**
 * What was answered; empty if nothing was. A verdict that was written by its key is called as everywhere else.
 *
 * @param {Submission} submission
 * @param {string} question
 */
export function answerOf({ answers }, question) {
  const answer = Object.hasOwn(answers, question) ? (answers[question] ?? "") : "";
  return termsOf("combined").find(({ key }) => key === answer)?.name ?? answer;
}

/** A prediction in a few words, most needed first. @param {Submission} submission */
export function predictionText({ prediction }) {
  return prediction.map(({ component, needed }) => `${component}${needed ? "" : " (not needed)"}`).join(", ");
}

/** The table as CSV (RFC 4180). @param {Found} found */
export function csvOf({ submissions, components, questions }) {
  const head = [
    ...["student", "seed", "file", "trials", "complete", "prediction"],
    ...components.flatMap(({ name }) => ["disruption", "necessity", "verdict"].map((what) => `${name}: ${what}`)),
    ...questions.map(({ id }) => `answer: ${id}`),
  ];
  const rows = submissions.map((one) => [
    ...[one.student, one.seed, one.file, one.done, one.complete ? "yes" : "no", predictionText(one)],
    ...components.flatMap(({ name }) => {
      const { disruption, necessity, verdict } = componentOf(one, name) ?? {};
      return [disruption ?? "", necessity ?? "", verdict ?? ""];
    }),
    ...questions.map(({ id }) => answerOf(one, id)),
  ]);
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** A cell; a text that a spreadsheet would compute is kept a text. @param {string|number} value */
function cell(value) {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
