/** The figures of a run as they are read. */

import { CAUSES } from "../metrics/metrics.js";
import { make, setText } from "./dom.js";

/** @typedef {import("../metrics/metrics.js").Metrics} Metrics */

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
    const drops = CAUSES.filter((cause) => causes[cause]).map(
      (cause) => `${causes[cause]} ${cause}`,
    );
    /** @type {Record<string, string>} */
    const texts = {
      p50_ms: milliseconds(figures.p50_ms),
      p95_ms: milliseconds(figures.p95_ms),
      age: `${milliseconds(figures.age_p50_ms)} / ${milliseconds(figures.age_p95_ms)}`,
      sent: `${figures.sent_fps.toFixed(1)} fps, ${totals.sent}`,
      answered: `${figures.answered_fps.toFixed(1)} fps, ${totals.processed}`,
      dropped: drops.join(", ") || "0",
      bandwidth: bandwidth(figures.sent_kbit_s),
      held: String(totals.held),
    };
    for (const [name, text] of Object.entries(texts)) setText(this.#values[name], text);
  }
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
