/**
 * Figures arrive as SVG text. It is drawn by our own engine or ships with the page, but a record file may come from
 * anywhere, and text that is put
 * into a page with `innerHTML` can run. So it is parsed as XML, and a figure that holds anything but shapes and words
 * is refused.
 */

const REFUSED =
  "script, foreignObject, iframe, object, embed, audio, video, image, use[href^='http'], animate, set, handler, listener";

/**
 * The drawing in `text`, or `null` if it is not a harmless SVG.
 *
 * @param {string} text
 * @returns {SVGSVGElement|null}
 */
export function parseSvg(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.localName !== "svg" || root.querySelector("parsererror") || root.querySelector(REFUSED)) return null;
  const all = [root, ...root.querySelectorAll("*")];
  return all.every(harmless)
    ? /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(root, true)))
    : null;
}

/** @param {Element} element */
function harmless(element) {
  return (
    [...element.attributes].every(({ name, value }) => {
      if (/^on/i.test(name)) return false;
      if (/(^|:)href$/i.test(name)) return value.startsWith("#");
      return !/url\(\s*['"]?(?!#)/i.test(value) && !/javascript:/i.test(value);
    }) && !(element.localName === "style" && /@import|url\(\s*['"]?(?!#)/i.test(element.textContent ?? ""))
  );
}

/**
 * Makes the ids of a drawing its own, because the same figure stands on the page once for each arm.
 *
 * @param {SVGSVGElement} root
 * @param {string} prefix
 */
export function ownIds(root, prefix) {
  const owned = [root, ...root.querySelectorAll("[id]")].filter((element) => element.id);
  if (owned.length === 0) return;
  const names = new Set(owned.map((element) => element.id));
  /** @param {string} name */
  const own = (name) => (names.has(name) ? `${prefix}-${name}` : name);
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const attribute of [...element.attributes]) {
      const { name, value } = attribute;
      if (name === "id") attribute.value = own(value);
      else if (name === "aria-labelledby" || name === "aria-describedby")
        attribute.value = value.split(/\s+/).map(own).join(" ");
      else if (/(^|:)href$/.test(name)) attribute.value = `#${own(value.slice(1))}`;
      else if (value.includes("url(#"))
        attribute.value = value.replace(/url\(#([^)]+)\)/g, (_, id) => `url(#${own(id)})`);
    }
  }
}
