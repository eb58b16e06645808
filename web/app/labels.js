/**
 * The label of a component in words. Where it stands alone, `− position` says the difference from the reference in a
 * symbol; in a sentence or before a number that reads as the sign of a number.
 */

/** `without position`, `adamw → sgd, with train.momentum 0.9`. @param {string} label */
export function difference(label) {
  return label.replaceAll(/(^|, )− /g, "$1without ").replaceAll(/(^|, )\+ /g, "$1with ");
}

/** What is left out, without saying that: `position`. @param {string} label */
function part(label) {
  return label.replaceAll(/(^|, )− /g, "$1");
}

/** A name that was made of a setting and its value, which the label says better. */
const AUTOMATIC = /^[a-z_]+\.[a-z_.]+=/;

/**
 * A component as its name, with what that stands for if it is another: `all attention (blocks.{0,1}.attn)`.
 *
 * @param {string} name
 * @param {string} label
 * @param {boolean} changed  whether it is not left out but changed
 */
export function called(name, label, changed) {
  const what = changed ? difference(label) : part(label);
  return what === name || AUTOMATIC.test(name) ? what : `${name} (${what})`;
}

/**
 * Whether a component was said to be needed, in words: of a change that it makes the model worse.
 *
 * @param {boolean} needed
 * @param {boolean} changed
 */
export function neededText(needed, changed) {
  if (changed) return needed ? "worse with the change" : "no worse with the change";
  return needed ? "needed" : "not needed";
}

/**
 * A component as a heading: the difference from the reference, and the name that its study gives it where that says
 * something else: `without position`, `adamw → sgd (SGD)`.
 *
 * @param {{name: string, label: string}} component
 */
export function heading({ name, label }) {
  const own = nameBeside({ name, label });
  return `${difference(label)}${own && ` (${own})`}`;
}

/** The name of a component, unless its label says it already. @param {{name: string, label: string}} component */
export function nameBeside({ name, label }) {
  return name === part(label) || name === label || AUTOMATIC.test(name) ? "" : name;
}
