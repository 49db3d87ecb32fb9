/** The figures of the last seconds of a run. Pure: times come in, milliseconds of the page's clock. */

import { quantile, Ring } from "./ring.js";

/** What charts and quantiles look back on, milliseconds. */
export const SPAN_MS = 30_000;
/** What rates are taken over, milliseconds. */
const RATE_MS = 5_000;
const CAPACITY = 4096;

/** @typedef {"normal" | "warning" | "critical"} State */

export const CAUSES = ["overflow", "replaced", "closed", "unknown"];

export class Metrics {
  /** Of answers: when, round trip ms. */
  trips = new Ring(CAPACITY, 1);
  /** Of overlays that were drawn: when, age ms. */
  ages = new Ring(CAPACITY, 1);
  /** Of frames sent: when, bytes. */
  sent = new Ring(CAPACITY, 1);
  /** Of drops: when, index in `CAUSES`. */
  drops = new Ring(CAPACITY, 1);
  /** Of changes of state: when, index in `STATES`. */
  states = new Ring(256, 1);
  /** @type {State} */
  state = "normal";

  began = NaN;
  totals = { sent: 0, processed: 0, dropped: 0, held: 0, other: 0 };
  /** @type {Record<string, number>} */
  causes = {};

  /**
   * @param {number} now
   * @param {number} bytes
   */
  frameSent(now, bytes) {
    if (Number.isNaN(this.began)) this.began = now;
    this.sent.push(now, bytes);
    this.totals.sent += 1;
  }

  /** A frame was due and not sent: the encoder or the network was busy. */
  frameHeld() {
    this.totals.held += 1;
  }

  /**
   * @param {number} now
   * @param {number} roundTrip ms
   */
  processed(now, roundTrip) {
    this.trips.push(now, roundTrip);
    this.totals.processed += 1;
  }

  /**
   * @param {number} now
   * @param {string} cause
   */
  dropped(now, cause) {
    const known = CAUSES.includes(cause) ? cause : "unknown";
    this.drops.push(now, CAUSES.indexOf(known));
    this.causes[known] = (this.causes[known] ?? 0) + 1;
    this.totals.dropped += 1;
  }

  /** A frame ended otherwise: refused, failed, or never answered. */
  ended() {
    this.totals.other += 1;
  }

  /**
   * @param {number} now
   * @param {number} age ms
   */
  drawn(now, age) {
    this.ages.push(now, age);
  }

  /**
   * @param {number} now
   * @param {State} state
   */
  stateIs(now, state) {
    if (state === this.state) return;
    this.state = state;
    this.states.push(now, STATES.indexOf(state));
  }

  /**
   * The shortest round trip of the last seconds, milliseconds; 0 where there is none.
   *
   * @param {number} now
   */
  leastTrip(now) {
    let least = Infinity;
    const { trips } = this;
    for (let row = trips.from(now - SPAN_MS); row < trips.length; row += 1) {
      least = Math.min(least, trips.at(row, 1));
    }
    return Number.isFinite(least) ? least : 0;
  }

  /**
   * The figures at a time; NaN where nothing is known.
   *
   * @param {number} now
   */
  figures(now) {
    const trips = this.trips.values(1, now - SPAN_MS);
    const ages = this.ages.values(1, now - SPAN_MS);
    const age = Number.isNaN(this.began) ? 0 : now - this.began;
    const span = Math.max(Math.min(RATE_MS, age), 1000) / 1e3;
    const since = now - span * 1e3;
    const sent = this.sent.values(1, since);
    const answered = this.trips.length - this.trips.from(since);
    const dropped = this.drops.length - this.drops.from(since);
    const bytes = sent.reduce((sum, value) => sum + value, 0);
    return {
      p50_ms: quantile(trips, 0.5),
      p95_ms: quantile(trips, 0.95),
      age_p50_ms: quantile(ages, 0.5),
      age_p95_ms: quantile(ages, 0.95),
      sent_fps: sent.length / span,
      answered_fps: answered / span,
      drop_rate: answered + dropped ? dropped / (answered + dropped) : 0,
      sent_kbit_s: (bytes * 8) / 1e3 / span,
    };
  }
}

/** @type {State[]} */
export const STATES = ["normal", "warning", "critical"];
