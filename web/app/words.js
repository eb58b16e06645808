/** What the words of a report mean that neither a verdict nor the head of a column explains. */

import { ARMS } from "./arms.js";
import { MODIFIERS } from "./verdicts.js";

/** @type {{word: string, meaning: string}[]} */
export const WORDS = [
  { word: "shortcut", meaning: "The part is left out from the start, but with the reference's settings. Most ablation tables do this, and cannot tell a needed part from settings that do not suit." },
  ...Object.values(MODIFIERS).map(({ name, meaning }) => ({ word: name, meaning })),
  { word: "within the margin", meaning: "A difference too small to matter: the margin was fixed before any variant ran." },
  { word: "approximate, ≈", meaning: "The cut or the retraining measures something near to what its name says. The reason stands beside the number." },
  { word: "placebo", meaning: ARMS.placebo.meaning },
];
