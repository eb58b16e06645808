/**
 * When an embedded sandbox may train: while somebody looks at it, and while no other one of the same page trains. Five
 * of them in one article would otherwise train five models at once, most of them unseen. A worker goes on at full speed
 * while its frame is off screen, so it has to be told.
 *
 * Turns are taken by a lock that all frames of this origin on a host's page share. A frame with an origin of its own
 * has no such lock, and trains when it is looked at.
 */

import { problem } from "../protocol.js";

/** @typedef {import("../store.js").Store} Store */

const LOCK = "ablation-embed-trains";

/**
 * @param {Store} store
 * @param {object} [given]
 * @param {Document} [given.document]
 * @param {LockManager|undefined} [given.locks]
 * @returns {{hostSees: (visible: boolean) => void, seen: Promise<void>}}  `seen`: it was looked at for the first time
 */
export function followAttention(store, { document = globalThis.document, locks = navigator.locks } = {}) {
  const turn = new Turn(locks, () => judge());
  let [onScreen, hostSays] = [true, true];
  let see = () => {};
  const seen = /** @type {Promise<void>} */ (new Promise((resolve) => (see = () => resolve())));
  const looked = () => onScreen && hostSays && document.visibilityState === "visible";
  const judge = () => {
    if (looked()) see();
    const { run, study, background } = store.state;
    const training = run.status === "playing" || run.status === "opening" || study.status === "running";
    turn.want(training && (looked() || background));
    const [hidden, waiting] = [!looked(), training && !turn.mine];
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

/** One of the sandboxes on a page has the turn; the others stand in line for it. */
export class Turn {
  /** Gives the turn back, or leaves the line. @type {AbortController|null} */
  #asked = null;
  #free;

  /** @param {LockManager|undefined} locks @param {() => void} changed */
  constructor(locks, changed) {
    this.locks = locks;
    this.changed = changed;
    this.mine = false;
    this.#free = !locks;
  }

  /** @param {boolean} wanted */
  want(wanted) {
    if (this.#free) {
      this.mine = wanted;
      return;
    }
    if (wanted === (this.#asked !== null)) return;
    if (!wanted) {
      this.#asked?.abort(problem("internal", "The turn is not wanted any more."));
      this.#asked = null;
      this.mine = false;
      return;
    }
    const asked = new AbortController();
    this.#asked = asked;
    this.locks?.request(LOCK, { signal: asked.signal }, () => this.#hold(asked)).catch(() => this.#refused(asked));
  }

  /** @param {AbortController} asked */
  #hold(asked) {
    if (asked.signal.aborted) return undefined;
    const given = new Promise((give) => asked.signal.addEventListener("abort", () => give(undefined)));
    this.mine = true;
    this.changed();
    return given;
  }

  /** Where there are no locks, everybody has the turn. @param {AbortController} asked */
  #refused(asked) {
    if (asked.signal.aborted) return;
    this.#free = true;
    this.mine = true;
    this.changed();
  }
}
