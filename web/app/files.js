/**
 * The files of the page: where they are and how they are read. In the page that is one file, `files-inside.js` stands
 * in the place of this module (`cargo xtask single-file`), and nothing else is different.
 */

/** The folder of the page. */
export const FOLDER = new URL("../", import.meta.url);

/** The published page, which has the documentation. @type {URL|null} */
export const HOME = FOLDER;

/**
 * A file of the page, or `null` where none can be reached.
 *
 * @param {URL} address
 * @param {RequestInit} [options]
 * @returns {Promise<Response|null>}
 */
export function readFile(address, options) {
  return fetch(address, options).catch(() => null);
}

/** The address of a script that is not imported but started. @param {string} path  in the folder of the page */
export function scriptOf(path) {
  return new URL(path, FOLDER);
}

/** How a worker is started. @type {WorkerOptions} */
export const WORKER = { type: "module" };

/** Whether the files of an engine's module belong to the page. @param {string} _name */
export function hasEngine(_name) {
  return true;
}

/** What helps where a file of the page could not be read. */
export const AID = "Check the connection and reload the page.";

/** Whether a script that is to be started can be read. @param {URL} address */
export async function isReadable(address) {
  return (await readFile(address, { method: "HEAD" }))?.ok === true;
}

/**
 * An engine's module, ready to be called.
 *
 * @param {string} name
 * @param {number} [again]  how often it was loaded before by this thread: each time is another instance
 * @returns {Promise<import("./engine.js").Engine>}
 */
export async function importEngine(name, again = 0) {
  const { href } = new URL(`${name}.js`, FOLDER);
  const engine = await import(again > 0 ? `${href}?again=${again}` : href);
  await engine.default();
  return engine;
}
