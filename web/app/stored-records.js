/**
 * Results that ship with the page, so that it is never empty: before the engine is there, and where it cannot be.
 */

import { readFile } from "./files.js";
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
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(preset))
    throw problem("bad-study", `There is no stored result for the preset "${preset}".`);
  const response = await readFile(new URL(`${preset}.json`, records));
  if (!response?.ok) throw problem("load-failed", `The stored result of the preset "${preset}" could not be loaded.`);
  const record = await response.json().catch(() => null);
  if (!record?.description?.sites || !record?.view?.panels)
    throw problem("load-failed", `The stored result of the preset "${preset}" is not a record.`);
  return spelledOut(record);
}

/**
 * Says at each site what the file says once of each ablation operator, as the engine does.
 *
 * @param {StoredRecord & {operators?: Record<string, object>}} file
 * @returns {StoredRecord}
 */
export function spelledOut({ operators = {}, description, view }) {
  const sites = description.sites.map((site) => ({
    ...site,
    ablations: site.ablations.map((option) => ({ ...operators[option.operator], ...option })),
  }));
  return { description: { ...description, sites }, view };
}

/**
 * The studies that ship with the page; none where there is no list of them.
 *
 * @param {URL} folder
 * @returns {Promise<import("./protocol.js").StudyPreset[]>}
 */
export async function fetchStudies(folder) {
  const response = await readFile(new URL("index.json", folder));
  const list = response?.ok ? await response.json().catch(() => []) : [];
  return Array.isArray(list)
    ? list.filter((one) => ["name", "title", "file", "record"].every((key) => typeof one?.[key] === "string"))
    : [];
}

/**
 * The stored record of a study that ships with the page, as text.
 *
 * @param {URL} folder
 * @param {import("./protocol.js").StudyPreset} preset
 */
export async function fetchStudy(folder, { record, title }) {
  const response = await readFile(new URL(record, folder));
  if (!response?.ok) throw problem("load-failed", `The stored study "${title}" could not be loaded.`);
  return response.text();
}
