/** Random numbers that are the same in every run. */

/** Mulberry32, by Tommy Ettinger (public domain). */
export class Seeded {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number from 0, below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /**
   * @param {number} least
   * @param {number} most
   */
  between(least, most) {
    return least + (most - least) * this.next();
  }

  /**
   * A whole number from 0.
   *
   * @param {number} count
   */
  below(count) {
    return Math.floor(this.next() * count);
  }

  /**
   * @template T
   * @param {T[]} values
   * @returns {T}
   */
  pick(values) {
    return values[this.below(values.length)];
  }
}

/** Seeds of a property loop. */
export const SEEDS = Array.from({ length: 200 }, (_, seed) => seed + 1);
