/**
 * How many frames a second are sent, and which of those that a source shows.
 *
 * Pure: times in seconds come in and no clock is read. The rates are those of the Python client
 * (`streamlab.client.pace`): a fixed one, or additive increase and multiplicative decrease (Chiu and
 * Jain, 1989).
 */

export const MIN_FPS = 0.1;
/** Additive increase: this share of the full rate, every second. */
export const INCREASE_PER_S = 0.05;
/** Multiplicative decrease, where the server asks for no less. */
export const DECREASE = 0.85;
/** Seconds after a drop or a `slow_down` during which the rate stays where it is. */
export const HOLD_S = 2;

/**
 * @typedef {object} Pace
 * @property {number} fps the rate that it never exceeds, frames a second
 * @property {(now: number) => number} rate frames a second at a time
 * @property {(now: number) => void} dropped a frame was dropped
 * @property {(now: number, targetFps: number) => number | null} slowDown the server asks for a lower
 *   rate; returns the rate from now on, null if it stays
 */

/** Sends at one rate, whatever the server asks for. */
export class FixedPace {
  /** @param {number} fps */
  constructor(fps) {
    this.fps = fps;
  }

  /** @param {number} _now */
  rate(_now) {
    return this.fps;
  }

  /** @param {number} _now */
  dropped(_now) {}

  /**
   * @param {number} _now
   * @param {number} _targetFps
   * @returns {number | null}
   */
  slowDown(_now, _targetFps) {
    return null;
  }
}

/** Falls to the rate that the server asks for, and probes upwards again, up to `fps`. */
export class AdaptivePace {
  #base;
  #since = 0;

  /** @param {number} fps */
  constructor(fps) {
    this.fps = fps;
    this.#base = fps;
  }

  /** @param {number} now */
  rate(now) {
    const probed = this.#base + INCREASE_PER_S * this.fps * Math.max(0, now - this.#since);
    return Math.min(this.fps, probed);
  }

  /** @param {number} now */
  dropped(now) {
    this.#hold(now, this.rate(now));
  }

  /**
   * @param {number} now
   * @param {number} targetFps
   * @returns {number | null}
   */
  slowDown(now, targetFps) {
    this.#hold(now, Math.max(MIN_FPS, Math.min(targetFps, DECREASE * this.rate(now))));
    return this.#base;
  }

  /**
   * @param {number} now
   * @param {number} fps
   */
  #hold(now, fps) {
    this.#base = fps;
    this.#since = now + HOLD_S;
  }
}

/**
 * @param {number} fps
 * @param {boolean} adaptive
 * @returns {Pace}
 */
export function makePace(fps, adaptive) {
  return adaptive ? new AdaptivePace(fps) : new FixedPace(fps);
}

/**
 * Chooses which of the frames that a source shows are sent, so that their mean rate is the one asked
 * for: each is the frame nearest to its slot. A source that is slower has every frame sent.
 */
export class Slots {
  #due = -Infinity;
  #last = -Infinity;
  #sourceInterval = 0;

  /**
   * Whether the frame shown at a time is to be sent.
   *
   * @param {number} time seconds; later than that of the call before
   * @param {number} fps the rate, frames a second
   */
  take(time, fps) {
    const passed = time - this.#last;
    this.#last = time;
    if (passed > 0 && passed < Infinity) {
      // the mean of late, of which no single gap makes much: a stall, or frames that a page misses
      const before = this.#sourceInterval || passed;
      this.#sourceInterval = before + (Math.min(passed, 1.5 * before) - before) / 16;
    }
    const interval = 1 / fps;
    const slack = Math.min(interval, this.#sourceInterval) / 2;
    const due = Math.min(this.#due, time + interval);
    if (time < due - slack) {
      this.#due = due;
      return false;
    }
    // a frame that comes late moves the slots; one that is a little off does not
    this.#due = time - due > interval + slack ? time + interval : due + interval;
    return true;
  }
}
