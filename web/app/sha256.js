/**
 * SHA-256 (FIPS 180-4). Browsers have one of their own, `crypto.subtle`, but not on pages that came over plain http
 * from another machine, which is how a page is served in a class room.
 */

/** The first 32 bits of the fractional parts of roots of the first primes: what section 4.2.2 and 5.3.3 list. */
const [CONSTANTS, START] = tables();

/** @returns {[Uint32Array, Uint32Array]} */
function tables() {
  /** @type {number[]} */
  const primes = [];
  for (let candidate = 2; primes.length < 64; candidate++)
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  const fraction = (/** @type {number} */ root) => (root - Math.floor(root)) * 2 ** 32;
  return [
    Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
  ];
}

/**
 * The hash of a text in UTF-8, as 64 hexadecimal digits.
 *
 * @param {string} text
 */
export function sha256(text) {
  const bytes = padded(new TextEncoder().encode(text));
  const state = Uint32Array.from(START);
  for (let at = 0; at < bytes.byteLength; at += 64) mix(state, new DataView(bytes.buffer, at, 64));
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/**
 * The message, a one bit, zeros, and its length in bits: a whole number of blocks of 64 bytes.
 *
 * @param {Uint8Array} message
 */
function padded(message) {
  const bytes = new Uint8Array((Math.ceil((message.length + 9) / 64) || 1) * 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  new DataView(bytes.buffer).setBigUint64(bytes.length - 8, 8n * BigInt(message.length));
  return bytes;
}

/** @param {Uint32Array} state @param {DataView} block */
function mix(state, block) {
  const words = new Uint32Array(64);
  const word = (/** @type {number} */ index) => /** @type {number} */ (words[index]);
  for (let index = 0; index < 64; index++) {
    if (index < 16) {
      words[index] = block.getUint32(4 * index);
      continue;
    }
    const [early, late] = [word(index - 15), word(index - 2)];
    const low = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const high = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    words[index] = word(index - 16) + low + word(index - 7) + high;
  }
  let [a, b, c, d, e, f, g, h] = /** @type {[number, number, number, number, number, number, number, number]} */ (
    /** @type {unknown} */ ([...state])
  );
  for (let index = 0; index < 64; index++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + (CONSTANTS[index] ?? 0) + word(index);
    const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) >>> 0, c, b, a, (one + two) >>> 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, index) => (state[index] = (state[index] ?? 0) + value));
}

/** @param {number} word @param {number} by */
function turned(word, by) {
  return (word >>> by) | (word << (32 - by));
}
