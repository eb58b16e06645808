/**
 * The text of one member of an object in JSON, as it stands. A record inside another file keeps its numbers digit for
 * digit that way, which reading and writing them again would not.
 */

/**
 * The texts of the members of the object that a text is, by name; of equal names the last. `null` if it is no object.
 *
 * @param {string} text  valid JSON
 * @returns {Map<string, string>|null}
 */
export function memberTexts(text) {
  const members = new Map();
  let at = blank(text, 0);
  if (text[at] !== "{") return null;
  at = blank(text, at + 1);
  while (text[at] === '"') {
    const end = stringEnd(text, at);
    const name = JSON.parse(text.slice(at, end));
    const start = blank(text, blank(text, end) + 1);
    at = valueEnd(text, start);
    members.set(name, text.slice(start, at).trimEnd());
    at = blank(text, at);
    if (text[at] === ",") at = blank(text, at + 1);
  }
  return members;
}

/** The next place that is no white space. @param {string} text @param {number} at */
function blank(text, at) {
  while (at < text.length && /[\s\ufeff]/.test(/** @type {string} */ (text[at]))) at++;
  return at;
}

/** Behind the string that begins here. @param {string} text @param {number} at */
function stringEnd(text, at) {
  for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
  return at + 1;
}

/** Behind the value that begins here. @param {string} text @param {number} at */
function valueEnd(text, at) {
  let depth = 0;
  while (at < text.length) {
    const letter = text[at];
    if (letter === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (letter === "{" || letter === "[") depth++;
    else if (letter === "}" || letter === "]") {
      if (depth === 0) return at;
      depth--;
    } else if (letter === "," && depth === 0) return at;
    at++;
  }
  return at;
}
