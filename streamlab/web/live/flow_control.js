/**
 * Which frames are sent: at the rate that is set, or that the server asks for, and none while more are
 * under way than the server holds back and the network explains. Pure: times in seconds come in.
 */

import { HOLD_S, makePace, Slots } from "../capture/pace.js";

/** Bytes that may wait for the network before frames are held back. */
const MAX_UNSENT = 256 * 1024;
/** The round trip, at most, for which frames are kept under way, milliseconds. */
const MAX_TRIP_MS = 1000;

export class FlowControl {
  #slots = new Slots();
  #pace;
  #slowedAt = -Infinity;
  /** The way there and back without any waiting, milliseconds. */
  #tripMs = 0;

  /**
   * @param {number} fps the rate that it never exceeds, frames a second
   * @param {boolean} adaptive whether the rate follows the server and the network
   */
  constructor(fps, adaptive) {
    this.#pace = makePace(fps, adaptive);
  }

  /**
   * Go by another rate from now on.
   *
   * @param {number} fps
   * @param {boolean} adaptive
   */
  setRate(fps, adaptive) {
    this.#pace = makePace(fps, adaptive);
  }

  /** @param {number} ms the shortest round trip of late, 0 where none is known */
  set tripMs(ms) {
    this.#tripMs = Math.min(ms, MAX_TRIP_MS);
  }

  /**
   * Whether a frame that the source shows is to be sent; each is asked of once, in order.
   *
   * @param {number} seconds when it was shown
   */
  isDue(seconds) {
    return this.#slots.take(seconds, this.#pace.rate(seconds));
  }

  /**
   * Whether a frame that is sent now would only wait in the network.
   *
   * @param {number} seconds
   * @param {{awaited: number, unsentBytes: number}} stream
   * @param {number} held frames that the server may hold back
   */
  isCongested(seconds, { awaited, unsentBytes }, held) {
    if (unsentBytes > MAX_UNSENT) return true;
    return awaited > held + Math.ceil((this.#pace.rate(seconds) * this.#tripMs) / 1e3);
  }

  /**
   * A frame was dropped by the server.
   *
   * @param {number} seconds
   */
  dropped(seconds) {
    this.#pace.dropped(seconds);
  }

  /**
   * The server asks for a lower rate; returns the rate from now on, null if it stays.
   *
   * @param {number} seconds
   * @param {number} targetFps
   */
  slowDown(seconds, targetFps) {
    return this.#pace.slowDown(seconds, targetFps);
  }

  /**
   * A frame was held back by a network that is too slow, which asks for nothing; returns as `slowDown`,
   * and once in `HOLD_S` at most does anything.
   *
   * @param {number} seconds
   */
  congested(seconds) {
    if (seconds < this.#slowedAt + HOLD_S) return null;
    this.#slowedAt = seconds;
    return this.#pace.slowDown(seconds, this.#pace.rate(seconds));
  }
}
