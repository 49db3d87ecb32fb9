/** The chart of round trips. */

import { SPAN_MS, STATES } from "../metrics/metrics.js";
import { BOTTOM_PX, CAUSE_COLOURS, Chart, LEFT_PX, niceTop, RIGHT_PX, TOP_PX } from "./chart.js";

/**
 * @typedef {import("../metrics/metrics.js").Metrics} Metrics
 * @typedef {import("./chart.js").Ink} Ink
 */

/** The round trip that streamlab aims at, milliseconds. */
const TARGET_MS = 40;
/** The top of the scale, as a multiple of the 95th percentile. */
const HEADROOM = 1.6;

/** Round trips as dots over time, drops as marks at the top, states as bands behind. */
export class LatencyChart extends Chart {
  /**
   * @param {Metrics} metrics
   * @param {number} now
   * @param {Ink} ink
   * @param {{p50_ms: number, p95_ms: number}} figures
   */
  draw(metrics, now, ink, figures) {
    // a single late frame does not flatten all the others: it stands at the top
    const high = figures.p95_ms ? HEADROOM * figures.p95_ms : 0;
    const most = niceTop(Math.max(high, TARGET_MS * 1.5));
    const context = this.begin(most, ink);
    if (!context) return;
    this.#bands(context, metrics, now, ink);
    this.#level(context, TARGET_MS, most, ink.faint, [2, 3]);
    const { trips, drops } = metrics;
    context.fillStyle = ink.accent;
    for (let row = trips.from(now - SPAN_MS); row < trips.length; row += 1) {
      context.fillRect(this.x(trips.at(row, 0), now) - 1, this.y(trips.at(row, 1), most) - 1, 2, 2);
    }
    for (let row = drops.from(now - SPAN_MS); row < drops.length; row += 1) {
      const cause = drops.at(row, 1);
      const x = this.x(drops.at(row, 0), now);
      context.fillStyle = CAUSE_COLOURS[cause];
      // the further a cause is down the list, the lower its mark
      context.fillRect(x - 0.75, 1 + cause * 2, 1.5, 7);
    }
    if (figures.p50_ms) this.#level(context, figures.p50_ms, most, ink.text, []);
    if (figures.p95_ms) this.#level(context, figures.p95_ms, most, ink.text, [6, 4]);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Metrics} metrics
   * @param {number} now
   * @param {Ink} ink
   */
  #bands(context, { states, began }, now, ink) {
    const begins = Math.max(now - SPAN_MS, Number.isNaN(began) ? now : began);
    let from = begins;
    let state = 0;
    const band = (/** @type {number} */ until) => {
      if (state && until > from) {
        context.fillStyle = ink.bands[state];
        const left = this.x(from, now);
        context.fillRect(left, TOP_PX, this.x(until, now) - left, this.height - TOP_PX - BOTTOM_PX);
        const label = STATES[state];
        if (this.x(until, now) - left > context.measureText(label).width + 8) {
          context.fillStyle = ink.text;
          context.fillText(label, left + 4, TOP_PX + 11);
        }
      }
      from = Math.max(begins, until);
    };
    for (let row = 0; row < states.length; row += 1) {
      band(states.at(row, 0));
      state = states.at(row, 1);
    }
    band(now);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} value
   * @param {number} most
   * @param {string} colour
   * @param {number[]} dashes
   */
  #level(context, value, most, colour, dashes) {
    const y = this.y(value, most);
    context.save();
    context.setLineDash(dashes);
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(LEFT_PX, y);
    context.lineTo(this.width - RIGHT_PX, y);
    context.stroke();
    context.restore();
  }
}
