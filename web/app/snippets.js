/** What an author pastes into a page to show a sandbox there. Pure. */

/** Height of a frame until it says its own, in pixels. */
export const HEIGHT = 640;

/** What a frame may do: scripts, its own storage and workers, downloads of records, links to the whole page. */
export const SANDBOX = "allow-scripts allow-same-origin allow-downloads allow-popups";
export const ALLOW = "fullscreen; clipboard-write; screen-wake-lock";

/**
 * @typedef {object} Shown
 * @property {string} base  address of the folder of the page, with a slash at its end
 * @property {string} fragment  without `#`
 * @property {string} title  what is shown, in words
 */

/**
 * A text inside of double quotes, or between tags.
 *
 * @param {string} text
 */
export function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** @param {string} title */
function titled(title) {
  return `Ablation sandbox: ${title}`;
}

/** @param {Shown} shown */
export function iframeSnippet({ base, fragment, title }) {
  return `<iframe src="${escaped(`${base}embed.html#${fragment}`)}"
        title="${escaped(titled(title))}"
        width="100%" height="${HEIGHT}" loading="lazy" style="border:0"
        sandbox="${SANDBOX}"
        allow="${ALLOW}"></iframe>`;
}

/**
 * @param {Shown} shown
 * @param {string} [sentence]  the result in one sentence, for whom the frame does not open
 */
export function elementSnippet({ base, fragment, title }, sentence = "") {
  const text = sentence ? `${titled(title)}. ${sentence}` : titled(title);
  return `<script type="module" src="${escaped(`${base}element.js`)}"></script>
<ablation-sandbox state="${escaped(fragment)}" title="${escaped(titled(title))}" height="${HEIGHT}">
  <a href="${escaped(`${base}#${fragment}`)}">${escaped(text)}</a>
</ablation-sandbox>`;
}
