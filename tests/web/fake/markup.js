/**
 * The markup of the page without a browser: the pages as they are written, with what each element builds put into its
 * place. Nothing is drawn; what comes with data is not there.
 */

import { readFileSync } from "node:fs";

/** Elements that have no end. */
const VOID = new Set(["meta", "link", "br", "input", "img", "hr"]);

class Node {
  /** @type {Map<string, string>} */
  attributes = new Map();
  /** @type {Node[]} */
  children = [];
  /** @type {Node|null} */
  parent = null;
  hidden = false;
  isConnected = true;
  localName = "";
  textContent = "";
  style = { setProperty() {} };
  dataset = {};
  parentElement = null;
  nextElementSibling = null;

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  /** @param {string} name */
  hasAttribute(name) {
    return this.attributes.has(name);
  }

  /** @param {string} name */
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  /** @param {...(Node|string)} children */
  append(...children) {
    for (const child of children)
      if (child instanceof Node) {
        child.parent = this;
        this.children.push(child);
      }
  }

  /** @param {...(Node|string)} children */
  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  /** @param {Node} child */
  insertBefore(child) {
    this.append(child);
  }

  addEventListener() {}

  closest() {
    return null;
  }

  /** @param {string} selector */
  querySelector(selector) {
    return all(this).find((one) => one !== this && matches(one, selector)) ?? null;
  }

  /** @param {string} selector */
  querySelectorAll(selector) {
    return all(this).filter((one) => one !== this && matches(one, selector));
  }
}

/** @typedef {Node} Element */

/** An element and all that is in it. @param {Node} node @returns {Node[]} */
export function all(node) {
  return [node, ...node.children.flatMap(all)];
}

/**
 * Whether an element matches a selector of names, classes and attributes, one inside the other. Anything else in a
 * selector is an error.
 *
 * @param {Node} node
 * @param {string} selector  without a comma
 * @returns {boolean}
 */
export function matches(node, selector) {
  const steps = selector.trim().split(/\s+(?![^[]*\])/);
  const last = steps.pop();
  if (last === undefined || !matchesOne(node, last)) return false;
  if (steps.length === 0) return true;
  const before = steps.join(" ");
  for (let above = node.parent; above; above = above.parent) if (matches(above, before)) return true;
  return false;
}

/** @param {Node} node @param {string} compound */
function matchesOne(node, compound) {
  const parts = compound.match(/^[\w-]+|[.#][\w-]+|\[[\w-]+(?:="[^"]*")?\]/g) ?? [];
  if (parts.join("") !== compound) throw new Error(`${compound} is not a selector that is understood here`);
  return parts.every((part) => {
    if (part.startsWith(".")) return (node.getAttribute("class") ?? "").split(/\s+/).includes(part.slice(1));
    if (part.startsWith("#")) return node.getAttribute("id") === part.slice(1);
    const [, name, value] = /^\[([\w-]+)(?:="([^"]*)")?\]$/.exec(part) ?? [];
    if (name === undefined) return node.localName === part;
    return value === undefined ? node.hasAttribute(name) : node.getAttribute(name) === value;
  });
}

/** @type {Map<string, new () => Node>} */
const classes = new Map();
const make = (/** @type {string} */ name) => Object.assign(new Node(), { localName: name });

/** Puts what the modules of elements ask a browser for in its place. */
function install() {
  const document = {
    createElement: make,
    createElementNS: (/** @type {string} */ _space, /** @type {string} */ name) => make(name),
    querySelector: () => null,
    querySelectorAll: () => [],
    getElementById: () => null,
    addEventListener() {},
    body: make("body"),
    documentElement: make("html"),
  };
  Object.assign(globalThis, {
    // Pieces of drawing wait for a channel, which would keep this process alive; nothing is drawn here.
    MessageChannel: undefined,
    HTMLElement: Node,
    document,
    customElements: {
      define: (/** @type {string} */ name, /** @type {new () => Node} */ one) => classes.set(name, one),
    },
    matchMedia: () => ({ matches: false, addEventListener() {} }),
    location: { hash: "", href: "http://localhost/" },
  });
}

/**
 * The elements of a page in `web/`, with what its custom elements build. What is built on demand, the actions on a
 * component, stands in the model.
 *
 * @param {string} file
 * @returns {Promise<Node>}
 */
export async function markup(file) {
  if (classes.size === 0) {
    install();
    const { define } = await import("../../../web/app/elements/all.js");
    define(/** @type {any} */ ({}));
  }
  const root = read(readFileSync(new URL(`../../../web/${file}`, import.meta.url), "utf8"));
  for (const node of all(root)) build(node);
  return root;
}

/** @param {Node} node */
function build(node) {
  const Class = classes.get(node.localName);
  if (!Class) return;
  const element = /** @type {any} */ (new Class());
  element.store = { listen: () => () => undefined, follow: () => () => undefined, state: {} };
  node.append(...element.children);
  if (node.localName === "model-map") {
    const actions = make("site-actions");
    node.append(actions);
    build(actions);
  }
}

/** @param {string} html */
function read(html) {
  const root = make("");
  let open = root;
  for (const [, end, name = "", rest = ""] of html
    .replace(/<!--[^]*?-->|<!doctype[^>]*>/gi, "")
    .matchAll(/<(\/?)([a-z][\w-]*)((?:[^>"]|"[^"]*")*)>/g)) {
    if (end) {
      if (open.localName !== name) throw new Error(`</${name}> ends <${open.localName}>`);
      open = open.parent ?? root;
      continue;
    }
    const node = make(name);
    for (const [, key = "", value = ""] of rest.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) node.setAttribute(key, value);
    open.append(node);
    if (!VOID.has(name)) open = node;
  }
  return root;
}
