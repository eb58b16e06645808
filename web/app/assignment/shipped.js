/** The assignments that ship with the page: `index.json` lists them as that of the studies does. */

import { problem } from "../protocol.js";

/**
 * @param {URL} folder
 * @param {string} name
 * @returns {Promise<import("../result-store.js").StudyFile>}
 */
export async function fetchAssignment(folder, name) {
  const list = await fetched(new URL("index.json", folder)).then(
    (text) => JSON.parse(text ?? "[]"),
    () => [],
  );
  const found = Array.isArray(list) ? list.find((one) => one?.name === name && typeof one.file === "string") : null;
  if (!found)
    throw problem(
      "bad-assignment",
      `No assignment called "${name}" ships with this page.`,
      "Ask for the right link, or open the assignment's file in the Study view.",
    );
  const text = await fetched(new URL(found.file, folder));
  if (text === null)
    throw problem(
      "load-failed",
      `The assignment "${found.title}" could not be loaded.`,
      "Reload the page to try again.",
    );
  return { text, name: String(found.title) };
}

/** @param {URL} address @returns {Promise<string|null>} */
async function fetched(address) {
  const response = await fetch(address).catch(() => null);
  return response?.ok ? response.text() : null;
}
