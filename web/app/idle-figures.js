/**
 * Which figures of a report say nothing: their lines are flat, or lie on each other, by what the report itself says.
 * They are left out of what is looked through first, each with the reason, and stay a click away.
 */

/** @typedef {import("./generated/protocol.js").Figure} Figure */
/** @typedef {import("./generated/protocol.js").Analysis} Analysis */
/** @typedef {import("./generated/protocol.js").Answer} Answer */

/** A power that reads as 1. */
const CERTAIN = 0.995;

/**
 * Why a figure says nothing; empty if it says something.
 *
 * @param {Figure} figure
 * @param {Analysis} analysis
 */
export function idleBecause({ name, table }, { components }) {
  const recovered = /^recovery-(\d+)$/.exec(name)?.[1];
  const component = recovered === undefined ? undefined : components[Number(recovered) - 1];
  if (component?.answers.disruption && isWithin(component.answers.disruption))
    return "ablating it makes no difference above the margin, so there is nothing to recover";
  if (name === "power") {
    const powers = table.rows.flatMap((row) => row.slice(1).map(Number));
    if (powers.length > 0 && powers.every((power) => power >= CERTAIN)) return "the power is 1 at every number shown";
  }
  if (name === "ranks") {
    const column = table.columns.indexOf("rank by necessity");
    if (column >= 0 && new Set(table.rows.map((row) => row[column])).size === 1)
      return "no component differs from another in necessity by more than the margin";
  }
  return "";
}

/**
 * Whether a gap was shown to lie within the margin.
 *
 * @param {Pick<Answer, "verdict">} gap
 */
export function isWithin({ verdict }) {
  if (!verdict) return false;
  if (verdict.verdict === "equivalent" || verdict.verdict === "unchanged") return true;
  return "extent" in verdict && verdict.extent === "negligible";
}
