/** The settings of a view as its session takes them: in its address, and while it runs. Pure. */

import { filterOf } from "../overlay/filter.js";

/**
 * @typedef {{get: (name: string) => any}} Settings
 * @typedef {import("../protocol/server.js").Pipeline} Pipeline
 */

/** What a session decides by, and what can be changed while it runs. @type {string[]} */
export let TUNABLE = [];

/**
 * Set what a session decides by, as the server describes it.
 *
 * @param {string[]} names
 */
export function setTunable(names) {
  TUNABLE = names;
}

/** Which detections are wanted: a session of a pipeline that detects takes them. */
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
  const isSent = known.length > 0 && known.length <= MAX_LABELS;
  return { min_score: minScore, labels: isSent ? known : null };
}

/**
 * The parameters of a session's address; null leaves one to the server.
 *
 * @param {Settings} settings
 * @param {Pipeline | undefined} pipeline
 * @returns {Record<string, string | number | string[] | null>}
 */
export function urlSettings(settings, pipeline) {
  const given = Object.fromEntries(TUNABLE.map((name) => [name, settings.get(name) ?? null]));
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
 * What a running session is sent when settings have changed.
 *
 * @param {Iterable<string>} changed names of settings
 * @param {Settings} settings
 * @param {Pipeline | undefined} pipeline
 * @param {Record<string, any>} defaults the server's own
 * @returns {Record<string, any>} empty where nothing need be sent
 */
export function patchSettings(changed, settings, pipeline, defaults) {
  const names = [...changed];
  /** @type {Record<string, any>} */
  const patch = {};
  if (names.some((name) => TUNABLE.includes(name))) {
    // all of them: which threshold is over the other is asked of both
    for (const name of TUNABLE) patch[name] = settings.get(name) ?? defaults[name];
  }
  if (names.some((name) => FILTERING.includes(name))) {
    Object.assign(patch, filterSettings(settings, pipeline) ?? {});
  }
  return patch;
}

/**
 * Changed settings as a recording's event has them: those that the session was sent, and the choice of
 * detections also where the view alone goes by it.
 *
 * @param {Iterable<string>} changed names of settings
 * @param {Settings} settings
 * @param {Record<string, any>} sent what the session was sent
 */
export function settingDetail(changed, settings, sent) {
  const noted = TUNABLE.filter((name) => name in sent).map((name) => `${name}=${sent[name]}`);
  if ([...changed].some((name) => FILTERING.includes(name))) {
    const { minScore, labels } = filterOf(settings);
    noted.push(`min_score=${minScore}`, `labels=${JSON.stringify(labels)}`);
  }
  return noted.join(", ");
}

/**
 * Settings of a session that were changed elsewhere, as by a notebook's `lab.apply`.
 *
 * @param {Record<string, any>} before as they were known here
 * @param {Record<string, any>} session as the server describes it
 * @returns {Record<string, any>} as they are now, by name
 */
export function changedElsewhere(before, session) {
  const names = [...TUNABLE, ...FILTERING].filter((name) => name in before && name in session);
  const changed = names.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(session[name]),
  );
  return Object.fromEntries(changed.map((name) => [name, session[name]]));
}
