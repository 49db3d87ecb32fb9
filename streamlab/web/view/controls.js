/** The settings of a view: sliders and lists that follow the model, and that it follows. */

import { CAMERA, FILE } from "../capture/source.js";
import { choosePipeline, chooseSource, listedAs } from "../live/pipeline_choice.js";
import { FILTERING, TUNABLE } from "../live/session_settings.js";
import { freshId, make, setText } from "./dom.js";

/**
 * @typedef {import("../live/live.js").Live} Live
 * @typedef {import("../live/view_settings.js").Setting} Setting
 */

/** What a file picker offers. */
const VIDEOS = "video/*,.mkv";

/**
 * The sliders: rate and how it behaves, picture, and what the session decides by.
 *
 * @param {Live} live
 * @param {Record<string, Setting>} settings
 */
export function sliders(live, settings) {
  const { model } = live;
  const updates = /** @type {(() => void)[]} */ ([]);
  const defaults = () => live.about?.health.backpressure ?? {};
  const effective = (/** @type {string} */ name) => model.get(name) ?? defaults()[name];

  const slider = (/** @type {string} */ name) => {
    const { label, unit, min, max, step, help } = settings[name];
    const id = freshId();
    const output = make("output", { for: id });
    const input = make("input", { type: "range", id, min, max, step, title: help });
    input.dataset.setting = name;
    input.addEventListener("input", () => {
      const value = Number(input.value);
      model.set(name, value);
      pushAlong(model, name, value, effective);
      model.save_changes();
    });
    updates.push(() => {
      const value = effective(name);
      input.disabled = value === undefined;
      if (value === undefined) return;
      input.value = String(value);
      const shown =
        unit === "%" ? `${Math.round(value * 100)} %` : `${value}${unit ? ` ${unit}` : ""}`;
      setText(output, shown);
      input.setAttribute("aria-valuetext", shown);
    });
    return make(
      "div",
      { class: "setting" },
      make("label", { for: id, text: label }),
      output,
      input,
    );
  };

  const adaptiveId = freshId();
  const adaptive = make("input", { type: "checkbox", id: adaptiveId });
  adaptive.addEventListener("change", () => {
    model.set("adaptive", adaptive.checked);
    model.save_changes();
  });
  updates.push(() => {
    adaptive.checked = model.get("adaptive");
  });

  const widthId = freshId();
  const width = make("select", { id: widthId, title: settings.width.help });
  for (const choice of settings.width.choices ?? []) {
    width.append(make("option", { value: String(choice), text: `${choice} px` }));
  }
  width.addEventListener("change", () => {
    model.set("width", Number(width.value));
    model.save_changes();
  });
  updates.push(() => {
    const value = String(model.get("width"));
    if (![...width.options].some((option) => option.value === value)) {
      width.append(make("option", { value, text: `${value} px` }));
    }
    width.value = value;
  });

  const refusal = make("p", { class: "refusal", role: "alert" });
  updates.push(() => setText(refusal, live.current.refusal || versionWarning(live)));

  const element = make(
    "div",
    { class: "settings" },
    slider("fps"),
    make(
      "div",
      { class: "setting check" },
      adaptive,
      make("label", {
        for: adaptiveId,
        text: "Adaptive",
        title: "Slow down when the server asks for it, and probe upwards again",
      }),
    ),
    ...TUNABLE.slice(0, 2).map(slider),
    make("div", { class: "setting" }, make("label", { for: widthId, text: "Width" }), width),
    slider("quality"),
    ...TUNABLE.slice(2).map(slider),
    refusal,
  );
  return {
    element,
    update() {
      for (const update of updates) update();
    },
  };
}

/**
 * A warning of a notebook and a server that are not of one version; else "".
 *
 * @param {Live} live
 */
function versionWarning({ model, about }) {
  const here = model.get("version");
  const there = about?.health.version;
  if (!here || !there || here === there) return "";
  return `The notebook has streamlab ${here}, the server ${there}: they may not understand each other.`;
}

/**
 * A threshold that meets the other one pushes it along.
 *
 * @param {import("../live/model.js").Model} model
 * @param {string} name
 * @param {number} value
 * @param {(name: string) => number} effective
 */
function pushAlong(model, name, value, effective) {
  if (name === "drop_threshold" && value > effective("slowdown_threshold")) {
    model.set("slowdown_threshold", value);
  } else if (name === "slowdown_threshold" && value < effective("drop_threshold")) {
    model.set("drop_threshold", value);
  }
}

/**
 * The lists of sources and pipelines.
 *
 * @param {Live} live
 */
export function lists(live) {
  const { model } = live;
  const sourceId = freshId();
  const pipelineId = freshId();
  const source = make("select", { id: sourceId });
  const pipeline = make("select", { id: pipelineId });
  const picker = make("input", {
    type: "file",
    accept: VIDEOS,
    "aria-label": "Video file",
    hidden: true,
  });

  const pick = () => {
    picker.value = "";
    picker.click();
  };
  picker.addEventListener("change", () => {
    const [file] = picker.files ?? [];
    if (!file) return;
    live.file = file;
    if (model.get("source") === FILE) live.restart();
    else show(FILE);
  });
  picker.addEventListener("cancel", update);
  source.addEventListener("change", () => {
    if (source.value === FILE) pick();
    else show(source.value);
  });
  pipeline.addEventListener("change", () => {
    choosePipeline(model, pipeline.value);
    model.save_changes();
  });

  /** @param {string} name */
  function show(name) {
    chooseSource(model, name, live.about);
    model.save_changes();
  }

  function update() {
    const samples = live.about?.samples ?? [];
    offer(source, model.get("source"), [
      [CAMERA, "Webcam"],
      ...samples.map(({ name }) => /** @type {[string, string]} */ ([name, `Sample: ${name}`])),
      [FILE, live.file ? `File: ${live.file.name}` : "Video file…"],
    ]);
    const pipelines = live.about?.pipelines ?? [];
    offer(
      pipeline,
      model.get("pipeline_id"),
      pipelines.map((each) => [each.id, listedAs(each)]),
    );
    again.hidden = model.get("source") !== FILE;
  }

  const again = make("button", {
    type: "button",
    text: "Choose…",
    title: "Choose another file",
    onclick: pick,
  });
  return {
    elements: [
      make("span", { class: "list" }, make("label", { for: sourceId, text: "Source" }), source),
      again,
      picker,
      make(
        "span",
        { class: "list pipelines" },
        make("label", { for: pipelineId, text: "Pipeline" }),
        pipeline,
      ),
    ],
    update,
  };
}

/**
 * Fill a list, unless it holds just that already: an open one is not to be torn away.
 *
 * @param {HTMLSelectElement} list
 * @param {string} chosen
 * @param {[string, string][]} options value and text
 */
function offer(list, chosen, options) {
  const all = options.some(([value]) => value === chosen)
    ? options
    : [...options, /** @type {[string, string]} */ ([chosen, chosen])];
  const wanted = JSON.stringify(all);
  if (list.dataset.options !== wanted) {
    list.dataset.options = wanted;
    list.replaceChildren(...all.map(([value, text]) => make("option", { value, text })));
  }
  list.value = chosen;
}

/** The names of all settings that a view follows. */
export function settingNames() {
  const picture = ["source", "pipeline_id", "fps", "adaptive", "width", "quality"];
  return [...picture, ...TUNABLE, ...FILTERING];
}
