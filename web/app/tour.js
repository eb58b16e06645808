/**
 * A short tour made of sentences that set the page. A stop is data; one that speaks of a preset or a site that this
 * build does not have is
 * left out, so that no button leads nowhere.
 */

/** @typedef {import("./protocol.js").Preset} Preset */
/**
 * @typedef {object} Stop
 * @property {string} before  the sentence up to its button
 * @property {string} button  the part of the sentence that sets the page
 * @property {string} after
 * @property {string} preset
 * @property {Record<string, string|number>} settings  what differs from the preset
 * @property {string|null} select  the site whose actions are shown
 */

/** @type {Stop[]} */
export const STOPS = [
  {
    before: "A small transformer repeats what it reads. ",
    button: "Cut the attention of its first block",
    after: ", and beside it watch one that never had it: is it a shock, or a need?",
    preset: "repeat",
    settings: { "ablation.site": "blocks.0.attn", "ablation.operator": "mean" },
    select: "blocks.0.attn",
  },
  {
    before: "The answer belongs to the part, not to the method. ",
    button: "Cut its position embedding",
    after: " and compare: what can the rest make up for when it grows up without?",
    preset: "repeat",
    settings: { "ablation.site": "position", "ablation.operator": "mean" },
    select: "position",
  },
  {
    before: "What stands in the place of a part decides the number. ",
    button: "Set that same attention to zero",
    after: ", then to its mean: the difference is surprise, not importance.",
    preset: "repeat",
    settings: { "ablation.site": "blocks.0.attn", "ablation.operator": "zero" },
    select: "blocks.0.attn",
  },
  {
    before: "It is not about text. ",
    button: "Keep the noise level from a diffusion model",
    after: " and watch its cloud of points.",
    preset: "two-moons",
    settings: { "ablation.site": "time", "ablation.operator": "mean" },
    select: "time",
  },
];

/** The link of a stop. @param {Stop} stop @param {Preset} preset */
export function linkOf({ settings }, preset) {
  const given = new URLSearchParams(preset.link);
  for (const [path, value] of Object.entries(settings)) given.set(path, String(value));
  return given.toString();
}

/** The stops that this build can go to. @param {Preset[]} presets @returns {{stop: Stop, preset: Preset}[]} */
export function stopsFor(presets) {
  return STOPS.flatMap((stop) => {
    const preset = presets.find(({ name }) => name === stop.preset);
    return preset ? [{ stop, preset }] : [];
  });
}
