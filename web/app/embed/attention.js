/**
 * When an embedded sandbox may train: while somebody looks at it, and while no other one of the same page trains. Five
 * of them in one article would otherwise train five models at once, most of them unseen. A worker goes on at full speed
 * while its frame is off screen, so it has to be told.
 */

import { Turn, siblings } from "./turn.js";

/** @typedef {import("../store.js").Store} Store */

/**
 * @param {Store} store
 * @param {object} [given]
 * @param {Document} [given.document]
 * @returns {{hostSees: (visible: boolean) => void, seen: Promise<void>}}  `seen`: it was looked at for the first time
 */
export function followAttention(store, { document = globalThis.document } = {}) {
  const turn = new Turn({ others: siblings(window), changed: () => judge() });
  addEventListener("message", ({ data, source }) => source !== window && turn.hear(data));
  let [onScreen, hostSays] = [false, true];
  let see = () => {};
  const seen = /** @type {Promise<void>} */ (new Promise((resolve) => (see = () => resolve())));
  const looked = () => onScreen && hostSays && document.visibilityState === "visible";
  const judge = () => {
    if (looked()) see();
    const { run, study, background } = store.state;
    const training = run.status === "playing" || run.status === "opening" || study.status === "running";
    const wanted = training && (looked() || background);
    turn.want(wanted);
    const [hidden, waiting] = [!looked(), wanted && !turn.mine];
    if (hidden !== run.hidden || waiting !== run.waiting) store.send({ type: "hidden", hidden, waiting });
  };
  new IntersectionObserver((entries) => {
    onScreen = entries.at(-1)?.isIntersecting ?? true;
    judge();
  }).observe(document.documentElement);
  document.addEventListener("visibilitychange", judge);
  store.follow((event) => event.type !== "hidden" && judge());
  judge();
  return {
    hostSees: (visible) => {
      hostSays = visible;
      judge();
    },
    seen,
  };
}
