/** The figures of a run as they are read, and what was read on its frames. */

import { make, say } from "./dom.js";
import { detectionsOf } from "./draw.js";
import { CAUSES } from "./metrics.js";

/** @typedef {import("./metrics.js").Metrics} Metrics */

const LABELS = [
  ["p50_ms", "round trip p50"],
  ["p95_ms", "round trip p95"],
  ["age", "overlay age p50 / p95"],
  ["sent", "sent"],
  ["answered", "answered"],
  ["dropped", "dropped"],
  ["bandwidth", "bandwidth"],
  ["held", "held back here"],
];
const HELD = "Frames that were due and not sent: this page or the network was busy";
const LINES = 8;
/** Characters of a line that are shown. */
const LONG = 120;

/** A list of figures. */
export class FigureList {
  /** @type {Record<string, HTMLElement>} */
  #values = {};
  element = make("dl", { class: "figures" });

  constructor() {
    for (const [name, label] of LABELS) {
      const value = make("dd", { text: "–" });
      value.dataset.figure = name;
      this.#values[name] = value;
      const title = name === "held" ? HELD : "";
      this.element.append(make("div", { title }, make("dt", { text: label }), value));
    }
  }

  /**
   * @param {Metrics} metrics
   * @param {ReturnType<Metrics["figures"]>} figures
   */
  update({ totals, causes }, figures) {
    const told = CAUSES.filter((cause) => causes[cause]).map((cause) => `${causes[cause]} ${cause}`);
    /** @type {Record<string, string>} */
    const texts = {
      p50_ms: milliseconds(figures.p50_ms),
      p95_ms: milliseconds(figures.p95_ms),
      age: `${milliseconds(figures.age_p50_ms)} / ${milliseconds(figures.age_p95_ms)}`,
      sent: `${figures.sent_fps.toFixed(1)} fps, ${totals.sent}`,
      answered: `${figures.answered_fps.toFixed(1)} fps, ${totals.processed}`,
      dropped: told.join(", ") || "0",
      bandwidth: bandwidth(figures.sent_kbit_s),
      held: String(totals.held),
    };
    for (const [name, text] of Object.entries(texts)) say(this.#values[name], text);
  }
}

/** The latest reading of each thing, newest first. */
export class Readings {
  /** @type {Map<string, string>} */
  #lines = new Map();
  #isNew = false;
  element = make("ol", { class: "texts" });

  /** Begin anew. */
  clear() {
    this.#lines.clear();
    this.#isNew = true;
  }

  /**
   * Take in an answer: the texts of its detections, and what else it says.
   *
   * @param {Record<string, any>} result
   */
  take(result) {
    const detections = detectionsOf(result);
    for (const { label, track_id, text } of detections) {
      const which = track_id === undefined || track_id === null ? "" : `#${track_id}`;
      if (text) this.#note([label, which].filter(Boolean).join(" "), String(text));
    }
    for (const [name, value] of Object.entries(result)) {
      // the text of a whole frame is that of its detections, if it has any
      if (name === "text" && (detections.length || !value)) continue;
      if (typeof value === "number") this.#note(name, String(Number(value.toPrecision(4))));
      else if (typeof value === "string" || typeof value === "boolean") this.#note(name, `${value}`);
    }
  }

  /**
   * @param {string} what
   * @param {string} text
   */
  #note(what, text) {
    const line = cut(text);
    if (this.#lines.get(what) !== line) this.#isNew = true;
    // what was seen last goes last, and what was not seen for longest gives way
    this.#lines.delete(what);
    this.#lines.set(what, line);
    if (this.#lines.size > LINES) this.#lines.delete([...this.#lines.keys()][0]);
  }

  /** Show what is new. */
  update() {
    if (!this.#isNew) return;
    this.#isNew = false;
    const lines = [...this.#lines].reverse().map(([what, text]) => {
      const name = make("span", { class: "what", text: cut(what) });
      return make("li", {}, name, " ", make("b", { text }));
    });
    this.element.replaceChildren(...lines);
  }
}

/** @param {string} text */
function cut(text) {
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

/** @param {number} value */
export function milliseconds(value) {
  if (!Number.isFinite(value)) return "–";
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1e3).toFixed(1)} s`;
}

/** @param {number} kbit a second */
function bandwidth(kbit) {
  return kbit < 1000 ? `${Math.round(kbit)} kbit/s` : `${(kbit / 1e3).toFixed(1)} Mbit/s`;
}
