/** The list of what was read, and of the other values of the answers. */

import { shortened } from "../live/readings.js";
import { make } from "./dom.js";

/**
 * @typedef {import("../live/readings.js").Group} Group
 * @typedef {import("../live/readings.js").Line} Line
 */

/** A list of readings on show. */
export class ReadingsList {
  #shown = "";
  element = make("div", { class: "readings" });

  /** @param {Group[]} groups */
  update(groups) {
    const wanted = JSON.stringify(groups);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    this.element.replaceChildren(
      ...groups.flatMap(({ title, lines }) => [heading(title), list(lines)]),
    );
  }
}

/** @param {string} title */
function heading(title) {
  return make("h3", { text: shortened(title) });
}

/** @param {Line[]} lines */
function list(lines) {
  return make(
    "ol",
    { class: "texts" },
    ...lines.map(({ what, text, isNow }) => {
      const value = make("b", { text });
      const title = isNow ? "" : "No longer in the picture";
      const parts = what ? [make("span", { class: "what", text: what }), " ", value] : [value];
      return make("li", { class: isNow ? "" : "gone", title }, ...parts);
    }),
  );
}
