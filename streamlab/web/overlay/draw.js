/** Drawing a frame with the answer that belongs to it. */

import { cut, drawLabel, inkOf, tallness } from "./labels.js";
import { arePoints, drawArea, drawKeypoints, drawStrokes, fill, ringsOf, shapesOf, stroke, topOf } from "./shapes.js";
export { colourOf } from "./labels.js";

const LINE_PX = 2;
/** Captions that are drawn; where there are more things, they hide each other. */
const MAX_CAPTIONS = 200;
const SIDES = ["x", "y", "width", "height"];
const CORNERS = 4;

/**
 * @typedef {object} Detection boxes are in pixels of the frame as it was sent
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {string | null} [label]
 * @property {number | null} [score]
 * @property {number | null} [track_id]
 * @property {string | null} [text]
 * @property {any} [contours] rings of points: drawn in place of the box
 * @property {any} [keypoints] x, y and how sure it is, each
 * @property {any} [corners] of an oriented box: drawn in place of the upright one
 *
 * @typedef {import("./shapes.js").Context} Context
 * @typedef {import("./shapes.js").Point} Point
 */

/**
 * What stands at a box.
 *
 * @param {Detection} detection
 */
export function captionOf({ label, track_id, text, score }) {
  const words = [label ?? ""];
  if (track_id !== undefined && track_id !== null) words.push(`#${track_id}`);
  if (text) words.push(String(text));
  else if (typeof score === "number") words.push(score.toFixed(2));
  return cut(words.filter(Boolean).join(" "));
}

/**
 * The detections of a pipeline's answer; none for a pipeline that answers something else.
 *
 * @param {Record<string, any>} result
 * @returns {Detection[]}
 */
export function detectionsOf(result) {
  const { detections } = result;
  if (!Array.isArray(detections)) return [];
  return detections.filter((each) => SIDES.every((side) => Number.isFinite(each?.[side])));
}

/**
 * The surest class of a frame as a whole, as a line; "" where the answer has none.
 *
 * @param {Record<string, any>} result
 */
export function classLineOf({ classes }) {
  const surest = Array.isArray(classes) ? classes[0] : null;
  if (typeof surest?.label !== "string") return "";
  const line = cut(surest.label);
  return typeof surest.score === "number" ? `${line} ${surest.score.toFixed(2)}` : line;
}

/**
 * Draw what was found in a frame, and the shapes of its tools, onto a picture of it.
 *
 * @param {Context} context
 * @param {Record<string, any>} result
 * @param {number} zoom pixels of the canvas for one of the frame
 * @param {number} ratio pixels of the canvas for one of CSS
 * @param {string} [status] a line at the top left
 */
export function drawResult(context, result, zoom, ratio, status = "") {
  const detections = detectionsOf(result);
  const shapes = shapesOf(result);
  context.lineWidth = Math.max(1, Math.round(LINE_PX * ratio));
  context.lineJoin = "round";
  // areas first: they cover nothing that is drawn
  for (const detection of detections) fill(context, ringsOf(detection.contours), inkOf(detection), zoom);
  for (const shape of shapes) drawArea(context, shape, inkOf(shape), zoom);
  for (const detection of detections) drawOutline(context, detection, zoom, ratio);
  for (const shape of shapes) drawStrokes(context, shape, inkOf(shape), zoom);
  for (const shape of shapes.slice(0, MAX_CAPTIONS)) writeShape(context, shape, zoom, ratio);
  for (const detection of detections.slice(0, MAX_CAPTIONS)) drawCaption(context, detection, zoom, ratio);
  if (status) drawLabel(context, status, 0, 0, "#000000", ratio);
  const line = classLineOf(result);
  const below = status ? tallness(ratio) : 0;
  if (line) drawLabel(context, line, 0, below, inkOf(result.classes[0]), ratio);
}

/**
 * @param {Context} context
 * @param {Detection} detection
 * @param {number} zoom
 * @param {number} ratio
 */
function drawOutline(context, detection, zoom, ratio) {
  const { x, y, width, height, corners, keypoints } = detection;
  const colour = inkOf(detection);
  const rings = ringsOf(detection.contours);
  if (rings.length) {
    for (const ring of rings) stroke(context, ring, colour, true, zoom);
  } else if (arePoints(corners, CORNERS)) {
    stroke(context, corners, colour, true, zoom);
  } else {
    context.strokeStyle = colour;
    context.strokeRect(x * zoom, y * zoom, width * zoom, height * zoom);
  }
  drawKeypoints(context, keypoints, colour, zoom, ratio);
}

/**
 * @param {Context} context
 * @param {Detection} detection
 * @param {number} zoom
 * @param {number} ratio
 */
function drawCaption(context, detection, zoom, ratio) {
  const caption = captionOf(detection);
  if (!caption) return;
  const tall = tallness(ratio);
  const above = detection.y * zoom - tall;
  const below = (detection.y + detection.height) * zoom;
  // a text goes under its box, where it hides neither the box nor what it stands on
  const top = detection.text && below + tall <= context.canvas.height ? below : above;
  drawLabel(context, caption, detection.x * zoom, top, inkOf(detection), ratio);
}

/**
 * Write what a shape says: a text, or the label of another one.
 *
 * @param {Context} context
 * @param {import("./shapes.js").Shape} shape
 * @param {number} zoom
 * @param {number} ratio
 */
function writeShape(context, shape, zoom, ratio) {
  const { kind, x, y, text, label } = shape;
  if (kind === "text" && text !== undefined && x !== undefined && y !== undefined) {
    drawLabel(context, cut(text), x * zoom, y * zoom, inkOf(shape), ratio);
    return;
  }
  const top = topOf(shape);
  if (typeof label !== "string" || !label || !top) return;
  drawLabel(context, cut(label), top[0] * zoom, top[1] * zoom - tallness(ratio), inkOf(shape), ratio);
}

/**
 * The pixels of a side: as the browser says, who knows how it rounds, if it has counted them at all.
 *
 * @param {number} computed
 * @param {number | undefined} told
 */
function pixels(computed, told) {
  return told !== undefined && Math.abs(told - computed) < 2 ? told : Math.round(computed);
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
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
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
 * A PNG of a frame in its own size, with what was found on it and a line that says which it is.
 *
 * @param {ImageBitmap} bitmap
 * @param {Record<string, any>} result
 * @param {string} line
 * @returns {Promise<Blob>}
 */
export async function snapshot(bitmap, result, line) {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  context.drawImage(bitmap, 0, 0);
  drawResult(context, result, 1, 1, line);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}
