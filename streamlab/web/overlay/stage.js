/** The canvas that frames are shown on with what was found in them, and pictures of such frames. */

import { drawResult } from "./draw.js";

/**
 * The pixels of a side: the browser's own count, with its rounding, where it has one.
 *
 * @param {number} computed
 * @param {number | undefined} counted
 */
function pixels(computed, counted) {
  return counted !== undefined && Math.abs(counted - computed) < 2 ? counted : Math.round(computed);
}

/** A canvas as large as the pixels that it is shown on. */
export class Stage {
  #context;
  #ratio = 1;
  #watch;
  #width = 0;
  #height = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} redraw is called when its size has changed
   */
  constructor(canvas, redraw) {
    this.canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext("2d", { alpha: false })
    );
    this.#watch = new ResizeObserver(([entry]) => {
      const exact = entry.devicePixelContentBoxSize?.[0];
      const { width, height } = entry.contentRect;
      this.#ratio = devicePixelRatio;
      this.#width = pixels(width * devicePixelRatio, exact?.inlineSize);
      this.#height = pixels(height * devicePixelRatio, exact?.blockSize);
      redraw();
    });
    try {
      this.#watch.observe(canvas, { box: "device-pixel-content-box" });
    } catch {
      this.#watch.observe(canvas);
    }
  }

  /**
   * Draw a picture and what was found on it, as large as it fits.
   *
   * @param {ImageBitmap | HTMLVideoElement} picture
   * @param {Record<string, any> | null} result
   */
  draw(picture, result) {
    const { canvas } = this;
    const context = this.#context;
    const wide = "videoWidth" in picture ? picture.videoWidth : picture.width;
    const tall = "videoHeight" in picture ? picture.videoHeight : picture.height;
    if (!wide || !tall) return;
    this.#shape(wide / tall);
    if (!this.#width || !this.#height) return;
    // setting a canvas' size clears it, so that this is done only where it is drawn on next
    if (canvas.width !== this.#width) canvas.width = this.#width;
    if (canvas.height !== this.#height) canvas.height = this.#height;
    const zoom = Math.min(this.#width / wide, this.#height / tall);
    const left = Math.round((this.#width - wide * zoom) / 2);
    const top = Math.round((this.#height - tall * zoom) / 2);
    if (left || top) {
      context.fillStyle = "#000";
      context.fillRect(0, 0, this.#width, this.#height);
    }
    context.drawImage(picture, left, top, wide * zoom, tall * zoom);
    if (result) {
      context.save();
      context.translate(left, top);
      try {
        drawResult(context, result, zoom, this.#ratio);
      } finally {
        context.restore();
      }
    }
  }

  /**
   * Give the canvas' surroundings the shape of the picture.
   *
   * @param {number} aspect
   */
  #shape(aspect) {
    const wanted = aspect.toFixed(4);
    const around = this.canvas.parentElement;
    if (!around || around.dataset.aspect === wanted) return;
    around.dataset.aspect = wanted;
    around.style.aspectRatio = wanted;
  }

  /** Show no picture. */
  clear() {
    const { width, height } = this.canvas;
    this.#context.fillStyle = "#000";
    this.#context.fillRect(0, 0, width, height);
  }

  /** Watch its size no longer. */
  close() {
    this.#watch.disconnect();
  }
}

/**
 * A PNG of a frame in its own size, with what was found on it and a line of text.
 *
 * @param {ImageBitmap} bitmap
 * @param {Record<string, any>} result
 * @param {string} line
 * @returns {Promise<Blob>}
 */
export function snapshot(bitmap, result, line) {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { alpha: false })
  );
  context.drawImage(bitmap, 0, 0);
  drawResult(context, result, 1, 1, line);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}
