/** What a session is told of the settings of a view: in its address, and while it runs. Pure. */

import { filterOf } from "../overlay/filter.js";

/**
 * @typedef {{get: (name: string) => any}} Settings
 * @typedef {import("../protocol/server.js").Pipeline} Pipeline
 */

/** What a session decides by, and what can be changed while it runs. */
export const TUNABLE = ["drop_threshold", "slowdown_threshold", "waiting_frames", "window_s"];
/** Which detections are wanted: a session of a pipeline that detects is told. */
export const FILTERING = ["min_score", "labels"];
/** Labels that a session takes; of more, the view alone goes by its choice. */
const MAX_LABELS = 256;

/**
 * What of the choice the session of a pipeline can do; null for a pipeline that takes none.
 *
 * @param {Settings} settings
 * @param {Pipeline | undefined} pipeline
 * @returns {{min_score: number, labels: string[] | null} | null}
 */
export function filterSettings(settings, pipeline) {
  if (!pipeline?.detects) return null;
  const { minScore, labels } = filterOf(settings);
  const known = labels?.filter((label) => pipeline.labels?.includes(label)) ?? [];
  // a session takes no empty choice, and no label that its model does not know: the view hides those. Of
  // labels that no model tells, the view learns by seeing them, so that none is hidden before it comes here
  const isTold = known.length > 0 && known.length <= MAX_LABELS;
  return { min_score: minScore, labels: isTold ? known : null };
}

/**
 * The parameters of a session's address; null leaves one to the server.
 *
 * @param {Settings} settings
 * @param {Pipeline | undefined} pipeline
 * @returns {Record<string, string | number | string[] | null>}
 */
export function urlSettings(settings, pipeline) {
  const given = Object.fromEntries(TUNABLE.map((name) => [name, settings.get(name)]));
  const filter = filterSettings(settings, pipeline);
  if (!filter) return given;
  const { min_score, labels } = filter;
  return { ...given, min_score: min_score || null, labels: labels && separated(labels) };
}

/**
 * Labels as an address has them: between commas, or each by itself where one has a comma in it.
 *
 * @param {string[]} labels
 */
function separated(labels) {
  if (labels.every((label) => !label.includes(",") && label.trim() === label))
    return labels.join(",");
  // one that stands alone would be taken apart
  return labels.length > 1 ? labels : [...labels, ...labels];
}

/**
 * What a running session is told when settings have changed.
 *
 * @param {Iterable<string>} changed names of settings
 * @param {Settings} settings
 * @param {Pipeline | undefined} pipeline
 * @param {Record<string, any>} defaults the server's own
 * @returns {Record<string, any>} empty where it need not be told
 */
export function patchSettings(changed, settings, pipeline, defaults) {
  const names = [...changed];
  /** @type {Record<string, any>} */
  const told = {};
  if (names.some((name) => TUNABLE.includes(name))) {
    // all of them: which threshold is over the other is asked of both
    for (const name of TUNABLE) told[name] = settings.get(name) ?? defaults[name];
  }
  if (names.some((name) => FILTERING.includes(name))) {
    Object.assign(told, filterSettings(settings, pipeline) ?? {});
  }
  return told;
}

/**
 * Changed settings as a recording's event has them: those that the session was told, and the choice of
 * detections also where the view alone goes by it.
 *
 * @param {Iterable<string>} changed names of settings
 * @param {Settings} settings
 * @param {Record<string, any>} told what the session was told
 */
export function settingDetail(changed, settings, told) {
  const noted = TUNABLE.filter((name) => name in told).map((name) => `${name}=${told[name]}`);
  if ([...changed].some((name) => FILTERING.includes(name))) {
    const { minScore, labels } = filterOf(settings);
    noted.push(`min_score=${minScore}`, `labels=${JSON.stringify(labels)}`);
  }
  return noted.join(", ");
}

/**
 * Settings of a session that were changed by somebody else, such as a notebook's `lab.apply`.
 *
 * @param {Record<string, any>} before as they were known here
 * @param {Record<string, any>} told the session as the server tells of it
 * @returns {Record<string, any>} as they are now, by name
 */
export function changedElsewhere(before, told) {
  const names = [...TUNABLE, ...FILTERING].filter((name) => name in before && name in told);
  const changed = names.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(told[name]),
  );
  return Object.fromEntries(changed.map((name) => [name, told[name]]));
}
