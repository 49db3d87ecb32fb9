/** Drawing a frame with the answer that belongs to it. */

// Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), in the order of streamlab.lab.annotate
const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#f0e442"];
const BRIGHT_LUMA = 140;
const FONT_PX = 13;
const LINE_PX = 2;
const PAD_PX = 3;
/** Characters of a caption that are drawn. */
const LONG = 80;
/** Captions that are drawn; where there are more things, they hide each other. */
const MAX_CAPTIONS = 200;
const SIDES = ["x", "y", "width", "height"];

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
 *
 * @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context
 */

/**
 * The colour of a label: from its own bytes, so that it is the same in every video.
 *
 * @param {string} label
 */
export function colourOf(label) {
  let rest = 0;
  for (const byte of new TextEncoder().encode(String(label))) rest = (rest * 256 + byte) % PALETTE.length;
  return PALETTE[rest];
}

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
  const caption = words.filter(Boolean).join(" ");
  return caption.length > LONG ? `${caption.slice(0, LONG)}…` : caption;
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
 * Draw a frame's detections onto a picture of it.
 *
 * @param {Context} context
 * @param {Record<string, any>} result
 * @param {number} zoom pixels of the canvas for one of the frame
 * @param {number} ratio pixels of the canvas for one of CSS
 */
export function drawResult(context, result, zoom, ratio) {
  const detections = detectionsOf(result);
  context.lineWidth = Math.max(1, Math.round(LINE_PX * ratio));
  context.lineJoin = "round";
  for (const { x, y, width, height, label } of detections) {
    context.strokeStyle = colourOf(label ?? "");
    context.strokeRect(x * zoom, y * zoom, width * zoom, height * zoom);
  }
  context.font = `600 ${FONT_PX * ratio}px system-ui, sans-serif`;
  context.textBaseline = "top";
  for (const detection of detections.slice(0, MAX_CAPTIONS)) drawCaption(context, detection, zoom, ratio);
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
  const { width, height } = context.canvas;
  const colour = colourOf(detection.label ?? "");
  const pad = PAD_PX * ratio;
  const tall = FONT_PX * ratio + 2 * pad;
  const wide = context.measureText(caption).width + 2 * pad;
  const above = detection.y * zoom - tall;
  const below = (detection.y + detection.height) * zoom;
  // a text goes under its box, where it hides neither the box nor what it stands on
  const wanted = detection.text && below + tall <= height ? below : above;
  const left = Math.max(0, Math.min(detection.x * zoom, width - wide));
  const top = Math.max(0, Math.min(wanted, height - tall));
  context.fillStyle = colour;
  context.fillRect(left, top, wide, tall);
  context.fillStyle = isBright(colour) ? "#000" : "#fff";
  context.fillText(caption, left + pad, top + pad);
}

/** @param {string} colour `#rrggbb` */
function isBright(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > BRIGHT_LUMA; // ITU-R BT.601
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
  drawResult(context, result, 1, 1);
  const wide = context.measureText(line).width;
  context.fillStyle = "#000";
  context.fillRect(0, 0, wide + 2 * PAD_PX, FONT_PX + 2 * PAD_PX);
  context.fillStyle = "#fff";
  context.fillText(line, PAD_PX, PAD_PX);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}
