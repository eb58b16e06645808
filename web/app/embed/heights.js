/**
 * The height that this page would like to have, said in the dialects of the hosts there are: ours, Canvas LMS, AMP,
 * pym.js where the address has a `childId`, and Mastodon's where a host asks. A host that understands none of them
 * shows the page at the height that it gives it, with a scroll bar.
 *
 * A frame that is not seen gets almost no animation frames, so a timer measures as well; a change of less than two
 * pixels is not said, because a host that rounds would be told for ever.
 */

import { PREFIX, VERSION, own } from "./messages.js";

/** Milliseconds between two messages. */
const EVERY = 250;
/** Pixels that a change has to have. */
const LEAST = 2;

/**
 * @param {Window} view
 * @param {() => number} [measure]
 */
export function tellHeights(view, measure = () => contentHeight(view.document)) {
  if (view.parent === view) return;
  const post = (/** @type {unknown} */ message) => view.parent.postMessage(message, "*");
  const child = childId(view.location.search);
  let [told, toldAt, waiting] = [-Infinity, -Infinity, false];
  const tell = () => {
    waiting = false;
    const height = Math.ceil(measure());
    if (!(height > 0) || Math.abs(height - told) < LEAST) return;
    [told, toldAt] = [height, Date.now()];
    post({ type: `${PREFIX}height`, v: VERSION, height });
    post({ subject: "lti.frameResize", height });
    post({ sentinel: "amp", type: "embed-size", height });
    if (child !== null) post(`pymxPYMx${child}xPYMxheightxPYMx${height}`);
  };
  const soon = () => {
    if (waiting) return;
    waiting = true;
    let done = false;
    const once = () => {
      if (done) return;
      done = true;
      tell();
    };
    const wait = Math.max(0, toldAt + EVERY - Date.now());
    // Whichever comes first, once four messages a second leave room for it.
    if (wait === 0) view.requestAnimationFrame(once);
    setTimeout(once, Math.max(wait, 16));
  };
  view.addEventListener("message", (event) => {
    if (event.source !== view.parent) return;
    const message = own(event.data);
    if (message?.type !== "setHeight" || !isId(message.id)) return;
    post({ type: "setHeight", id: message.id, height: Math.ceil(measure()) });
  });
  post({ sentinel: "amp", type: "embed-ready" });
  new ResizeObserver(soon).observe(view.document.documentElement);
  new ResizeObserver(soon).observe(view.document.body);
  soon();
}

/** What the content takes, whatever the height of the frame. @param {Document} document */
function contentHeight(document) {
  const { marginTop, marginBottom } = getComputedStyle(document.body);
  return document.body.getBoundingClientRect().height + parseFloat(marginTop) + parseFloat(marginBottom);
}

/** The name that pym.js gave this frame. @param {string} search */
function childId(search) {
  const id = new URLSearchParams(search).get("childId");
  return id !== null && /^[\w-]{1,64}$/.test(id) ? id : null;
}

/** @param {unknown} id */
function isId(id) {
  return typeof id === "number" || (typeof id === "string" && id.length <= 64);
}
