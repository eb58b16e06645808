/** Since when a study stands still, and why, in a sentence. */

/**
 * `since` and `until` are milliseconds since 1970; `until` is `null` while it lasts. `asked`: the reader paused it;
 * `hidden`: nobody looked; `left`: its page was closed, and `since` is when its last result was saved.
 *
 * @typedef {{since: number, until: number|null, why: "asked"|"hidden"|"left"}} Pause
 */

/** Shorter pauses of a tab that is hidden are not worth a sentence, in milliseconds. */
const BRIEF = 5_000;

/**
 * A time of day as it is written here, with its date if it is not of today.
 *
 * @param {number} time  milliseconds since 1970
 * @param {number} now
 */
export function clock(time, now) {
  const [then, today] = [new Date(time), new Date(now)];
  const two = (/** @type {number} */ value) => `${value}`.padStart(2, "0");
  const day = `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  const hour = `${two(then.getHours())}:${two(then.getMinutes())}`;
  return then.toDateString() === today.toDateString() ? hour : `${day} ${hour}`;
}

/**
 * What is said of a pause; empty if there is nothing to say.
 *
 * @param {Pause|null} pause
 * @param {number} now  milliseconds since 1970
 */
export function pauseText(pause, now) {
  if (!pause) return "";
  const { since, until, why } = pause;
  const from = clock(since, now);
  if (why === "asked") return `Paused since ${from}.`;
  if (why === "left") return `Paused since ${from}, when its last result was saved. Press Resume to go on.`;
  const tick = 'To let it run on, tick "Keep the study running in the background".';
  if (until === null) return `Paused since ${from}, while this tab is hidden. ${tick}`;
  if (until - since < BRIEF) return "";
  return `Paused from ${from} to ${clock(until, now)}, while this tab was hidden; nothing is lost. ${tick}`;
}
