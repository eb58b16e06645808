/**
 * What a class found, of the submissions that were read: which of them belong together, how often each verdict was
 * found, and the table as a file. Pure.
 */

import { count, isolated } from "../format.js";
import { termsOf } from "../glossary.js";
import { difference, heading, neededText } from "../labels.js";
import { sentence } from "../verdicts.js";

/** @typedef {import("./submission.js").Submission} Submission */
/** @typedef {{file: string, why: string, digest?: string}} Refused  digest: of what was read of it */
/** @typedef {import("../assignment/file.js").Assignment} Assignment */
/**
 * @typedef {object} Given  the assignment's own file
 * @property {string} file  what it is called
 * @property {Assignment} assignment
 * @property {string} hash
 * @property {string} study  the study without its seed, as that of a submission
 * @property {number|null} seed  that of everybody; `null` if every student has a root seed of their own
 */
/**
 * @typedef {object} Found  by the class, in one assignment
 * @property {string} assignment  its id
 * @property {string} title  of the assignment's own file, if that was opened; otherwise its id
 * @property {string|null} against  the assignment's own file, by its name; `null` if none was opened
 * @property {Submission[]} submissions  that count: one a student, of one study
 * @property {Earlier[]} earlier  submissions of students who handed in a later one
 * @property {{name: string, label: string, changed: boolean}[]} components
 * @property {{id: string, text: string}[]} questions
 * @property {string} unit
 * @property {number|null} margin  the median of the class
 */
/** @typedef {{one: Submission, later: Submission}} Earlier  later: the one that counts */

/**
 * What the class found in each assignment, by the assignment's id, and what is left out.
 *
 * @param {readonly Submission[]} read
 * @param {readonly Given[]} givens
 * @param {(assignment: string, student: string) => number} seedOf
 * @returns {{groups: Found[], refused: Refused[]}}
 */
export function classOf(read, givens, seedOf) {
  /** @type {Refused[]} */
  const refused = [];
  const ids = [...new Set(read.map(({ assignment }) => assignment))].sort();
  const groups = ids.map((id) => {
    const given = givens.find(({ assignment }) => assignment.id === id) ?? null;
    const of = read.filter(({ assignment }) => assignment === id);
    return groupOf(id, of, given, seedOf, refused);
  });
  return { groups: groups.filter(({ submissions }) => submissions.length > 0), refused };
}

/**
 * @param {string} id
 * @param {readonly Submission[]} read  all of this assignment
 * @param {Given|null} given
 * @param {(assignment: string, student: string) => number} seedOf
 * @param {Refused[]} refused  where what is left out is put
 * @returns {Found}
 */
function groupOf(id, read, given, seedOf, refused) {
  const keep = (
    /** @type {readonly Submission[]} */ all,
    /** @type {(one: Submission) => boolean} */ fits,
    /** @type {(one: Submission) => string} */ why,
  ) => all.filter((one) => fits(one) || (refused.push({ file: one.file, why: why(one) }), false));
  const versions = most(read, (one) => one.hash);
  const hash = given?.hash ?? versions?.value;
  const than = given ? `the assignment's file, ${isolated(given.file)}` : majorityText(versions, "most of the files");
  let left = keep(
    read,
    (one) => one.hash === hash,
    () => `It answers another version of the assignment "${id}" than ${than}.`,
  );
  const isOwn = (/** @type {Submission} */ one) => one.seed === seedOf(id, one.student);
  // No seed is a student's by chance: where those of most are, all have to be.
  const own = left.filter(isOwn).length;
  const fixed = given?.seed ?? null;
  if (fixed !== null)
    left = keep(
      left,
      ({ seed }) => seed === fixed,
      ({ seed }) => `Its root seed is ${seed}, and that of everybody is ${fixed} in ${isolated(given?.file ?? "")}.`,
    );
  else if (given || (own > 0 && 2 * own >= left.length))
    left = keep(left, isOwn, ({ seed, student }) => `Its root seed ${seed} is not the one of ${isolated(student)}.`);
  const studies = most(left, ({ study }) => study);
  const shared = given?.study ?? studies?.value;
  const other = given ? `that of ${isolated(given.file)}` : majorityText(studies, "those of the class");
  left = keep(
    left,
    ({ study }) => study === shared,
    () => `Its record is of another study than ${other}.`,
  );
  /** @type {Map<string, Submission>} */
  const last = new Map();
  for (const one of left) {
    const before = last.get(one.key);
    if (!before || one.at >= before.at) last.set(one.key, one);
  }
  const submissions = left.filter((one) => last.get(one.key) === one);
  const earlier = left.flatMap((one) => {
    const later = last.get(one.key) ?? one;
    return later === one ? [] : [{ one, later }];
  });
  const [first] = submissions;
  const answered = [...new Set(submissions.flatMap(({ answers }) => Object.keys(answers)))].sort();
  const margins = submissions.flatMap(({ margin }) => (margin === null ? [] : [margin]));
  return {
    assignment: id,
    title: given?.assignment.title ?? id,
    against: given?.file ?? null,
    submissions,
    earlier,
    components: first?.components.map(({ name, label, changed }) => ({ name, label, changed })) ?? [],
    questions:
      given?.assignment.questions.map(({ id, text }) => ({ id, text })) ?? answered.map((id) => ({ id, text: id })),
    unit: first?.unit ?? "",
    margin: median(margins),
  };
}

/** Who handed in several files, and which of them counts, as a sentence for each. @param {Found} found */
export function doublesOf({ submissions, earlier }) {
  return submissions.flatMap((counts) => {
    const others = earlier.filter(({ later }) => later === counts).map(({ one }) => one);
    if (others.length === 0) return [];
    const same = others.some(({ at }) => at === counts.at);
    const why = same ? "the one that was opened last" : "the later";
    const names = others.map(({ file }) => isolated(file)).join(", ");
    const not = others.length === 1 ? "does not" : "do not";
    const files = `${count(others.length + 1)} files`;
    const [who, which] = [isolated(counts.student), isolated(counts.file)];
    return [`${who} handed in ${files}: ${which}, ${why}, counts, and ${names} ${not}.`];
  });
}

/**
 * The value that most of them have, with the first file that has it, and whether as many have another; `null` if there
 * are none.
 *
 * @template T
 * @param {readonly Submission[]} submissions
 * @param {(one: Submission) => T} value
 * @returns {{value: T, file: string, tied: boolean}|null}
 */
function most(submissions, value) {
  /** @type {Map<string, {value: T, file: string, times: number}>} */
  const seen = new Map();
  for (const one of submissions) {
    const found = value(one);
    const key = JSON.stringify(found);
    const { file = one.file, times = 0 } = seen.get(key) ?? {};
    seen.set(key, { value: found, file, times: times + 1 });
  }
  const [first, second] = [...seen.values()].sort((a, b) => b.times - a.times);
  return first ? { value: first.value, file: first.file, tied: first.times === second?.times } : null;
}

/**
 * What a submission was compared with: the others, or where they are even the file that was opened first.
 *
 * @param {ReturnType<typeof most>} found
 * @param {string} others
 */
function majorityText(found, others) {
  if (!found?.tied) return others;
  return (
    `that of ${isolated(found.file)}, which was opened first. As many submissions have the one as the other: open ` +
    "the assignment's own file, which decides"
  );
}

/** The median; `null` of nothing. @param {readonly number[]} values */
export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/**
 * The middle half: from the lower to the upper quartile, between values as most programs do it (Hyndman and Fan,
 * definition 7); `null` of nothing.
 *
 * @param {readonly number[]} values
 * @returns {[number, number]|null}
 */
export function quartiles(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => {
    const place = share * (sorted.length - 1);
    const low = Number(sorted[Math.floor(place)]);
    return low + (place % 1) * (Number(sorted[Math.ceil(place)]) - low);
  };
  return [at(0.25), at(0.75)];
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
    const component = componentOf(submission, name);
    const value = component?.[gap] ?? null;
    return value === null ? [] : [{ student: submission.student, value, interval: component?.intervals[gap] ?? null }];
  });
}

/**
 * How often each verdict was found, as a sentence for each component: `Without position: 18 of 20 redundant; 2
 * necessary.`
 *
 * @param {Found} found
 */
export function sentencesOf({ submissions, components }) {
  const all = submissions.length;
  return components.map(({ name, label, changed }) => {
    /** @type {Map<string, number>} */
    const times = new Map();
    for (const submission of submissions) {
      const verdict = componentOf(submission, name)?.verdict ?? "no verdict";
      times.set(verdict, (times.get(verdict) ?? 0) + 1);
    }
    const [first, ...others] = [...times].sort(([, a], [, b]) => b - a);
    if (!first) return { name, text: "" };
    const rest = others.map(([verdict, number]) => `; ${count(number)} ${verdict}`).join("");
    // One a student, whatever a file says.
    const guesses = submissions.flatMap(
      ({ prediction }) => prediction.find(({ component }) => component === name) ?? [],
    );
    const needed = guesses.filter((guess) => guess.needed).length;
    const what = changed ? "the model is worse with the change" : "it is needed";
    const guessed =
      guesses.length > 0 ? ` ${count(needed)} of ${count(guesses.length)} had predicted that ${what}.` : "";
    const found = `${count(first[1])} of ${count(all)} ${first[0]}${rest}.${guessed}`;
    // The value of a setting keeps its small letter.
    const called = heading({ name, label });
    return { name, text: `${changed ? called : sentence(called)}: ${found}` };
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
export function predictionText(submission) {
  const said = submission.prediction.map(({ component, needed }) => {
    const changed = componentOf(submission, component)?.changed ?? false;
    return `${component} (${neededText(needed, changed)})`;
  });
  return said.join(", ");
}

/** The table as CSV (RFC 4180). @param {Found} found */
export function csvOf({ submissions, earlier, components, questions }) {
  const head = [
    ...["student", "counts", "seed", "file", "trials", "complete", "prediction"],
    ...components.flatMap(({ name, label }) =>
      ["disruption", "necessity", "verdict"].map((what) => `${difference(label)} (${name}): ${what}`),
    ),
    ...questions.map(({ id }) => `answer: ${id}`),
  ];
  const all = [
    ...submissions.map((one) => ({ one, counts: "yes" })),
    ...earlier.map(({ one, later }) => ({ one, counts: `no, ${later.file} does` })),
  ];
  const rows = all.map(({ one, counts }) => [
    ...[one.student, counts, one.seed, one.file, one.done, one.complete ? "yes" : "no", predictionText(one)],
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
