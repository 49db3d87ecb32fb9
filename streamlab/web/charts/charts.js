/** Small charts of the last 30 seconds, drawn a few times a second. */

import { CAUSES, SPAN_MS, STATES } from "../metrics/metrics.js";

/** @typedef {import("../metrics/metrics.js").Metrics} Metrics */

/** The round trip that streamlab aims at, milliseconds. */
const TARGET_MS = 40;
/** The top of the scale, as a multiple of the 95th percentile. */
const HEADROOM = 1.6;
const LEFT_PX = 30;
const BOTTOM_PX = 16;
const TOP_PX = 10;
const RIGHT_PX = 6;
const FONT = "11px system-ui, sans-serif";
const SECONDS = [30, 20, 10, 0];

/** Colours and shapes as in the lab's charts: a cause is not told by its colour alone. */
export const CAUSE_COLOURS = ["#e69f00", "#d55e00", "#cc79a7", "#b8a800"];

/**
 * @typedef {object} Ink the colours of the theme
 * @property {string} text
 * @property {string} faint
 * @property {string} line
 * @property {string} accent
 * @property {string} second
 * @property {string[]} bands of the states
 */

/** A canvas with room for an axis below and one on the left. */
class Chart {
  #context;
  #watch;
  #ratio = 1;
  width = 0;
  height = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} redraw is called when its size has changed
   */
  constructor(canvas, redraw) {
    this.canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#watch = new ResizeObserver(([entry]) => {
      this.#ratio = devicePixelRatio;
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      canvas.width = Math.round(this.width * this.#ratio);
      canvas.height = Math.round(this.height * this.#ratio);
      redraw();
    });
    this.#watch.observe(canvas);
  }

  close() {
    this.#watch.disconnect();
  }

  /**
   * Clear it and draw the axes; returns the context, and null where there is no room.
   *
   * @param {number} most the top of the scale
   * @param {Ink} ink
   */
  begin(most, ink) {
    const context = this.#context;
    if (this.width <= LEFT_PX + RIGHT_PX || this.height <= TOP_PX + BOTTOM_PX) return null;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = FONT;
    context.lineWidth = 1;
    context.strokeStyle = ink.line;
    context.fillStyle = ink.text;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(this.y(most * share, most)) + 0.5;
      context.beginPath();
      context.moveTo(LEFT_PX, y);
      context.lineTo(this.width - RIGHT_PX, y);
      context.stroke();
      const value = most * share;
      context.fillText(value >= 10 || !value ? value.toFixed(0) : value.toFixed(1), LEFT_PX - 4, y);
    }
    context.textBaseline = "alphabetic";
    for (const seconds of SECONDS) {
      context.textAlign = seconds === SECONDS[0] ? "left" : seconds ? "center" : "right";
      const label = seconds ? `-${seconds} s` : "now";
      context.fillText(label, this.x(-seconds * 1e3, 0), this.height - 3);
    }
    context.textAlign = "left";
    return context;
  }

  /**
   * @param {number} time
   * @param {number} now
   */
  x(time, now) {
    const wide = this.width - LEFT_PX - RIGHT_PX;
    return LEFT_PX + (wide * (time - now + SPAN_MS)) / SPAN_MS;
  }

  /**
   * @param {number} value
   * @param {number} most
   */
  y(value, most) {
    const tall = this.height - TOP_PX - BOTTOM_PX;
    return TOP_PX + tall * (1 - Math.min(value, most) / most);
  }
}

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

/**
 * The top of a scale that holds a value: 1, 2 or 5 times a power of ten, or between.
 *
 * @param {number} value
 */
export function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 6, 8, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}
