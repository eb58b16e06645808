/** The engine's sentences on a report: which component each is about, and what of it is read first. Pure. */

/**
 * The first sentence, which gives the gaps and the verdict, and the rest, which qualifies them. A full stop inside of a
 * path (`blocks.0.attn`) or of a number ends no sentence.
 *
 * @param {string} text
 * @returns {{first: string, rest: string}}
 */
export function parted(text) {
  const end = /[.!?]["”)]?\s(?=\p{Lu})/u.exec(text);
  if (!end) return { first: text, rest: "" };
  const at = end.index + end[0].length;
  return { first: text.slice(0, at).trim(), rest: text.slice(at) };
}

/**
 * The component that a sentence begins with, or `null` if it is about all of them.
 *
 * @template {{label: string}} Labelled
 * @param {string} text
 * @param {Labelled[]} components
 * @returns {Labelled|null}
 */
export function subjectOf(text, components) {
  return components.find(({ label }) => text.startsWith(`${label}: `)) ?? null;
}
