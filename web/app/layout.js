/**
 * Where each site is drawn: a pure function of the placements and edges of the sites, so that a new backbone needs no
 * drawing of its own.
 *
 * The residual stream runs from top to bottom. A branch stands beside it, together with the norm that only the branch
 * reads; a group holds its rows; every other site stands in the stream, a norm behind a branch among them.
 */

/** @typedef {import("./generated/protocol.js").Site} Site */
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
    if (site.placement === "branch") {
      rows.push({ type: "branch", lead, site, inner, source: site.reads.length === 0 });
      lead = [];
    } else if (site.placement === "group") {
      rows.push({ type: "group", site, rows: rowsOf(sites, site.path) });
    } else if (leadsIntoBranch(site, sites)) {
      lead.push(site);
    } else {
      rows.push({ type: "stream", site, inner });
    }
  }
  // A norm whose branch is not drawn here still has its place.
  return [...rows, ...lead.map((site) => /** @type {StreamRow} */ ({ type: "stream", site, inner: [] }))];
}

/**
 * Whether a site is read by a branch that adds to something else: the stream goes around it.
 *
 * @param {Site} site
 * @param {Site[]} sites
 */
function leadsIntoBranch({ placement, path }, sites) {
  return (
    placement === "inline" &&
    sites.some((other) => other.placement === "branch" && other.reads.includes(path) && other.adds_to !== path)
  );
}
