/**
 * Encoded texts: a text in the tokens of a vocabulary that was learned on its training part by byte pair encoding, as a
 * JSON file. The module `tokens` writes them and the engines read them; the page reads only what it has to know of one.
 */

import { problem } from "./protocol.js";

/**
 * @typedef {object} EncodedText
 * @property {number} tokens  in its vocabulary
 * @property {object} tokenizer  a tokenizer.json as Hugging Face's library reads it
 */

/** The data set that is trained on an encoded text. */
export const TOKENS = "tokens";

/** How many tokens a vocabulary that is learned here may have. */
export const SIZES = Object.freeze({ least: 64, most: 4096, usual: 512 });

const KIND = "encoded text";
const VERSION = 1;

/**
 * What the page has to know of an encoded text; `null` if a text is none.
 *
 * @param {string} text
 * @param {string} name  of the file
 * @returns {EncodedText|null}
 */
export function readEncoded(text, name) {
  const { kind, version, tokens, tokenizer } = objectIn(text);
  if (kind !== KIND) return null;
  if (version !== VERSION) {
    const message = `${name} is an encoded text of version ${version}, and this page reads version ${VERSION}.`;
    throw problem("bad-study", message, "Give the text itself, which is then encoded again.");
  }
  if (!Number.isSafeInteger(tokens) || tokenizer === null || typeof tokenizer !== "object") {
    const message = `${name} is an encoded text without its vocabulary: \`tokens\` or \`tokenizer\` is missing.`;
    throw problem("bad-study", message, "It may have been changed: save it once more, or give the text itself.");
  }
  return { tokens, tokenizer };
}

/** The object that a text is, if it is one in JSON. @param {string} text @returns {Record<string, any>} */
function objectIn(text) {
  if (!/^\s*\{/.test(text)) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The size of a vocabulary that was typed, as one that can be learned. @param {string} typed */
export function sizeIn(typed) {
  const size = Math.round(Number(typed));
  return Math.min(SIZES.most, Math.max(SIZES.least, size || SIZES.usual));
}

/** The file name of an encoded text. @param {string|null} name  of the text */
export function encodedName(name) {
  return `${(name ?? "").replace(/(\.tokens)?\.\w{1,8}$/, "") || "text"}.tokens.json`;
}

/** A tokenizer as a file. @param {EncodedText} encoded */
export function tokenizerFile({ tokenizer }) {
  return `${JSON.stringify(tokenizer, null, 2)}\n`;
}
