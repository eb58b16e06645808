/**
 * A short tour made of sentences that set the page. A stop is data; one that speaks of a preset or a site that this
 * build does not have is left out, so that no button leads nowhere.
 */

/** @typedef {import("./generated/protocol.js").PresetLink} Preset */
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
    before: "A small transformer copies a sequence. ",
    button: "Ablate the attention of its first block",
    after: ", and compare with a model retrained without it: disruption or necessity?",
    preset: "repeat",
    settings: { "ablation.site": "blocks.0.attn", "ablation.operator": "mean" },
    select: "blocks.0.attn",
  },
  {
    before: "The two gaps differ from component to component. ",
    button: "Ablate its position embedding",
    after: " and compare what a retrained model reaches without it.",
    preset: "repeat",
    settings: { "ablation.site": "position", "ablation.operator": "mean" },
    select: "position",
  },
  {
    before: "The ablation operator changes the number. In a model that remembers the first letter, ",
    button: "set the position embedding to zero",
    after: ", then to its mean: zero is off-distribution, so part of the drop is distribution shift.",
    preset: "first",
    settings: { "ablation.site": "position", "ablation.operator": "zero" },
    select: "position",
  },
  {
    before: "The same holds for diffusion models. ",
    button: "Ablate the noise level embedding of one",
    after: " and look at its samples.",
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
