/**
 * Named random streams, so that both peers start from the same values and see the same batches. Not the product's
 * generator.
 */

export class Random {
  #state;

  /** @param {string} name */
  constructor(name) {
    let h = 2166136261;
    for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 16777619);
    this.#state = h >>> 0;
  }

  /** Uniform in [0, 1): mulberry32. */
  uniform() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  }

  /** @param {number} n */
  below(n) {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal: Box-Muller. */
  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}
