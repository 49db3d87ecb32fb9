/** Strokes and areas on a picture: what a thing's geometry and a tool's shapes look like. */

/**
 * @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context
 * @typedef {[number, number]} Point x and y, in pixels of the frame as it was sent
 *
 * @typedef {object} Shape what a tool wants drawn; which fields it has its `kind` says
 * @property {"line" | "polygon" | "text" | "mask"} kind
 * @property {string} [label]
 * @property {string} [color] `#rrggbb`; that of the label unless given
 * @property {Point[]} [points]
 * @property {boolean} [fill]
 * @property {Point[][]} [contours]
 * @property {number} [x]
 * @property {number} [y]
 * @property {string} [text]
 */

/** Of the colour in an area that is filled. */
const FILL_SHARE = 0.5;
/** Of a keypoint that is drawn. */
const LEAST_CONFIDENCE = 0.5;
const DOT_PX = 3;
const LEAST_RING = 3;
/** The limbs of COCO's person: pairs of its 17 keypoints, from 0. */
// biome-ignore format: two to a limb are read better side by side
const SKELETON = [
  [15, 13], [13, 11], [16, 14], [14, 12], [11, 12],
  [5, 11], [6, 12], [5, 6], [5, 7], [6, 8], [7, 9], [8, 10],
  [1, 2], [0, 1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6],
];
const COCO_KEYPOINTS = 17;

/**
 * Whether something is a list of points that can be drawn.
 *
 * @param {any} points
 * @param {number} least
 * @returns {points is Point[]}
 */
export function arePoints(points, least) {
  return (
    Array.isArray(points) &&
    points.length >= least &&
    points.every((point) => Number.isFinite(point?.[0]) && Number.isFinite(point?.[1]))
  );
}

/**
 * The rings of something that has contours, without those that have no area.
 *
 * @param {any} contours
 * @returns {Point[][]}
 */
export function ringsOf(contours) {
  return Array.isArray(contours) ? contours.filter((ring) => arePoints(ring, LEAST_RING)) : [];
}

/**
 * The shapes of a pipeline's answer that can be drawn.
 *
 * @param {Record<string, any>} result
 * @returns {Shape[]}
 */
export function shapesOf({ shapes }) {
  if (!Array.isArray(shapes)) return [];
  return shapes.filter((shape) => {
    switch (shape?.kind) {
      case "line":
        return arePoints(shape.points, 2);
      case "polygon":
        return arePoints(shape.points, LEAST_RING);
      case "mask":
        return Array.isArray(shape.contours);
      case "text":
        return (
          Number.isFinite(shape.x) && Number.isFinite(shape.y) && typeof shape.text === "string"
        );
      default:
        return false;
    }
  });
}

/**
 * Draw a line through points.
 *
 * @param {Context} context its `lineWidth` is taken
 * @param {Point[]} points
 * @param {string} colour
 * @param {boolean} closed
 * @param {number} zoom
 */
export function stroke(context, points, colour, closed, zoom) {
  context.strokeStyle = colour;
  context.beginPath();
  trace(context, points, closed, zoom);
  context.stroke();
}

/**
 * Cover the area within rings half-transparently; what lies within an even number of them is a hole.
 *
 * @param {Context} context
 * @param {Point[][]} rings
 * @param {string} colour
 * @param {number} zoom
 */
export function fill(context, rings, colour, zoom) {
  if (!rings.length) return;
  context.fillStyle = colour;
  context.globalAlpha = FILL_SHARE;
  context.beginPath();
  for (const ring of rings) trace(context, ring, true, zoom);
  context.fill("evenodd");
  context.globalAlpha = 1;
}

/**
 * Draw the keypoints of a thing that are sure, and a skeleton where they are those of a person.
 *
 * @param {Context} context
 * @param {any} keypoints x, y and how sure it is, each
 * @param {string} colour
 * @param {number} zoom
 * @param {number} ratio
 */
export function drawKeypoints(context, keypoints, colour, zoom, ratio) {
  if (!arePoints(keypoints, 1)) return;
  const isSure = (/** @type {any} */ point) => point[2] >= LEAST_CONFIDENCE;
  const limbs = keypoints.length === COCO_KEYPOINTS ? SKELETON : [];
  for (const [from, to] of limbs) {
    const ends = [keypoints[from], keypoints[to]];
    if (ends.every(isSure)) stroke(context, ends, colour, false, zoom);
  }
  for (const [x, y] of keypoints.filter(isSure)) {
    for (const [radius, ink] of /** @type {[number, string][]} */ ([
      [DOT_PX + 1, "#fff"],
      [DOT_PX, colour],
    ])) {
      context.fillStyle = ink;
      context.beginPath();
      context.arc(x * zoom, y * zoom, radius * ratio, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

/**
 * @param {Context} context
 * @param {Shape} shape
 * @param {string} colour
 * @param {number} zoom
 */
export function drawArea(context, shape, colour, zoom) {
  if (shape.kind === "mask") fill(context, ringsOf(shape.contours), colour, zoom);
  else if (shape.kind === "polygon" && shape.fill && shape.points)
    fill(context, [shape.points], colour, zoom);
}

/**
 * @param {Context} context
 * @param {Shape} shape
 * @param {string} colour
 * @param {number} zoom
 */
export function drawStrokes(context, shape, colour, zoom) {
  if (shape.kind === "mask") {
    for (const ring of ringsOf(shape.contours)) stroke(context, ring, colour, true, zoom);
  } else if (shape.points) {
    stroke(context, shape.points, colour, shape.kind === "polygon", zoom);
  }
}

/**
 * The topmost point of a shape, where a label hides the least of it.
 *
 * @param {Shape} shape
 * @returns {Point | null}
 */
export function topOf({ points, contours }) {
  const all = points ?? ringsOf(contours).flat();
  /** @type {Point | null} */
  let top = null;
  for (const point of all) {
    if (!top || point[1] < top[1] || (point[1] === top[1] && point[0] < top[0])) top = point;
  }
  return top;
}

/**
 * @param {Context} context
 * @param {Point[]} points
 * @param {boolean} closed
 * @param {number} zoom
 */
function trace(context, points, closed, zoom) {
  const [[x, y], ...rest] = points;
  context.moveTo(x * zoom, y * zoom);
  for (const [nextX, nextY] of rest) context.lineTo(nextX * zoom, nextY * zoom);
  if (closed) context.closePath();
}
