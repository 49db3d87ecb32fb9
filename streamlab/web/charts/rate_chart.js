/** The chart of frames a second. */

import { CAUSES, SPAN_MS } from "../metrics/metrics.js";
import { CAUSE_COLOURS, Chart, LEFT_PX, niceTop } from "./chart.js";

/**
 * @typedef {import("../metrics/metrics.js").Metrics} Metrics
 * @typedef {import("./chart.js").Ink} Ink
 */

/** Frames sent, answered and dropped in each second: steps, filled steps and bars. */
export class RateChart extends Chart {
  /**
   * @param {Metrics} metrics
   * @param {number} now
   * @param {Ink} ink
   */
  draw(metrics, now, ink) {
    // whole seconds of the run, so that what is past does not flicker
    const newest = Math.floor(now / 1e3) * 1e3;
    const seconds = SPAN_MS / 1e3;
    const count = (/** @type {import("../metrics/ring.js").Ring} */ ring) => {
      const counts = new Array(seconds).fill(0);
      for (let row = ring.from(newest - SPAN_MS); row < ring.length; row += 1) {
        const place = Math.floor((ring.at(row, 0) - newest + SPAN_MS) / 1e3);
        if (place < seconds) counts[place] += 1;
      }
      return counts;
    };
    const sent = count(metrics.sent);
    const answered = count(metrics.trips);
    const dropped = CAUSES.map((_, cause) => countDrops(metrics, newest, cause));
    const most = niceTop(Math.max(10, ...sent, ...answered));
    const context = this.begin(most, ink);
    if (!context) return;
    const second = (/** @type {number} */ place) => newest - SPAN_MS + place * 1e3;
    const wide = this.x(1e3, 0) - this.x(0, 0);
    const floor = this.y(0, most);
    answered.forEach((value, place) => {
      const x = this.x(second(place), now);
      if (x < LEFT_PX) return;
      let y = this.y(value, most);
      context.fillStyle = ink.second;
      context.fillRect(x, y, wide - 1, floor - y);
      dropped.forEach((counts, cause) => {
        const tall = floor - this.y(counts[place], most);
        context.fillStyle = CAUSE_COLOURS[cause];
        context.fillRect(x, y - tall, wide - 1, tall);
        y -= tall;
      });
    });
    context.strokeStyle = ink.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    sent.forEach((value, place) => {
      const x = this.x(second(place), now);
      if (x < LEFT_PX || !(second(place) + 1e3 > metrics.began)) return;
      context.lineTo(x, this.y(value, most));
      context.lineTo(x + wide, this.y(value, most));
    });
    context.stroke();
  }
}

/**
 * @param {Metrics} metrics
 * @param {number} newest
 * @param {number} cause
 */
function countDrops({ drops }, newest, cause) {
  const counts = new Array(SPAN_MS / 1e3).fill(0);
  for (let row = drops.from(newest - SPAN_MS); row < drops.length; row += 1) {
    const place = Math.floor((drops.at(row, 0) - newest + SPAN_MS) / 1e3);
    if (place < counts.length && drops.at(row, 1) === cause) counts[place] += 1;
  }
  return counts;
}
