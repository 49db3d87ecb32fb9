/** The detections of an answer, and the words that stand at them. */

import { shortened } from "./labels.js";

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
 * @property {any} [contours] rings of points: drawn in place of the box
 * @property {any} [keypoints] x, y and how sure it is, each
 * @property {any} [corners] of an oriented box: drawn in place of the upright one
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
  return shortened(words.filter(Boolean).join(" "));
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
  const line = shortened(surest.label);
  return typeof surest.score === "number" ? `${line} ${surest.score.toFixed(2)}` : line;
}
