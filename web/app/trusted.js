/**
 * The one place where text may become code or markup. The page asks browsers for Trusted Types: a string that reaches a
 * worker, a service worker or a parser is refused unless it went through here, and here only the page's own scripts and
 * drawings pass. Browsers without Trusted Types take the same strings.
 */

/** Name of the policy, which the Content-Security-Policy of the page allows and no other. */
export const POLICY = "ablation-sandbox";

/** Scripts that may be started, in the folder of the page. */
const SCRIPTS = ["app/worker.js", "service-worker.js"];
const BASE = new URL("../", import.meta.url);

/**
 * A worker of a text that imports one of the page's scripts, for frames that have no origin of their own.
 *
 * @param {string} href
 */
export function importing(href) {
  return `data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(href)};`)}`;
}

/** @type {ReadonlySet<string>} */
const ALLOWED = new Set(
  SCRIPTS.flatMap((path) => {
    const { href } = new URL(path, BASE);
    return [href, importing(href)];
  }),
);

const rules = {
  /**
   * Markup is parsed into a document of its own, in which nothing runs or loads, and `svg.js` looks at every element
   * and attribute before it is drawn.
   *
   * @param {string} text
   */
  createHTML: (text) => text,
  /** @param {string} address */
  createScriptURL(address) {
    if (ALLOWED.has(address)) return address;
    throw new TypeError(`${address.slice(0, 80)} is no script of this page.`);
  },
};

/** @type {typeof rules} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy(POLICY, rules) ?? rules;

/** The address of a script of the page. @param {string} address */
export function scriptAddress(address) {
  return policy.createScriptURL(address);
}

/** A drawing that is to be parsed and then looked at. @param {string} text */
export function drawing(text) {
  return policy.createHTML(text);
}
