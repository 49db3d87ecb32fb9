/** Drawing an answer onto the frame that it belongs to. */

import { captionOf, classLineOf, detectionsOf } from "./detections.js";
import { drawLabel, labelHeight, shortened, strokeColour } from "./labels.js";
import {
  arePoints,
  drawArea,
  drawKeypoints,
  drawStrokes,
  fill,
  ringsOf,
  shapesOf,
  stroke,
  topOf,
} from "./shapes.js";

const LINE_PX = 2;
/** Captions that are drawn; where there are more things, they hide each other. */
const MAX_CAPTIONS = 200;
const CORNERS = 4;

/**
 * @typedef {import("./detections.js").Detection} Detection
 * @typedef {import("./shapes.js").Context} Context
 */

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
  for (const detection of detections)
    fill(context, ringsOf(detection.contours), strokeColour(detection), zoom);
  for (const shape of shapes) drawArea(context, shape, strokeColour(shape), zoom);
  for (const detection of detections) drawOutline(context, detection, zoom, ratio);
  for (const shape of shapes) drawStrokes(context, shape, strokeColour(shape), zoom);
  for (const shape of shapes.slice(0, MAX_CAPTIONS)) writeShape(context, shape, zoom, ratio);
  for (const detection of detections.slice(0, MAX_CAPTIONS))
    drawCaption(context, detection, zoom, ratio);
  if (status) drawLabel(context, status, 0, 0, "#000000", ratio);
  const line = classLineOf(result);
  const below = status ? labelHeight(ratio) : 0;
  if (line) drawLabel(context, line, 0, below, strokeColour(result.classes[0]), ratio);
}

/**
 * @param {Context} context
 * @param {Detection} detection
 * @param {number} zoom
 * @param {number} ratio
 */
function drawOutline(context, detection, zoom, ratio) {
  const { x, y, width, height, corners, keypoints } = detection;
  const colour = strokeColour(detection);
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
  const tall = labelHeight(ratio);
  const above = detection.y * zoom - tall;
  const below = (detection.y + detection.height) * zoom;
  // a text goes under its box, where it hides neither the box nor what it stands on
  const top = detection.text && below + tall <= context.canvas.height ? below : above;
  drawLabel(context, caption, detection.x * zoom, top, strokeColour(detection), ratio);
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
    drawLabel(context, shortened(text), x * zoom, y * zoom, strokeColour(shape), ratio);
    return;
  }
  const top = topOf(shape);
  if (typeof label !== "string" || !label || !top) return;
  drawLabel(
    context,
    shortened(label),
    top[0] * zoom,
    top[1] * zoom - labelHeight(ratio),
    strokeColour(shape),
    ratio,
  );
}
