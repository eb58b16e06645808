/**
 * Other tabs of this browser that have the same study open: whether they compute it, and when they have stored
 * something of it.
 *
 * Tabs tell each other by a `BroadcastChannel`. A tab that is closed says so; one that is killed cannot, so every tab
 * holds a lock of its own for as long as it lives, which the others wait for.
 */

/** @typedef {{open: number, running: number}} Others  how many other tabs have the study open, and compute it */
/**
 * @typedef {object} Message
 * @property {string} study  its hash
 * @property {string} tab  who says it
 * @property {"here"|"gone"|"stored"|"discarded"} news
 * @property {boolean} running
 * @property {boolean} asks  whether others are to say that they are here
 */
/**
 * @typedef {Pick<BroadcastChannel, "postMessage"|"close"> & {onmessage: ((event: MessageEvent) => void)|null}} Channel
 */

const CHANNEL = "ablation-study-tabs";

/** The lock that a tab holds while it lives. @param {string} tab */
const lockOf = (tab) => `ablation-tab-${tab}`;

export class OtherTabs {
  #study = "";
  #running = false;
  /** Whether they compute, by the names of tabs that have the study open. @type {Map<string, boolean>} */
  #others = new Map();
  /** Tabs whose end is waited for. @type {Set<string>} */
  #awaited = new Set();
  /** Settled once this tab holds its lock: before that the others would take it for gone. @type {Promise<void>|null} */
  #alive = null;
  /** @type {Channel|null} */
  #channel = null;
  #end = new AbortController();

  /**
   * @param {object} given
   * @param {(others: Others) => void} given.changed
   * @param {() => void} given.stored  another tab has stored something of the study
   * @param {() => void} given.discarded  another tab has thrown away what was stored of it
   * @param {LockManager|undefined} [given.locks]
   * @param {() => Channel} [given.channel]
   * @param {string} [given.tab]
   */
  constructor({
    changed,
    stored,
    discarded,
    locks,
    channel = () => new BroadcastChannel(CHANNEL),
    tab = `${Math.random()}`.slice(2),
  }) {
    this.changed = changed;
    this.stored = stored;
    this.discarded = discarded;
    this.locks = locks;
    this.channel = channel;
    this.tab = tab;
  }

  /** Says that this tab has the study open, and asks who else has. @param {string} study  its hash */
  async open(study) {
    this.#study = study;
    this.#others.clear();
    this.#alive ??= this.#live();
    await this.#alive;
    if (this.#study === study) this.#say("here", { asks: true });
  }

  /** Whether this tab computes the study. @param {boolean} running */
  running(running) {
    if (running === this.#running) return;
    this.#running = running;
    this.#say("here");
  }

  /**
   * This tab has stored, or thrown away, something of a study.
   *
   * @param {"stored"|"discarded"} news
   * @param {string} [study]  if it is not the one that is open
   */
  tell(news, study) {
    this.#say(news, { study });
  }

  /** Leaves the study. */
  leave() {
    this.#say("gone");
    this.#study = "";
    this.#running = false;
    this.#others.clear();
  }

  /** Leaves it for good. */
  close() {
    this.leave();
    this.#end.abort();
    this.#channel?.close();
    this.#channel = null;
    this.#alive = null;
  }

  async #live() {
    try {
      this.#channel = this.channel();
      this.#channel.onmessage = ({ data }) => this.#hear(data);
    } catch {
      // A frame that may not talk to other tabs stores nothing that it shares with them either.
      return;
    }
    const { locks } = this;
    if (!locks) return;
    const { signal } = this.#end;
    await new Promise((held) => {
      const hold = () => {
        held(undefined);
        return new Promise((release) => signal.addEventListener("abort", () => release(undefined)));
      };
      locks.request(lockOf(this.tab), {}, hold).catch(() => held(undefined));
    });
  }

  /** @param {Message["news"]} news @param {{study?: string, asks?: boolean}} [options] */
  #say(news, { study = this.#study, asks = false } = {}) {
    if (!study) return;
    this.#channel?.postMessage(/** @type {Message} */ ({ study, tab: this.tab, news, running: this.#running, asks }));
  }

  /** @param {Message} message */
  #hear({ study, tab, news, running, asks }) {
    // A tab has one study at a time.
    if (study !== this.#study) return;
    if (news === "stored") this.stored();
    if (news === "discarded") this.discarded();
    if (news === "gone") return this.#forget(tab);
    if (asks) this.#say("here");
    this.#awaitEnd(tab);
    if (this.#others.get(tab) === running) return;
    this.#others.set(tab, running);
    this.#report();
  }

  /** @param {string} tab */
  #forget(tab) {
    if (this.#others.delete(tab)) this.#report();
  }

  #report() {
    const others = [...this.#others.values()];
    this.changed({ open: others.length, running: others.filter(Boolean).length });
  }

  /** The lock of another tab is free when that tab is gone, whatever ended it. @param {string} tab */
  #awaitEnd(tab) {
    if (!this.locks || this.#awaited.has(tab)) return;
    this.#awaited.add(tab);
    const { signal } = this.#end;
    const gone = () => {
      this.#awaited.delete(tab);
      this.#forget(tab);
    };
    this.locks.request(lockOf(tab), { signal }, gone).catch(() => undefined);
  }
}
