/**
 * The files of the page where it is one file, which is opened from a disk or handed to a course. They lie in the
 * document, each in a script element that no browser runs: `data-file` says the name, the text is its bytes, packed
 * with gzip and written in base64. `data-script` says the name of a script that is put together with others.
 * `cargo xtask single-file` puts this module in the place of `files.js`.
 *
 * A worker has no document, and where it has no address either some browsers let it import nothing. So its script
 * begins with what it needs: the code of the engines under the name `FILES`, what calls it under the name `ENGINES`.
 */

import { problem } from "./protocol.js";

/** Nothing is there: what begins with this address is looked up in the document. */
export const FOLDER = new URL("https://files.invalid/");

/** How a worker is started: from a disk, Chromium refuses modules that have no address but that of a `Blob`. */
export const WORKER = /** @type {WorkerOptions} */ ({ type: "classic" });

/** The script that is started as a worker, and the files that it needs. */
const SCRIPT = "app/worker.js";
const CODE = /_bg\.wasm$/;

/** @type {Record<string, string>} */
const files = /** @type {any} */ (globalThis).FILES ?? filesOfDocument();

/** The published page, which has the documentation; `null` where `--home` was not given. @type {URL|null} */
export const HOME = homeOfDocument();

/** The worker's script in an address of its own, made when it is first asked for. @type {URL|null} */
let worker = null;

/**
 * A file of the page, or `null` where it has none of that name.
 *
 * @param {URL} address
 * @returns {Promise<Response|null>}
 */
export async function readFile(address) {
  const name = address.href.slice(FOLDER.href.length);
  return Object.hasOwn(files, name) ? unpacked(files[name] ?? "") : null;
}

/** The address of a script that is not imported but started. @param {string} path  in the folder of the page */
export function scriptOf(path) {
  if (path !== SCRIPT || !globalThis.document) return new URL(path, FOLDER);
  worker ??= new URL(blobAddress(workerScript()));
  return worker;
}

/** Whether the files of an engine's module belong to the page. @param {string} name */
export function hasEngine(name) {
  return Object.hasOwn(files, `${name}_bg.wasm`);
}

/** What helps where a file of the page could not be read. */
export const AID = "This file may have been cut short: copy or download it again.";

/** Whether a script that is to be started can be read. @param {URL} address */
export async function isReadable(address) {
  return address === worker;
}

/**
 * An engine's module, ready to be called. Each time is another instance.
 *
 * @param {string} name
 * @returns {Promise<import("./engine.js").Engine>}
 */
export async function importEngine(name) {
  const code = files[`${name}_bg.wasm`] ?? "";
  const engine = globalThis.document ? await another(name) : /** @type {any} */ (globalThis).ENGINES[name];
  await engine.default({ module_or_path: await unpacked(code).arrayBuffer() });
  return engine;
}

/** What calls an engine, once more in the page's own thread. @param {string} name */
async function another(name) {
  const address = blobAddress(`${scriptText(`${name}.js`)}\nexport default ENGINES.${name};`);
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** @param {string} script */
function blobAddress(script) {
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

/** @param {string} text  base64 of gzip */
function unpacked(text) {
  if (typeof DecompressionStream !== "function")
    throw problem(
      "not-included",
      "This browser cannot unpack what is in this file.",
      "Chrome 80, Firefox 113, Safari 16.4 and later can.",
    );
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Response(bytes).body?.pipeThrough(new DecompressionStream("gzip")));
}

function filesOfDocument() {
  const elements = [...document.querySelectorAll("script[data-file]")];
  return Object.fromEntries(elements.map((element) => [element.getAttribute("data-file"), element.textContent]));
}

/** @param {string} name */
function scriptText(name) {
  return document.querySelector(`script[data-script="${name}"]`)?.textContent ?? "";
}

function workerScript() {
  const code = Object.fromEntries(Object.entries(files).filter(([name]) => CODE.test(name)));
  const callers = Object.keys(code).map((name) => scriptText(name.replace(CODE, ".js")));
  return [`globalThis.FILES = ${JSON.stringify(code)};`, ...callers, scriptText(SCRIPT)].join("\n");
}

function homeOfDocument() {
  const said = globalThis.document?.querySelector('meta[name="ablation-home"]')?.getAttribute("content");
  return said ? new URL(said) : null;
}
