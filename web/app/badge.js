/** Where a number comes from, said beside it: stored with the page, or computed here and on what. */

/** @typedef {import("./generated/protocol.js").NumberSource} Source */

/** @param {Source} source */
export function badge({ kind, device }) {
  return kind === "stored" ? "stored" : `computed here, on ${device}`;
}

/** @param {Source} source */
export function seedsText({ seeds }) {
  return seeds === 1 ? "one seed: no verdict" : `${seeds} seeds`;
}

/** Where a report comes from. @param {import("./study-state.js").StudySource} source */
export function studyBadge({ kind, device }) {
  if (kind === "stored") return "stored";
  if (kind === "unverified") return "not verified: the engine that recomputes reports is not loaded";
  return kind === "computed" ? `computed here, on ${device}` : `partly stored, partly computed here, on ${device}`;
}
