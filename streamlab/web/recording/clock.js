/** The server's clock on the page's, as `streamlab.recording.assemble.server_clock` places it. */

/**
 * @typedef {object} Times of a frame, milliseconds; those received are on the server's clock
 * @property {number} sent_ms
 * @property {number} [received_ms]
 * @property {number} [total_ms]
 * @property {number} [answered_ms]
 */

/** Bounds the offset between the two clocks by every answered frame. */
export class Clock {
  #least = -Infinity;
  #most = Infinity;

  /**
   * No frame is received before it is sent, or answered before it is.
   *
   * @param {Times} row
   */
  see(row) {
    if (row.received_ms === undefined || row.answered_ms === undefined) return;
    this.#least = Math.max(this.#least, row.sent_ms - row.received_ms);
    this.#most = Math.min(this.#most, row.answered_ms - (row.total_ms ?? 0) - row.received_ms);
  }

  /** Milliseconds to add to the server's times; null before the first answer. */
  get offset() {
    return this.#least === -Infinity ? null : (this.#least + this.#most) / 2;
  }

  /** By how much that may be wrong, milliseconds. */
  get error() {
    return this.#least === -Infinity ? null : Math.abs(this.#most - this.#least) / 2;
  }
}
