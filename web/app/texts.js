/**
 * The texts that somebody brought, encoded ones too, by the SHA-256 of their bytes, and those that come with the page.
 * They are kept in this browser and sent nowhere.
 */

import { readEncoded } from "./encoded-text.js";
import { readFile } from "./files.js";
import { problem } from "./protocol.js";
import { sha256 } from "./sha256.js";

/** @typedef {{sha256: string, bytes: Uint8Array<ArrayBuffer>}} Text */

/** The largest text, in bytes of UTF-8. The engine refuses a larger one, too. */
export const LARGEST = 2_000_000;

/** The largest encoded text, in bytes of UTF-8. */
export const LARGEST_ENCODED = 4_000_000;

/**
 * The text of a file, if it is one; one that is larger than any is not even read.
 *
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function readText(file, name) {
  if (file.size > LARGEST_ENCODED) throw tooLarge(file.size, name);
  const bytes = await file.arrayBuffer().catch(() => {
    throw problem(
      "bad-study",
      `${name} cannot be read.`,
      "Give a file, not a folder, and give it again if it was changed meanwhile.",
    );
  });
  const text = textOf(new Uint8Array(bytes), name);
  if (bytes.byteLength > LARGEST && !readEncoded(text, name)) throw tooLarge(bytes.byteLength, name);
  return text;
}

/**
 * Bytes as text, if they are one; the engine judges whether it can be trained on.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} name
 * @returns {string}
 */
function textOf(bytes, name) {
  try {
    // A byte order mark is a part of the file, and so of its hash.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const hint = "Save it as UTF-8, or give another file.";
    throw problem("bad-study", `${name} is no text in UTF-8: it is a binary file, or has another encoding.`, hint);
  }
}

/** @param {number} size  in bytes @param {string} name */
function tooLarge(size, name) {
  const megabytes = (size / 1e6).toFixed(1);
  return problem("bad-study", `${name} has ${megabytes} MB, and a text has at most 2 MB.`, "Give a part of it.");
}

/** The texts in a list of trials, by their hashes. @param {string} trials */
export function textsIn(trials) {
  return [...new Set([...trials.matchAll(/"data\.corpus":"([0-9a-f]{64})"/g)].map(([, hash]) => String(hash)))];
}

export class Texts {
  /** @type {Map<string, string>} */
  #memory = new Map();

  /**
   * @param {object} given
   * @param {Pick<import("./result-store.js").ResultStore, "file"|"keepFile">} given.results
   * @param {URL} given.folder  of the texts that come with the page
   */
  constructor({ results, folder }) {
    this.results = results;
    this.folder = folder;
  }

  /** Keeps a text. @param {string} text @param {string} name @returns {Promise<string>} its SHA-256 */
  async keep(text, name) {
    const hash = sha256(text);
    this.#memory.set(hash, text);
    await this.results.keepFile({ text, name }, kept(hash));
    return hash;
  }

  /**
   * Those of the texts that are here.
   *
   * @param {string[]} hashes
   * @returns {Promise<Text[]>}
   */
  async find(hashes) {
    const found = await Promise.all(hashes.map((hash) => this.#text(hash)));
    return found.flatMap((text, index) => {
      const hash = String(hashes[index]);
      return text === null ? [] : [{ sha256: hash, bytes: new TextEncoder().encode(text) }];
    });
  }

  /** @param {string} hash @returns {Promise<string|null>} */
  async #text(hash) {
    const known = this.#memory.get(hash) ?? (await this.results.file(kept(hash)))?.text ?? (await this.#shipped(hash));
    // What is stored under its hash may have been changed since.
    if (known === null || (!this.#memory.has(hash) && sha256(known) !== hash)) return null;
    this.#memory.set(hash, known);
    return known;
  }

  /** A text that comes with the page. @param {string} hash @returns {Promise<string|null>} */
  async #shipped(hash) {
    const list = await readFile(new URL("index.json", this.folder));
    const texts = list?.ok ? await list.json().catch(() => []) : [];
    const file = Array.isArray(texts) ? texts.find((one) => one?.sha256 === hash)?.file : undefined;
    const answer = typeof file === "string" ? await readFile(new URL(file, this.folder)) : null;
    return answer?.ok ? await answer.text() : null;
  }
}

/** Where a text is kept. @param {string} hash */
function kept(hash) {
  return `text ${hash}`;
}
