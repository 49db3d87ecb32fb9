/** Which detections are shown: a slider for the score, and a choice of labels. */

import { freshId, make, setText } from "./dom.js";

/** @typedef {import("../live/live.js").Live} Live */

/** Labels from which on they can be searched. */
const MANY = 12;
/** Labels that can be chosen from. */
const MAX_LABELS = 1000;
/** Labels that the closed list names. */
const NAMED = 4;

/**
 * What there is to choose from: what the model knows, what else was seen, and what is chosen.
 *
 * @param {string[] | null | undefined} known
 * @param {string[]} seen
 * @param {string[] | null} chosen
 */
export function offered(known, seen, chosen) {
  return [...new Set([...(known ?? []), ...seen, ...(chosen ?? [])])].slice(0, MAX_LABELS);
}

/**
 * A choice with one label more or less; null where it is all that there is.
 *
 * @param {string[] | null} chosen
 * @param {string[]} all
 * @param {string} label
 * @param {boolean} isWanted
 */
export function toggled(chosen, all, label, isWanted) {
  const wanted = new Set(chosen ?? all);
  if (isWanted) wanted.add(label);
  else wanted.delete(label);
  return all.every((each) => wanted.has(each)) ? null : [...wanted];
}

/**
 * A choice in a few words.
 *
 * @param {string[] | null} chosen
 * @param {number} count of all labels
 */
export function choiceWords(chosen, count) {
  if (chosen === null) return count ? `all ${count}` : "all";
  if (!chosen.length) return "none";
  const others = chosen.length - NAMED;
  return chosen.slice(0, NAMED).join(", ") + (others > 0 ? ` and ${others} more` : "");
}

/**
 * @param {Live} live
 * @param {Record<string, import("../live/view_settings.js").Setting>} settings
 */
export function detectionChoice(live, settings) {
  const score = scoreSlider(live, settings.min_score);
  const labels = labelList(live, settings.labels);
  return {
    elements: [score.element, labels.element],
    update() {
      score.update();
      labels.update();
    },
  };
}

/**
 * @param {Live} live
 * @param {import("../live/view_settings.js").Setting} setting
 */
function scoreSlider(live, { label, min, max, step, help }) {
  const { model } = live;
  const id = freshId();
  const output = make("output", { for: id });
  const input = make("input", { type: "range", id, min, max, step, title: help });
  input.dataset.setting = "min_score";
  const own = () => live.pipeline?.score_threshold ?? 0;
  input.addEventListener("input", () => {
    const value = Number(input.value);
    // from its own threshold down, the pipeline decides
    model.set("min_score", value > own() ? value : 0);
    model.save_changes();
  });
  return {
    element: make(
      "div",
      { class: "setting" },
      make("label", { for: id, text: label }),
      output,
      input,
    ),
    update() {
      const value = model.get("min_score");
      const isOwn = value <= own();
      input.min = String(own());
      input.value = String(isOwn ? own() : value);
      const least = own() ? `${own().toFixed(2)}, the pipeline's own` : "the pipeline's own";
      const words = isOwn ? least : value.toFixed(2);
      setText(output, words);
      input.setAttribute("aria-valuetext", words);
    },
  };
}

/**
 * @param {Live} live
 * @param {import("../live/view_settings.js").Setting} setting
 */
function labelList(live, { label: title, help }) {
  const { model } = live;
  /** @type {Map<string, {row: HTMLElement, box: HTMLInputElement}>} */
  const rows = new Map();
  const words = make("b");
  const search = make("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search labels",
  });
  const list = make("div", { class: "options", role: "group", "aria-label": title });
  const all = make("button", { type: "button", text: "All", onclick: () => choose(null) });
  const none = make("button", { type: "button", text: "None", onclick: () => choose([]) });
  const empty = make("p", {
    class: "what",
    text: "No label is known yet: they are listed as they are seen.",
  });
  const tools = make("div", { class: "list" }, all, none, search);
  search.addEventListener("input", narrow);

  /** @param {string[] | null} labels */
  function choose(labels) {
    model.set("labels", labels);
    model.save_changes();
  }

  function options() {
    return offered(live.pipeline?.labels, live.current.tally.labels, model.get("labels"));
  }

  function narrow() {
    const wanted = search.value.trim().toLowerCase();
    for (const [label, { row }] of rows) row.hidden = !label.toLowerCase().includes(wanted);
  }

  /** @param {string} label */
  function addRow(label) {
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () =>
      choose(toggled(model.get("labels"), options(), label, box.checked)),
    );
    const row = make("label", { class: "option" }, box, make("span", { text: label }));
    rows.set(label, { row, box });
    list.append(row);
  }

  const element = make(
    "details",
    { class: "labels" },
    make("summary", { title: help }, `${title}: `, words),
    make("div", { class: "choice" }, tools, empty, list),
  );
  return {
    element,
    update() {
      const offers = options();
      const chosen = model.get("labels");
      for (const [label, { row }] of rows) {
        if (offers.includes(label)) continue;
        row.remove();
        rows.delete(label);
      }
      for (const label of offers) if (!rows.has(label)) addRow(label);
      for (const [label, { box }] of rows) box.checked = chosen === null || chosen.includes(label);
      setText(words, choiceWords(chosen, offers.length));
      search.hidden = offers.length <= MANY;
      tools.hidden = !offers.length;
      empty.hidden = offers.length > 0;
      narrow();
    },
  };
}
