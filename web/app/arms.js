/**
 * The arms of a study in words. The protocol card writes differences between them in the letters of the methodology,
 * which nobody who did not
 * read that can tell apart; here they are spelled out.
 */

/** @typedef {import("./protocol.js").ArmName} ArmName */

/** @type {Record<Exclude<ArmName, "variant">, {letter: string, short: string, label: string, meaning: string}>} */
export const ARMS = {
  reference: {
    letter: "R",
    short: "reference",
    label: "reference",
    meaning: "The intact model, with the settings that its own search found.",
  },
  cut: { letter: "D", short: "cut", label: "cut", meaning: "The reference with the part cut out, not trained again." },
  sham: {
    letter: "S",
    short: "sham",
    label: "sham: trained on, not cut",
    meaning: "The reference, trained on for as long as a cut model is healed: training alone helps too.",
  },
  healed: {
    letter: "H",
    short: "healed",
    label: "cut and healed",
    meaning: "The reference with the part cut out, then trained on.",
  },
  relearn: {
    letter: "Z",
    short: "relearned",
    label: "relearned",
    meaning: "Without the part from scratch, for no longer than healing takes.",
  },
  "retrained-same": {
    letter: "U",
    short: "shortcut",
    label: "never had it, borrowed settings",
    meaning: "Without the part from scratch, with the reference's settings: the usual shortcut.",
  },
  "retrained-own": {
    letter: "N",
    short: "never had it",
    label: "never had it, own search",
    meaning: "Without the part from scratch, with the settings that its own search found.",
  },
  placebo: {
    letter: "P",
    short: "placebo",
    label: "placebo",
    meaning: "The reference once more, searched and trained as if it were a variant: how far it differs is noise.",
  },
  matched: {
    letter: "M",
    short: "equal size",
    label: "never had it, as many parameters",
    meaning: "Without the part, made larger elsewhere until the size is the reference's.",
  },
};

/** The name of an arm. @param {ArmName} arm */
export function armLabel(arm) {
  return arm === "variant" ? arm : ARMS[arm].label;
}

/** A difference of two arms in words, where a text is one in letters. @param {string} text */
export function spelled(text) {
  const [, from, less] = /^([A-Z]) − ([A-Z])$/.exec(text) ?? [];
  const named = (/** @type {string|undefined} */ letter) =>
    Object.values(ARMS).find((arm) => arm.letter === letter)?.short;
  const [one, other] = [named(from), named(less)];
  return one && other ? `${one} − ${other}` : text;
}
