/**
 * Results that ship with the page, so that it is never empty: before the engine is there, and where it cannot be.
 */

import { problem } from "./protocol.js";

/** @typedef {import("./protocol.js").StoredRecord} StoredRecord */

/**
 * The stored record of a preset.
 *
 * @param {URL} records  folder of the records
 * @param {string} preset
 * @returns {Promise<StoredRecord>}
 */
export async function fetchRecord(records, preset) {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(preset)) throw problem("bad-study", `There is no stored result for the preset "${preset}".`);
  const response = await fetch(new URL(`${preset}.json`, records)).catch(() => null);
  if (!response?.ok) throw problem("load-failed", `The stored result of the preset "${preset}" could not be loaded.`);
  const record = await response.json().catch(() => null);
  if (!record?.description?.sites || !record?.view?.panels) throw problem("load-failed", `The stored result of the preset "${preset}" is not a record.`);
  return record;
}
