/** What the charts of the last 30 seconds share: a canvas with its axes. */

import { SPAN_MS } from "../metrics/metrics.js";

export const LEFT_PX = 30;
export const BOTTOM_PX = 16;
export const TOP_PX = 10;
export const RIGHT_PX = 6;
const FONT = "11px system-ui, sans-serif";
const SECONDS = [30, 20, 10, 0];

/** Colours and shapes as in the lab's charts: causes differ by more than their colour. */
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
export class Chart {
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
      context.textAlign = "center";
      if (seconds === SECONDS[0]) context.textAlign = "left";
      else if (!seconds) context.textAlign = "right";
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
