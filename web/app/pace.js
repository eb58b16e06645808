/**
 * How many steps a slice of training holds, how fast it goes and how long it will take.
 *
 * A fixed number of steps is either so small that talking costs more than training, or so large that "pause" is not
 * heard for seconds; which of the two depends on the device. So the slice is measured and the next one is fitted to it.
 */

/** @typedef {import("./generated/protocol.js").BenchProgress} Progress */
/** @typedef {{at: number, steps: number, rate: number|null}} Pace */

/** Length of a slice aimed at, in milliseconds. */
const SLICE = 120;
const MOST = 512;

/**
 * The number of steps for the next slice, given that `stride` steps took `took` milliseconds. It at most doubles,
 * because the first steps of a device say little about the next.
 *
 * @param {number} stride
 * @param {number} took
 * @param {number} [aim]  the length aimed at
 */
export function nextStride(stride, took, aim = SLICE) {
  const fitted = took > 0 ? (stride * aim) / took : stride * 2;
  return Math.max(1, Math.min(MOST, stride * 2, Math.round(fitted)));
}

/**
 * Steps done over all phases.
 *
 * @param {Progress} progress
 */
export function done(progress) {
  return Object.values(progress.steps).reduce((sum, [steps]) => sum + steps, 0);
}

/**
 * Steps still due over all phases.
 *
 * @param {Progress} progress
 */
export function due(progress) {
  return Object.values(progress.steps).reduce((sum, [steps, of]) => sum + Math.max(0, of - steps), 0);
}

/**
 * The speed after one more slice, smoothed over about the last five.
 *
 * @param {Pace|null} pace
 * @param {{steps: number, took: number}} slice  `took` in milliseconds
 * @returns {number|null} steps per second
 */
export function nextRate(pace, { steps, took }) {
  if (steps <= 0 || took <= 0) return pace?.rate ?? null;
  const rate = (1000 * steps) / took;
  return pace?.rate ? pace.rate + 0.2 * (rate - pace.rate) : rate;
}
