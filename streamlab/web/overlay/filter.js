/** Which of the things that were found are shown: those of a least score, and of certain labels. Pure. */

import { detectionsOf } from "./detections.js";

/**
 * @typedef {object} Filter
 * @property {number} minScore 0 shows every score
 * @property {string[] | null} labels null shows every label
 *
 * @typedef {import("./detections.js").Detection} Detection
 */

/** @type {Filter} */
export const ALL = { minScore: 0, labels: null };

/**
 * The filter that a model's settings make.
 *
 * @param {{get: (name: string) => any}} model
 * @returns {Filter}
 */
export function filterOf(model) {
  return { minScore: model.get("min_score") ?? 0, labels: model.get("labels") ?? null };
}

/**
 * A choice of labels as another pipeline takes it over: those that its model knows; null, all, where none
 * is left.
 *
 * @param {string[] | null} labels
 * @param {string[] | null | undefined} known what the pipeline's model knows, null where it does not tell
 */
export function labelsOf(labels, known) {
  const kept = labels?.filter((label) => known?.includes(label));
  if (!kept?.length) return null;
  return kept.length === labels?.length ? labels : kept;
}

/**
 * Whether a detection, or a class of a whole frame, is shown. The server decides alike: what has no
 * score passes whatever is the least, what has no label is none of those that are chosen.
 *
 * @param {{score?: unknown, label?: unknown} | null | undefined} found
 * @param {Filter} filter
 */
export function isShown(found, { minScore, labels }) {
  const score = found?.score;
  if (typeof score === "number" && score < minScore) return false;
  return labels === null || labels.includes(/** @type {string} */ (found?.label));
}

/**
 * A frame's answer without what is hidden; the answer itself where nothing is.
 *
 * @param {Record<string, any>} result
 * @param {Filter} filter
 * @returns {Record<string, any>}
 */
export function filtered(result, filter) {
  /** @type {Record<string, any>} */
  const changed = {};
  for (const name of ["detections", "tracks", "classes"]) {
    const found = result[name];
    if (!Array.isArray(found)) continue;
    const shown = found.filter((each) => isShown(each, filter));
    if (shown.length < found.length) changed[name] = shown;
  }
  if (!Object.keys(changed).length) return result;
  // the text of the whole frame has those of the detections that are hidden in it
  const { text, ...rest } = result;
  const isOfDetections = detectionsOf(result).some((each) => each.text);
  return { ...(isOfDetections ? rest : result), ...changed };
}
