/**
 * What is folded on a screen and is to be read on paper is opened while the page is printed, and the address is set
 * under the title: a sheet of paper has no address bar. Afterwards the page is as it was.
 */

/** What stands in a printed report: what qualifies its sentences, the whole card, and how to cite it. */
const FOLDED = "report-sentences .more, report-protocol details, report-citation details";

/** @param {Window} [window] */
export function followPrint(window = globalThis.window) {
  const { document } = window;
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  const open = () => {
    for (const place of document.querySelectorAll(".printed")) place.textContent = window.location.href;
    const folded = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll(FOLDED)]);
    const closed = folded.filter((one) => !one.open);
    opened.push(...closed);
    for (const one of closed) one.open = true;
  };
  const close = () => {
    for (const one of opened) one.open = false;
    opened = [];
  };
  window.addEventListener("beforeprint", open);
  window.addEventListener("afterprint", close);
  window.matchMedia("print").addEventListener("change", ({ matches }) => (matches ? open() : close()));
}
