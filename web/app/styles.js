/** Style sheets of what is loaded late. */

import { FOLDER } from "./files.js";

/**
 * Loads a style sheet of the page. It stands before `embed.css`, which has the last word in a frame.
 *
 * @param {string} name
 * @param {string} [media]  where it holds, if not everywhere
 * @returns {Promise<unknown>}
 */
export function loadStyle(name, media = "all") {
  const last = document.head.querySelector('[href$="embed.css"]');
  // A page that is one file holds it already.
  const held = document.head.querySelector(`style[data-sheet="${name}"]`);
  if (held instanceof HTMLStyleElement) {
    held.media = media;
    document.head.insertBefore(held, last);
    return Promise.resolve();
  }
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.media = media;
  link.href = new URL(`style/${name}.css`, FOLDER).href;
  const loaded = new Promise((resolve) => (link.onload = link.onerror = resolve));
  document.head.insertBefore(link, last);
  return loaded;
}
