/**
 * What `view.hide` and `view.lock` do to the page. What is hidden is not drawn, so that no key reaches it; what is
 * locked is drawn, read aloud, and disabled. Neither changes the study.
 */

import { selectorOf } from "./controls.js";

/** @typedef {import("./store.js").Store} Store */

/** What can be changed inside a locked control. Summaries stay: what is locked may be read. */
const CHANGEABLE = ["button", "input", "select", "textarea"];

/**
 * Follows the keys of the page.
 *
 * @param {Store} store
 */
export function followLesson(store) {
  const hiding = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, hiding];
  let locked = "";
  /** The elements patch what they draw; what is locked is locked again. */
  const lock = () => {
    for (const element of locked ? document.querySelectorAll(locked) : []) {
      if (!element.hasAttribute("data-locked"))
        element.setAttribute("data-locked", element.hasAttribute("disabled") ? "disabled" : "");
      if (!element.hasAttribute("disabled")) element.setAttribute("disabled", "");
    }
  };
  const observer = new MutationObserver(lock);
  let shown = "";
  store.listen(({ page: { hide, lock: names } }) => {
    const wanted = JSON.stringify([hide, names]);
    if (wanted === shown) return;
    shown = wanted;
    // One rule each: a selector that a browser does not know must not undo the others.
    hiding.replaceSync(hide.map((name) => `:is(${selectorOf(name)}) { display: none !important; }`).join("\n"));
    locked = names.map((name) => changeableIn(selectorOf(name))).join(", ");
    unlock(locked);
    lock();
    if (names.length > 0)
      observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
    else observer.disconnect();
  });
}

/** @param {string} at */
function changeableIn(at) {
  return CHANGEABLE.map((tag) => `:is(${at}) ${tag}, ${tag}:is(${at})`).join(", ");
}

/**
 * Gives back what is no longer locked, unless it was disabled before.
 *
 * @param {string} locked
 */
function unlock(locked) {
  for (const element of document.querySelectorAll("[data-locked]")) {
    if (locked && element.matches(locked)) continue;
    if (element.getAttribute("data-locked") === "") element.removeAttribute("disabled");
    element.removeAttribute("data-locked");
  }
}
