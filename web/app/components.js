/**
 * The rows of the study: what can be left out of the model or put into it, and which of that is studied. A pure
 * function of the model's components and of the study.
 */

/** @typedef {import("./generated/protocol.js").Description} Description */
/** @typedef {import("./generated/protocol.js").Sheet} Sheet */
/** @typedef {import("./generated/protocol.js").Site} Site */
/** @typedef {import("./generated/protocol.js").Grade} Grade */
/** @typedef {import("./generated/protocol.js").Variant} Variant */
/**
 * @typedef {object} Choice
 * @property {"without"|"with"} list  the key of the link that it belongs to
 * @property {string} entry  as the link says it
 * @property {string} label  the difference from the reference
 * @property {string} what  in words
 * @property {boolean} chosen
 * @property {Variant|null} variant  what the study makes of it
 * @property {boolean} matched  whether it is trained at the reference's size as well
 * @property {string} unmatched  why it cannot be; empty if it can
 * @property {Grade|null} grade  of training without it, as far as it is known
 * @property {string[]} ablations  ways to ablate it that are offered
 * @property {number} depth
 * @property {boolean} small  a component inside a component, which most studies leave alone
 */

/** Kinds of components inside a component. */
const SMALL = new Set(["head", "norm", "activation", "input"]);

/**
 * @param {Description} description
 * @param {Sheet} sheet
 * @returns {Choice[]}
 */
export function choicesOf(description, sheet) {
  const { sites } = description;
  // The engine names a variant of a link as the link does. Until it has read what was ticked just now there is none.
  const variantOf = (/** @type {string} */ entry) => sheet.study?.variants.find(({ name }) => name === entry) ?? null;
  /** @type {(list: "without"|"with", entry: string, more: Partial<Choice>) => Choice} */
  const choice = (list, entry, more) => {
    const chosen = sheet[list].includes(entry);
    const variant = chosen ? variantOf(entry) : null;
    const [matched, unmatched] = [chosen && sheet.matched.includes(entry), sheet.unmatched[entry] ?? ""];
    return {
      list,
      entry,
      label: entry,
      what: "",
      chosen,
      variant,
      matched,
      unmatched,
      grade: null,
      ablations: [],
      depth: 0,
      small: false,
      ...more,
    };
  };
  const components = sites.map((site) =>
    choice("without", site.path, {
      label: `− ${site.path}`,
      what: site.label,
      grade: site.removal,
      ablations: site.ablations
        .filter(({ grade, parameters }) => grade.grade !== "refused" && parameters.length === 0)
        .map(({ label }) => label.toLowerCase()),
      depth: depthOf(site, sites),
      small: SMALL.has(site.kind),
    }),
  );
  const known = new Set(components.map(({ entry }) => entry));
  const patterns = patternsOf(sites)
    .filter(({ pattern }) => !known.has(pattern))
    .map(({ pattern, label }) => choice("without", pattern, { label: `− ${pattern}`, what: label }));
  for (const { entry } of patterns) known.add(entry);
  const joined = sheet.without
    .filter((entry) => !known.has(entry))
    .map((entry) =>
      choice("without", entry, {
        label: entry
          .split("+")
          .map((path) => `− ${path}`)
          .join(", "),
        what: "together",
      }),
    );
  /** @type {Map<string, string>} */
  const swaps = new Map(
    sites.flatMap((site) =>
      site.swaps.map(({ path, value, label }) => /** @type {[string, string]} */ ([`${path}=${value}`, label])),
    ),
  );
  const swapped = [...swaps].map(([entry, label]) =>
    choice("with", entry, { label, what: fieldLabel(description, entry) }),
  );
  const set = sheet.with
    .filter((entry) => !swaps.has(entry))
    .map((entry) =>
      choice("with", entry, { label: variantOf(entry)?.label ?? entry, what: fieldLabel(description, entry) }),
    );
  return [...components, ...patterns, ...joined, ...swapped, ...set];
}

/** @param {Site} site @param {Site[]} sites @returns {number} */
function depthOf({ parent }, sites) {
  const above = parent === null ? undefined : sites.find(({ path }) => path === parent);
  return above ? 1 + depthOf(above, sites) : 0;
}

/**
 * The same component of every block, together, where there are several.
 *
 * @param {Site[]} sites
 * @returns {{pattern: string, label: string}[]}
 */
function patternsOf(sites) {
  /** @type {Map<string, {label: string, count: number}>} */
  const found = new Map();
  for (const { path, label, placement, removal } of sites) {
    const pattern = path.replace(/^blocks\.\d+\./, "blocks.*.");
    if (pattern === path || placement !== "branch" || removal.grade === "refused") continue;
    found.set(pattern, { label, count: (found.get(pattern)?.count ?? 0) + 1 });
  }
  return [...found]
    .filter(([, { count }]) => count > 1)
    .map(([pattern, { label, count }]) => ({ pattern, label: `${label}, all ${count} blocks together` }));
}

/** @param {Description} description @param {string} entry */
function fieldLabel({ fields }, entry) {
  return entry
    .split("+")
    .map((change) => fields.find(({ path }) => path === change.split("=")[0])?.label ?? change)
    .join(", ");
}

/**
 * The settings that choose or drop a variant, as changes to the link.
 *
 * @param {Sheet} sheet
 * @param {Pick<Choice, "list"|"entry">} choice
 * @param {boolean} chosen
 * @param {Choice[]} order  the rows, whose order the link keeps
 */
export function choosing(sheet, { list, entry }, chosen, order) {
  const entries = sheet[list].filter((one) => one !== entry);
  if (chosen) entries.push(entry);
  const place = (/** @type {string} */ one) => order.findIndex((row) => row.list === list && row.entry === one);
  const sorted = entries.sort((a, b) => (place(a) + 1 || Infinity) - (place(b) + 1 || Infinity));
  // An empty list of what is left out is a choice as well: without it the usual components would come back.
  const changes = { [`study.${list}`]: list === "with" && sorted.length === 0 ? null : sorted.join(",") };
  return chosen ? changes : { ...changes, ...matching(sheet, entry, false) };
}

/**
 * The settings that have a variant trained at the reference's size as well, or not.
 *
 * @param {Sheet} sheet
 * @param {string} entry
 * @param {boolean} matched
 * @returns {Record<string, string|null>}
 */
export function matching(sheet, entry, matched) {
  const entries = sheet.matched.filter((one) => one !== entry);
  if (matched) entries.push(entry);
  return { "study.matched": entries.join(",") || null };
}

/** The settings that a variant may change. @param {Description} description */
export function changeable({ fields }) {
  return fields.filter(({ path }) => /^(model|train)\./.test(path) && path !== "train.steps" && path !== "train.batch");
}
