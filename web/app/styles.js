/** Style sheets of what is loaded late. */

/**
 * Loads a style sheet of the page. It stands before `embed.css`, which has the last word in a frame.
 *
 * @param {string} name
 * @param {string} [media]  where it holds, if not everywhere
 * @returns {Promise<unknown>}
 */
export function loadStyle(name, media = "all") {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.media = media;
  link.href = new URL(`../style/${name}.css`, import.meta.url).href;
  const loaded = new Promise((resolve) => (link.onload = link.onerror = resolve));
  document.head.insertBefore(link, document.head.querySelector('[href$="embed.css"]'));
  return loaded;
}
