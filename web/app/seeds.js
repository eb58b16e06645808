/**
 * What each seed of one set-up came to. One seed is one draw: a reader who draws another one should see both, not the
 * last one only.
 */

import { chosenAblation, keyOf, recipe } from "./link.js";

/** @typedef {import("./generated/protocol.js").Description} Description */
/** @typedef {import("./generated/protocol.js").View} View */
/** @typedef {"disruption"|"recovery"|"necessity"|"untuned"} Gap */
/** @typedef {{seed: number} & Record<Gap, number|null>} SeedMarks */
/** @typedef {{key: string, marks: SeedMarks[]}} Seeds  `key`: everything that is set but the seed */

/** So many seeds are kept; the oldest is forgotten first. */
const MOST = 30;

/**
 * The seeds with what is shown of the present one, if that is a result. Another set-up has none of them.
 *
 * @param {Seeds} seeds
 * @param {Description|null} description
 * @param {View|null} view
 * @returns {Seeds}
 */
export function keptSeeds(seeds, description, view) {
  if (!description) return seeds;
  const key = `${recipe({ ...description, settings: withoutSeed(description) })} ${keyOf(chosenAblation(description))}`;
  const marks = key === seeds.key ? seeds.marks : [];
  const { disruption = null, recovery = null, necessity = null, untuned = null } = view?.contrast ?? {};
  if (disruption === null) return key === seeds.key ? seeds : { key, marks };
  const seed = Number(description.settings.seed ?? 0);
  const others = marks.filter((one) => one.seed !== seed);
  return { key, marks: [...others.slice(1 - MOST), { seed, disruption, recovery, necessity, untuned }] };
}

/** @param {Description} description */
function withoutSeed({ settings }) {
  return Object.fromEntries(Object.entries(settings).filter(([path]) => path !== "seed"));
}

/** The other seeds. @param {Seeds} seeds @param {Description|null} description */
export function otherSeeds({ marks }, description) {
  const seed = Number(description?.settings.seed ?? 0);
  return marks.filter((one) => one.seed !== seed);
}
