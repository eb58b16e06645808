/**
 * The loss curves as numbers, read from the tables that come with the figures, and the scale that all arms share: the
 * sparklines of the cards would mean nothing on four scales.
 */

/** @typedef {import("./generated/protocol.js").View} View */
/** @typedef {import("./generated/protocol.js").Table} Table */
/** @typedef {{step: number, loss: number}} Point */
/** @typedef {{steps: number, loss: number}} Scale */

/** A number as the engine's tables write it. @param {string|undefined} text */
export function numberOf(text) {
  const found = (text ?? "").replace(/[−–]/g, "-").replace(/[\s\u202f\u2009\u00a0]/g, "");
  return found === "" || found === "—" ? NaN : Number(found);
}

/**
 * The points of one arm. Its column bears its name.
 *
 * @param {Table|undefined} table
 * @param {string} arm
 * @returns {Point[]}
 */
export function curveOf(table, arm) {
  const column = table?.columns.indexOf(arm) ?? -1;
  if (!table || column < 1) return [];
  return table.rows.flatMap((row) => {
    const [step, loss] = [numberOf(row[0]), numberOf(row[column])];
    return Number.isFinite(step) && Number.isFinite(loss) ? [{ step, loss }] : [];
  });
}

/** The table of a panel's loss curve. @param {import("./generated/protocol.js").Panel} panel */
export function lossTable({ figures }) {
  return figures.find(({ name }) => name === "loss")?.table;
}

/**
 * The curve of the arm that a panel is of.
 *
 * @param {import("./generated/protocol.js").Panel} panel
 * @returns {Point[]}
 */
export function ownCurve(panel) {
  return curveOf(lossTable(panel), panel.arms[0]?.name ?? panel.name);
}

/**
 * The scale on which every arm and the constant predictor have room.
 *
 * @param {View|null} view
 * @param {number|null} constant
 * @returns {Scale}
 */
export function scaleOf(view, constant) {
  const points = (view?.panels ?? []).flatMap(ownCurve);
  return {
    steps: Math.max(1, ...points.map(({ step }) => step)),
    loss: 1.05 * Math.max(1e-6, constant ?? 0, ...points.map(({ loss }) => loss)),
  };
}

/**
 * A polyline in a box of 100 by 100, with the origin at its top left.
 *
 * @param {Point[]} points
 * @param {Scale} scale
 */
export function polyline(points, scale) {
  return points
    .map(({ step, loss }) => `${(100 * step) / scale.steps},${100 - (100 * Math.max(0, loss)) / scale.loss}`)
    .join(" ");
}

/**
 * One example of an arm's predictions: each token, and whether it is another one than the target's. `null` where
 * examples are not tokens.
 *
 * @param {Table|undefined} table
 * @returns {{tokens: {text: string, wrong: boolean}[], correct: string}|null}
 */
export function exampleOf(table) {
  const at = (/** @type {string} */ name) => table?.columns.indexOf(name) ?? -1;
  const row = table?.rows[0];
  if (!row || at("target") < 0 || at("prediction") < 0) return null;
  const target = (row[at("target")] ?? "").split(" ");
  const tokens = (row[at("prediction")] ?? "").split(" ").map((text, index) => ({
    text,
    wrong: text !== target[index],
  }));
  return { tokens, correct: row[at("correct")] ?? "" };
}
