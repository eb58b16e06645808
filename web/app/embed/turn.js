/**
 * One of the sandboxes on a host's page trains at a time; the others stand in line.
 *
 * Frames of other sites are often refused every storage they could share, locks among them, and a frame that is
 * sandboxed has an origin of its own. What they can always do is post to each other. So who wants the turn says so to
 * all frames of the page, twice a second, with the time since which; who has wanted it longest has it, and who falls
 * silent is out of line. A frame that says it without meaning it can keep others from training and can do nothing else.
 */

import { PREFIX, VERSION, own } from "./messages.js";

/** Milliseconds between two claims, after which a claim is void, and to wait for those of others. */
export const CLAIM = 500;
const VOID = 2500;
const LISTEN = 300;

/** At most so many frames are told, and so many claims are kept. */
const MOST = 200;

export class Turn {
  /**
   * Those who want the turn: since when, and when they last said so.
   *
   * @type {Map<string, {since: number, heard: number}>}
   */
  #claims = new Map();
  #since = 0;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #claiming;

  /**
   * @param {object} given
   * @param {() => Pick<Window, "postMessage">[]} given.others
   * @param {() => void} given.changed  whether the turn is mine changed
   * @param {() => number} [given.clock]  milliseconds, the same for all frames
   * @param {string} [given.id]
   */
  constructor({ others, changed, clock = Date.now, id = crypto.getRandomValues(new Uint32Array(2)).join("-") }) {
    this.others = others;
    this.changed = changed;
    this.clock = clock;
    this.id = id;
    this.mine = false;
  }

  /** @param {boolean} wanted */
  want(wanted) {
    if (wanted === this.#since > 0) return;
    clearInterval(this.#claiming);
    if (!wanted) {
      this.#since = 0;
      this.#set(false);
      this.#say(null);
      return;
    }
    this.#since = this.clock();
    this.#claim();
    this.#claiming = setInterval(() => this.#claim(), CLAIM);
    setTimeout(() => this.#judge(), LISTEN + 1);
  }

  /** What another frame said. @param {unknown} data */
  hear(data) {
    const message = own(data);
    if (message?.type !== `${PREFIX}turn` || message.v !== VERSION) return;
    const { id, since } = message;
    if (typeof id !== "string" || id.length > 64 || id === this.id) return;
    if (since === null) this.#claims.delete(id);
    else if (
      typeof since === "number" &&
      Number.isFinite(since) &&
      (this.#claims.size < MOST || this.#claims.has(id))
    ) {
      const known = this.#claims.has(id);
      this.#claims.set(id, { since, heard: this.clock() });
      // Who is new has to learn of the line.
      if (!known && this.#since > 0) this.#say(this.#since);
    }
    this.#judge();
  }

  #claim() {
    this.#say(this.#since);
    this.#judge();
  }

  /** @param {number|null} since */
  #say(since) {
    const message = { type: `${PREFIX}turn`, v: VERSION, id: this.id, since };
    for (const other of this.others()) other.postMessage(message, "*");
  }

  #judge() {
    if (this.#since === 0) return;
    const now = this.clock();
    for (const [id, { heard }] of this.#claims) if (now - heard > VOID) this.#claims.delete(id);
    const first = [...this.#claims].every(
      ([id, { since }]) => since > this.#since || (since === this.#since && id > this.id),
    );
    this.#set(first && now - this.#since >= LISTEN);
  }

  /** @param {boolean} mine */
  #set(mine) {
    if (mine === this.mine) return;
    this.mine = mine;
    this.changed();
  }
}

/**
 * All other frames of the page that this frame is in, wherever they come from.
 *
 * @param {Window} view
 */
export function siblings(view) {
  return () => {
    /** @type {Window[]} */
    const found = [];
    const visit = (/** @type {Window} */ parent, /** @type {number} */ depth) => {
      for (let index = 0; index < parent.length && found.length < MOST; index++) {
        const frame = /** @type {Window} */ (parent[index]);
        if (frame !== view) found.push(frame);
        if (depth < 4) visit(frame, depth + 1);
      }
    };
    visit(/** @type {Window} */ (view.top), 0);
    return found;
  };
}
