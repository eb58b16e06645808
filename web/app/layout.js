/**
 * Where each site is drawn: a pure function of the list of sites, so that a model of another family needs no drawing of
 * its own.
 *
 * The residual stream runs from top to bottom. A site that adds to it is a branch beside it, together with what only
 * the branch reads
 * (its norm); a site that holds branches is a group; every other site stands in the stream, a norm behind a branch
 * among them.
 */

/** @typedef {import("./protocol.js").Site} Site */
/** @typedef {{type: "stream", site: Site, inner: Site[]}} StreamRow */
/**
 * @typedef {{type: "branch", lead: Site[], site: Site, inner: Site[], source: boolean}} BranchRow  `source`: reads the
 *   input, not the stream
 */
/** @typedef {{type: "group", site: Site, rows: Row[]}} GroupRow */
/** @typedef {StreamRow|BranchRow|GroupRow} Row */

/**
 * The rows of a model, from its input to its output.
 *
 * @param {Site[]} sites
 * @param {string|null} [parent]
 * @returns {Row[]}
 */
export function rowsOf(sites, parent = null) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {Site[]} */
  let lead = [];
  for (const site of sites.filter((one) => (one.parent ?? null) === parent)) {
    const inner = sites.filter((one) => one.parent === site.path);
    if (site.branch) {
      // At the top level nothing is read from the stream: a position or a noise level comes in from beside.
      rows.push({ type: "branch", lead, site, inner, source: parent === null });
      lead = [];
    } else if (inner.some((one) => one.branch)) {
      rows.push({ type: "group", site, rows: rowsOf(sites, site.path) });
    } else if (parent !== null && !site.inline) {
      lead.push(site);
    } else {
      rows.push({ type: "stream", site, inner });
    }
  }
  return [...rows, ...lead.map((site) => /** @type {StreamRow} */ ({ type: "stream", site, inner: [] }))];
}
