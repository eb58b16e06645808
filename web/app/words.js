/** What the words of a report mean that neither a verdict nor the head of a column explains. */

import { ARMS } from "./arms.js";
import { CHANGED, COMBINED, MODIFIERS } from "./verdicts.js";

/** @type {{word: string, meaning: string}[]} */
export const WORDS = [
  {
    word: "disruption",
    meaning: "What cutting the part out of a trained model costs: the cut model against the reference.",
  },
  {
    word: "necessity",
    meaning:
      "What never having it costs: a model trained without it, with settings of its own search, against the reference.",
  },
  { word: "left after healing", meaning: "What of the damage further training does not undo, against a sham." },
  { word: "sham", meaning: ARMS.sham.meaning },
  {
    word: "shortcut",
    meaning:
      "The part is left out from the start, but with the reference's settings. Most ablation tables do this, and cannot tell a needed part from settings that do not suit.",
  },
  ...Object.values(COMBINED).map(({ name, meaning }) => ({ word: name, meaning })),
  ...Object.entries(CHANGED)
    .filter(([name]) => name !== "undetermined")
    .map(([, { name, meaning }]) => ({ word: name, meaning })),
  ...Object.values(MODIFIERS).map(({ name, meaning }) => ({ word: name, meaning })),
  { word: "equivalent", meaning: "A difference too small to matter: the margin was fixed before any variant ran." },
  {
    word: "approximate, ≈",
    meaning:
      "The cut or the retraining measures something near to what its name says. The reason stands beside the number.",
  },
  { word: "placebo", meaning: ARMS.placebo.meaning },
];
