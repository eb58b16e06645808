/**
 * The canonical JSON of a value (RFC 8785): no white space, keys sorted by UTF-16 code units, numbers as JavaScript
 * writes them. A file that was saved by another program and means the same has the same text here, and the same hash as
 * `ablation_settings::canonical` gives it.
 *
 * @param {unknown} value  what `JSON.parse` gave
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  // Without a comparison `sort` goes by code units, as the standard asks.
  const keys = Object.keys(value).sort();
  const entries = keys.map((key) => `${JSON.stringify(key)}:${canonical(/** @type {any} */ (value)[key])}`);
  return `{${entries.join(",")}}`;
}
