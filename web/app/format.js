/**
 * Numbers as they are read: one place, so that the same loss never shows with two digits here and five there. What is
 * missing is an em dash and never a zero.
 */

const MISSING = "—";
const THIN = "\u202f";

/**
 * A whole number with thin spaces between thousands: `12 345`.
 *
 * @param {number|null} value
 */
export function count(value) {
  if (value === null || !Number.isFinite(value)) return MISSING;
  const digits = Math.abs(Math.round(value))
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, THIN);
  return value < 0 ? `−${digits}` : digits;
}

/**
 * A measured number, with as many decimals as the sentences of the engine use, and a true minus sign.
 *
 * @param {number|null|undefined} value
 */
export function measure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size === 0 || size >= 0.095 ? 2 : 3;
  const text = size.toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * A measured number of a report, where the smallest differences count: as {@link measure}, with two digits down to a
 * ten-thousandth, and in powers of ten below.
 *
 * @param {number|null|undefined} value
 */
export function fine(value) {
  if (value === null || value === undefined || !Number.isFinite(value) || value === 0 || Math.abs(value) >= 0.0095)
    return measure(value);
  const size = Math.abs(value);
  const text = size >= 9.5e-5 ? value.toFixed(size >= 9.5e-4 ? 4 : 5) : value.toExponential(1);
  return text.replaceAll("-", "−");
}

/** A difference in a report: as {@link fine}, with its sign always said. @param {number|null|undefined} value */
export function fineSigned(value) {
  const text = fine(value);
  return text === MISSING || text.startsWith("−") || value === 0 ? text : `+${text}`;
}

/**
 * A difference in a report, without the decimals that the margin does not resolve: `+0.000` beside a margin of 0.042,
 * as the figures have it, and no power of ten. Without a margin as {@link fineSigned}.
 *
 * @param {number|null|undefined} value
 * @param {number|null} margin
 */
export function resolvedSigned(value, margin) {
  const text = resolved(value, margin);
  return value === 0 || text === MISSING || text.startsWith("−") || Number(text) === 0 ? text : `+${text}`;
}

/** The same without a plus. @param {number|null|undefined} value @param {number|null} margin */
export function resolved(value, margin) {
  const text = fine(value);
  if (value === null || value === undefined || text === MISSING || margin === null || !(margin > 0)) return text;
  // Two significant digits of the margin; the exponent after rounding, as 0.0999 is 0.10.
  const decimals = Math.min(10, Math.max(0, 1 - Number(margin.toExponential(1).split("e")[1])));
  if (!text.includes("e") && (text.split(".")[1]?.length ?? 0) <= decimals) return text;
  const short = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(short) !== 0 ? `−${short}` : short;
}

/**
 * A difference: as {@link measure}, with its sign always said.
 *
 * @param {number|null|undefined} value
 */
export function signed(value) {
  const text = measure(value);
  return text === MISSING || text.startsWith("−") || Number(text) === 0 ? text : `+${text}`;
}

/**
 * How fast: steps per second, or seconds per step when that is the larger number.
 *
 * @param {number|null} rate  steps per second
 */
export function pace(rate) {
  if (rate === null || !Number.isFinite(rate) || rate <= 0) return MISSING;
  return rate >= 1 ? `${rate >= 10 ? count(rate) : rate.toFixed(1)} steps/s` : `${measure(1 / rate)} s/step`;
}

/**
 * How long something will take, no finer than an estimate is.
 *
 * @param {number|null} seconds
 */
export function about(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(seconds < 36_000 ? 1 : 0)} h`;
}

/**
 * How long, rounded the way people say it.
 *
 * @param {number|null} seconds
 */
export function duration(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return MISSING;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A sentence of the engine, in which no line ends between a minus and what is left out. @param {string} text */
export function unbroken(text) {
  return text.replaceAll("− ", "−\u00a0");
}

/**
 * A name that somebody gave, for the middle of a sentence or a title: one that is written from right to left does not
 * turn around what stands beside it. Where it is an element of its own, `bdi` does the same.
 *
 * @param {string} name
 */
export function isolated(name) {
  // A mark in the name itself would end the isolation, or begin one that does not end.
  return `\u2068${name.replaceAll(/[\u2066-\u2069]/g, "")}\u2069`;
}
