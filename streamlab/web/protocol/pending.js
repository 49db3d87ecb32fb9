/** The frames that were sent, each kept until its answer comes. */

/**
 * @template Kept
 * What is kept of each frame, by the index that the server counts it by.
 */
export class Pending {
  /** @type {Map<number, Kept>} */
  #kept = new Map();
  #count = 0;

  /**
   * Keep what belongs to the next frame; returns its index.
   *
   * @param {Kept} kept
   */
  add(kept) {
    const index = this.#count;
    this.#kept.set(index, kept);
    this.#count += 1;
    return index;
  }

  /**
   * Take out what belongs to an answer; undefined for an index that is not awaited.
   *
   * @param {number} index
   */
  take(index) {
    const kept = this.#kept.get(index);
    this.#kept.delete(index);
    return kept;
  }

  /** Take out the oldest one: an error is the answer of the first frame that has none. */
  takeOldest() {
    for (const index of this.#kept.keys()) return this.take(index);
    return undefined;
  }

  /** Take out all of them, oldest first. */
  takeAll() {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    return all;
  }

  /** Frames without an answer. */
  get size() {
    return this.#kept.size;
  }

  /** Frames that were sent. */
  get count() {
    return this.#count;
  }
}
