/**
 * The run grid: a row for each arm of each component, a column for each search point or pair of final trials. A pure
 * function of the study and of what is known to be needed, so that it is whole before anything has run.
 *
 * A large study has thousands of cells. Neighbours in the same state are one stretch, which is one element, however
 * many they are.
 */

import { armOf } from "./glossary.js";

/** @typedef {import("./generated/protocol.js").ShownStudy} StudyShown */
/** @typedef {import("./generated/protocol.js").Entry} Entry */
/** @typedef {import("./generated/protocol.js").Searched} Searched */
/** @typedef {"done"|"running"|"part"|"waiting"} CellState  `part`: some of its trials are done and none is under way */
/** @typedef {{done: number, running: number, planned: number}} Cell */
/** @typedef {{key: string, component: string, arm: string, kind: string, cells: Cell[]}} Row */
/** @typedef {{key: "search"|"final", label: string, columns: string, rows: Row[]}} Section */
/** @typedef {{state: CellState, length: number}} Stretch */

/** @param {number} planned @returns {Cell} */
const cell = (planned) => ({ done: 0, running: 0, planned });

/**
 * @param {StudyShown} study
 * @param {Entry[]} schedule
 * @param {ReadonlySet<string>} done
 * @param {ReadonlyMap<string, number>} running
 * @returns {Section[]}
 */
export function gridOf(study, schedule, done, running) {
  const { design, variants, recovery } = study;
  const points = design.searches * design.trials;
  const pairs = design.searches * design.seeds;
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** @type {(section: string, component: string, arm: string, kind: string, columns: number, each: number) => void} */
  const add = (section, component, arm, kind, columns, each) => {
    if (each > 0)
      rows.set(`${section} ${component} ${kind}`, {
        key: `${component} ${kind}`,
        component,
        arm,
        kind,
        cells: Array.from({ length: columns }, () => cell(each)),
      });
  };
  const names = ["reference", "aa", ...variants.map(({ name }) => name)];
  for (const name of names) add("search", name, "search", "search", points, design.tuning_seeds);
  const further = recovery.budgets.length * recovery.rates.length;
  add("final", "reference", "trained", "trained", pairs, 1);
  add("final", "reference", armOf("S").name, "sham", pairs, further);
  add("final", "aa", "trained", "trained", pairs, 1);
  for (const { name, ablations, matched } of variants) {
    add("final", name, armOf("N").name, "trained", pairs, 1);
    add("final", name, armOf("U").name, "untuned", pairs, 1);
    add("final", name, armOf("M").name, "matched", pairs, matched ? 1 : 0);
    add("final", name, armOf("D").name, "ablated", pairs, ablations.length);
    add("final", name, armOf("H").name, "recovered", pairs, ablations.length > 0 ? further : 0);
    add(
      "final",
      name,
      armOf("Z").name,
      "short_retrain",
      pairs,
      ablations.length > 0 && recovery.short_retrain ? further : 0,
    );
  }
  /** What is scheduled of each cell, where anything is. @type {Map<Cell, number>} */
  const scheduled = new Map();
  for (const entry of schedule) {
    const { section, component, column } = place(entry, study);
    const row = rows.get(`${section} ${component} ${entry.role}`);
    if (!row) continue;
    // A range that was widened has more points than were planned.
    while (row.cells.length <= column) row.cells.push(cell(0));
    const at = /** @type {Cell} */ (row.cells[column]);
    scheduled.set(at, (scheduled.get(at) ?? 0) + 1);
    if (done.has(entry.id)) at.done += 1;
    else if (running.has(entry.id)) at.running += 1;
  }
  for (const [at, count] of scheduled) at.planned = Math.max(at.planned, count);
  const rowsOf = (/** @type {string} */ section) =>
    [...rows].flatMap(([key, row]) => (key.startsWith(`${section} `) ? [row] : []));
  return [
    { key: "search", label: "Search", columns: "search points", rows: rowsOf("search") },
    {
      key: "final",
      label: "Final trials",
      columns: design.searches > 1 ? "seeds of each search" : "seeds",
      rows: rowsOf("final"),
    },
  ];
}

/** Where a trial stands. @param {Entry} entry @param {StudyShown} study */
function place(entry, { design, variants }) {
  // Ablations of references of the search are few, short and in no row.
  if (entry.role === "ablated_candidate") return { section: "search", component: "", column: 0 };
  if (entry.role === "search") {
    // Points beyond the design are those of a widened range; they stand behind all others.
    const column =
      entry.point < design.trials
        ? entry.search * design.trials + entry.point
        : design.searches * design.trials + entry.search * design.trials + entry.point - design.trials;
    return { section: "search", component: nameOf(entry.arm, variants), column };
  }
  const column = entry.pair.seed * design.searches + entry.pair.search;
  if (entry.role === "trained") return { section: "final", component: nameOf(entry.arm, variants), column };
  if (entry.role === "sham") return { section: "final", component: "reference", column };
  return { section: "final", component: variants[entry.variant]?.name ?? "", column };
}

/** @param {Searched} arm @param {StudyShown["variants"]} variants */
function nameOf(arm, variants) {
  return typeof arm === "string" ? arm : (variants[arm.own]?.name ?? "");
}

/** @param {Cell} cell @returns {CellState} */
export function stateOf({ done, running, planned }) {
  if (running > 0) return "running";
  return done >= planned && planned > 0 ? "done" : done > 0 ? "part" : "waiting";
}

/** Neighbours in the same state, together. @param {Cell[]} cells @returns {Stretch[]} */
export function stretches(cells) {
  /** @type {Stretch[]} */
  const all = [];
  for (const one of cells) {
    const state = stateOf(one);
    const last = all.at(-1);
    if (last?.state === state) last.length += 1;
    else all.push({ state, length: 1 });
  }
  return all;
}

/** How far a row is. @param {Row} row */
export function countOf({ cells }) {
  return cells.reduce(
    (sum, { done, running, planned }) => ({
      done: sum.done + done,
      running: sum.running + running,
      planned: sum.planned + planned,
    }),
    { done: 0, running: 0, planned: 0 },
  );
}
