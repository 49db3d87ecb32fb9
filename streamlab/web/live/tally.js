/** What is found now, and over a run: counts by label, distinct tracks, and since when nothing. Pure. */

import { detectionsOf } from "../overlay/detections.js";
import { filtered, isShown } from "../overlay/filter.js";

/** @typedef {import("../overlay/filter.js").Filter} Filter */

/** Answered frames of this long without a detection: nothing is found. */
export const NOTHING_MS = 3000;
/** Distinct tracks and labels that are kept of a run. */
const MAX_KEPT = 100_000;

/**
 * @typedef {object} Found
 * @property {boolean} isDetecting whether the newest answer has detections at all, be it none
 * @property {[string, number][]} counts by label, the most first
 * @property {number} tracks distinct ones in the newest answer
 * @property {number} allTracks distinct ones of the run
 * @property {number} hidden detections of the newest answer that the filter hides
 * @property {boolean} isChosen whether some are not wanted, of which the session may have left out others
 * @property {boolean} isNothing whether nothing has been found for `NOTHING_MS` of answered frames
 */

export class Tally {
  /** The label that each track of the run had last. @type {Map<string, unknown>} */
  #tracks = new Map();
  /** @type {Set<string>} */
  #labels = new Set();
  /** @type {Record<string, any>} */
  #newest = {};
  #isDetecting = false;
  #newestAt = -Infinity;
  /** When the last detection that is shown was answered, or the first answer where there is none. */
  #foundAt = NaN;

  /**
   * Take in an answer.
   *
   * @param {number} now milliseconds
   * @param {Record<string, any>} result with all that was found
   * @param {Filter} filter what is shown of it
   * @param {number} [session] number of the run's session: each counts its tracks from 1
   */
  take(now, result, filter, session = 0) {
    this.#newest = result;
    this.#newestAt = now;
    this.#isDetecting = Array.isArray(result.detections);
    for (const { label, track_id } of detectionsOf(result)) {
      if (typeof label === "string" && this.#labels.size < MAX_KEPT) this.#labels.add(label);
      if (!isTrack(track_id)) continue;
      const track = `${session} ${track_id}`;
      if (this.#tracks.has(track) || this.#tracks.size < MAX_KEPT) this.#tracks.set(track, label);
    }
    const isFound = detectionsOf(filtered(result, filter)).length > 0;
    if (isFound || Number.isNaN(this.#foundAt)) this.#foundAt = now;
  }

  /** What is shown has changed: nothing is known yet of what it leaves. */
  refilter() {
    this.#foundAt = this.#newestAt;
  }

  /** The labels that were seen in this run, by name. */
  get labels() {
    return [...this.#labels].sort();
  }

  /**
   * @param {Filter} filter
   * @returns {Found}
   */
  found(filter) {
    const all = detectionsOf(this.#newest);
    const shown = detectionsOf(filtered(this.#newest, filter));
    /** @type {Map<string, number>} */
    const counts = new Map();
    const tracks = new Set();
    for (const { label, track_id } of shown) {
      const name = label === undefined || label === null || label === "" ? "thing" : String(label);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (isTrack(track_id)) tracks.add(track_id);
    }
    let allTracks = 0;
    const { labels } = filter;
    for (const label of this.#tracks.values())
      if (isShown({ label }, { minScore: 0, labels })) allTracks += 1;
    return {
      isDetecting: this.#isDetecting,
      counts: [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)),
      tracks: tracks.size,
      allTracks,
      hidden: all.length - shown.length,
      isChosen: filter.minScore > 0 || labels !== null,
      isNothing: this.#isDetecting && !shown.length && this.#newestAt - this.#foundAt >= NOTHING_MS,
    };
  }
}

/** @param {unknown} id */
function isTrack(id) {
  return id !== undefined && id !== null;
}

/** Names of labels that a line has. */
const NAMED = 6;

/**
 * What is found, in a line.
 *
 * @param {Found} found
 * @example wordsOf({counts: [["person", 2], ["cup", 1]], tracks: 3, allTracks: 5, …}) is
 *   "2 person, 1 cup · 3 tracks, 5 in this run"
 */
export function wordsOf({ isDetecting, counts, tracks, allTracks, hidden, isChosen, isNothing }) {
  if (!isDetecting) return "";
  const named = counts.slice(0, NAMED).map(([label, count]) => `${count} ${short(label)}`);
  const others = counts.slice(NAMED).reduce((sum, [, count]) => sum + count, 0);
  if (others) named.push(`${others} of other labels`);
  // a session that knows of the choice does not answer what it hides
  const ofChoice = isChosen ? " of your choice" : "";
  let none = `nothing${ofChoice} in this frame`;
  if (hidden) none = "nothing shown";
  else if (isNothing) none = `Nothing found${ofChoice}`;
  const words = [named.join(", ") || none];
  if (allTracks)
    words.push(`${tracks} ${tracks === 1 ? "track" : "tracks"}, ${allTracks} in this run`);
  if (hidden) words.push(`${hidden} hidden by your choice`);
  return words.join(" · ");
}

const MAX_CHARACTERS = 40;

/** @param {string} label */
function short(label) {
  return label.length > MAX_CHARACTERS ? `${label.slice(0, MAX_CHARACTERS)}…` : label;
}
