/** What was read on the frames of a run, and the other values of its answers. */

import { detectionsOf } from "../overlay/detections.js";
import { isShown } from "../overlay/filter.js";

/**
 * @typedef {import("../overlay/filter.js").Filter} Filter
 * @typedef {import("../protocol/server.js").Node} Node
 *
 * @typedef {object} Line
 * @property {string} what label and track, or "" where the heading says it
 * @property {string} text
 * @property {boolean} isNow whether it stands on the newest answer
 *
 * @typedef {{title: string, lines: Line[]}} Group
 */

const TEXTS = "What was read";
/** Texts of things that are listed, and values. */
const MAX_TEXTS = 8;
const MAX_VALUES = 12;
/** Characters of a line that are shown. */
const MAX_CHARACTERS = 120;
/** Values that are not listed, because they are drawn or are counted. */
const DRAWN = ["detections", "tracks", "shapes", "classes"];

/** The latest reading of each thing, newest first, and the latest of each other value. */
export class Readings {
  /** @type {Map<string, {label: unknown, score: unknown, what: string, text: string, at: number}>} */
  #texts = new Map();
  /** @type {Record<string, any>} */
  #newest = {};
  #answers = 0;

  /**
   * Take in an answer: the texts of its detections, and what else it says.
   *
   * @param {Record<string, any>} result with all that was found
   * @param {number} [session] number of the run's session: each counts its tracks from 1
   */
  take(result, session = 0) {
    this.#answers += 1;
    const detections = detectionsOf(result);
    for (const { label, score, track_id, text } of detections) {
      const isTrack = track_id !== undefined && track_id !== null;
      // a track is one thing, whatever label it is given from frame to frame
      const key = isTrack ? `${session} #${track_id}` : `${session} ${label}`;
      // a text that a track has no more was not its text
      if (isTrack && !text) this.#texts.delete(key);
      if (!text) continue;
      const what = [label, isTrack ? `#${track_id}` : ""].filter(Boolean).join(" ");
      // what was seen last goes last, and what was not seen for longest is forgotten
      this.#texts.delete(key);
      this.#texts.set(key, { label, score, what, text: String(text), at: this.#answers });
      if (this.#texts.size > MAX_TEXTS) this.#texts.delete([...this.#texts.keys()][0]);
    }
    // values of the answer before are not those of this one
    this.#newest = result;
  }

  /**
   * What is to be listed, under the headings of the tools that it comes from.
   *
   * @param {Filter} filter
   * @param {Node[]} nodes of the pipeline
   * @returns {Group[]}
   */
  groups(filter, nodes) {
    /** @type {Map<string, Line[]>} */
    const groups = new Map();
    const add = (/** @type {string} */ title, /** @type {Line} */ line) => {
      groups.set(title, [...(groups.get(title) ?? []), line]);
    };
    const texts = titleOf("text", nodes) ?? TEXTS;
    for (const { what, text, at, label, score } of [...this.#texts.values()].reverse()) {
      if (!isShown({ label, score }, filter)) continue;
      add(texts, { what: shortened(what), text: shortened(text), isNow: at === this.#answers });
    }
    for (const [name, text] of this.#values()) {
      const title = titleOf(name, nodes) ?? (name === "text" ? TEXTS : name);
      // where the heading says which value it is, the line need not
      const isSaid = name === "text" || title === name || isAlone(name, nodes);
      add(title, { what: isSaid ? "" : shortened(name), text: shortened(text), isNow: true });
    }
    return [...groups].map(([title, lines]) => ({ title, lines }));
  }

  /** The values of the newest answer that are listed, in words. */
  #values() {
    /** @type {[string, string][]} */
    const values = [];
    for (const [name, value] of Object.entries(this.#newest)) {
      // the text of a whole frame is that of its detections, if it has any
      if (DRAWN.includes(name) || (name === "text" && detectionsOf(this.#newest).length)) continue;
      const text = valueWords(value);
      if (text) values.push([name, text]);
      if (values.length === MAX_VALUES) break;
    }
    return values;
  }
}

/**
 * A value in a line: of a mapping `mean 1, list 1, 2`, what is nested deeper as JSON; "" where there is
 * nothing to say.
 *
 * @param {unknown} value
 */
export function valueWords(value) {
  if (typeof value === "object" && value !== null) return shortened(parts(value, partWords));
  return plainWords(value) ?? "";
}

/** @param {unknown} part of a mapping or list */
function partWords(part) {
  const isPlainList =
    Array.isArray(part) && part.length > 0 && part.every((each) => plainWords(each) !== null);
  return isPlainList ? parts(part, plainOrJson) : plainOrJson(part);
}

/**
 * The parts of a mapping, each after its name, or of a list; of many, as many as a line can have.
 *
 * @param {object} value
 * @param {(part: unknown) => string} words
 */
function parts(value, words) {
  const isList = Array.isArray(value);
  return Object.entries(isList ? value.slice(0, MAX_CHARACTERS) : value)
    .slice(0, MAX_CHARACTERS)
    .map(([name, part]) => (isList ? words(part) : `${name} ${words(part)}`))
    .join(", ");
}

/** @param {unknown} value */
function plainOrJson(value) {
  return plainWords(value) ?? shortened(JSON.stringify(value));
}

/**
 * A number, text or truth value; null for any other.
 *
 * @param {unknown} value
 */
function plainWords(value) {
  if (typeof value === "number") return String(Number(value.toPrecision(4)));
  return typeof value === "string" || typeof value === "boolean" ? `${value}` : null;
}

/**
 * The heading of a value: the title of the tool that it comes from; null where that is not known.
 *
 * @param {string} name
 * @param {Node[]} nodes
 */
function titleOf(name, nodes) {
  const node = producerOf(name, nodes);
  if (!node?.tool_title) return null;
  // a reader without a title of its own: its name says less than what it does
  return name === "text" && node.tool_title === node.tool ? null : node.tool_title;
}

/**
 * The node that a value comes from: the last one that produces it.
 *
 * @param {string} name
 * @param {Node[]} nodes in the order in which they run, where that is known
 */
function producerOf(name, nodes) {
  return nodes.findLast(({ tool, produces }) => produces?.includes(name) ?? tool === name);
}

/**
 * Whether a value is all that its tool says, so that the heading names it.
 *
 * @param {string} name
 * @param {Node[]} nodes
 */
function isAlone(name, nodes) {
  return producerOf(name, nodes)?.produces?.length === 1;
}

/**
 * A text, shortened to what a line shows.
 *
 * @param {string} text
 */
export function shortened(text) {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
