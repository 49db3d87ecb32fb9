/** What is found now, in words; and where nothing is, what the model knows and how to use another. */

import { wordsOf } from "../live/tally.js";
import { detectionChoice } from "./detection_choice.js";
import { freshId, make, setText } from "./dom.js";

/** @typedef {import("../live/live.js").Live} Live */

/** Labels that are named where nothing is found. */
const NAMED = 16;
/** The pipeline that knows the most. */
const EVERYDAY = "everyday";
/** How a notebook streams through a pipeline of its own. */
const NOTEBOOK = `import streamlab

pipelines = streamlab.PipelineRegistry.load()
pipelines.add({
    "id": "mine",
    "nodes": [{"id": "find", "tool": "yolo_detect", "params": {"weights": "model.onnx"}}],
})
lab = streamlab.connect(where="kernel", pipelines=pipelines)
streamlab.LiveView(lab, pipeline_id="mine")`;
const CHOSEN = "Only what you have chosen by score and label is shown:";

/**
 * What to say of labels that a model knows.
 *
 * @param {string[] | null | undefined} labels
 */
export function knownWords(labels) {
  if (!labels?.length) return "Which labels its model knows, this pipeline does not tell.";
  const others = labels.length - NAMED;
  const named = labels.slice(0, NAMED).join(", ");
  return `This pipeline's model knows: ${named}${others > 0 ? ` and ${others} more` : ""}.`;
}

/**
 * What to say of the pipeline that knows the most; "" where it is the present one, or the server lacks it.
 *
 * @param {string | undefined} present
 * @param {{id: string, labels?: string[] | null}[]} pipelines of the server
 */
export function everydayWords(present, pipelines) {
  const everyday = pipelines.find(({ id }) => id === EVERYDAY);
  if (!everyday?.labels || present === EVERYDAY) return "";
  const count = everyday.labels.length;
  return `The pipeline ${EVERYDAY} finds ${count} everyday things: choose it in the list above.`;
}

export class FoundPanel {
  #live;
  #words = make("p", { class: "counts" });
  #nothing = make("div", { class: "nothing", role: "status", hidden: true });
  #known = make("span");
  #showAll = make("button", { type: "button", class: "link", text: "show all" });
  #another;
  #choice;
  /** Below the picture: counts and the choice. */
  element;

  /**
   * @param {Live} live
   * @param {Record<string, import("../live/view_settings.js").Setting>} settings
   */
  constructor(live, settings) {
    this.#live = live;
    this.#another = anotherModel(() =>
      everydayWords(live.pipeline?.id, live.about?.pipelines ?? []),
    );
    this.#choice = detectionChoice(live, settings);
    this.#showAll.onclick = () => {
      live.model.set("min_score", 0);
      live.model.set("labels", null);
      live.model.save_changes();
    };
    this.#nothing.append(this.#known, " ", this.#showAll, this.#another.button, this.#another.text);
    this.element = make(
      "section",
      { class: "found", "aria-label": "What is found" },
      this.#words,
      this.#nothing,
      make("div", { class: "choices" }, ...this.#choice.elements),
    );
  }

  /** Count what is on show: with every frame that is drawn, so that the words are of that picture. */
  count() {
    const { current } = this.#live;
    this.#setText(current.tally.found(current.filter));
  }

  /** @param {Parameters<typeof wordsOf>[0]} found */
  #setText(found) {
    setText(this.#words, wordsOf(found) || "Nothing is streamed yet");
  }

  /** Show what is found now, and what can be chosen. */
  update() {
    const { pipeline, current } = this.#live;
    const found = current.tally.found(current.filter);
    this.element.hidden = !(pipeline?.detects || found.isDetecting);
    if (this.element.hidden) return;
    this.#setText(found);
    this.#words.classList.toggle("none", found.isNothing);
    this.#nothing.hidden = !found.isNothing;
    const { isChosen } = found;
    this.#showAll.hidden = !isChosen;
    this.#another.button.hidden = isChosen;
    if (isChosen) this.#another.close();
    this.#another.update();
    setText(this.#known, isChosen ? CHOSEN : knownWords(pipeline?.labels));
    this.#choice.update();
  }
}

/**
 * A button that explains, in place, how another model is used.
 *
 * @param {() => string} wordsOfEveryday what to say of the pipeline that knows the most, if anything
 */
function anotherModel(wordsOfEveryday) {
  const id = freshId();
  const code = (/** @type {string} */ text) => make("code", { text });
  const everyday = make("li", { hidden: true });
  const text = make(
    "ul",
    { id, hidden: true },
    everyday,
    make(
      "li",
      {},
      "Choose another pipeline in the list above, if the server has one for what you look for.",
    ),
    make(
      "li",
      {},
      "Weights of your own: start the server with ",
      code("STREAM_YOLO_WEIGHTS=/path/to/model.onnx"),
      " in its environment. YOLO weights as ONNX are taken as they are, .pt files need ",
      code('pip install "jupyter-streamlab[ultralytics]"'),
      ".",
    ),
    make(
      "li",
      {},
      "A pipeline of your own: a JSON file in the folder that ",
      code("STREAM_PIPELINES_DIR"),
      " names, whose node has ",
      code('"tool": "yolo_detect", "params": {"weights": "model.onnx"}'),
      ", or any other tool. In a notebook:",
      make("pre", { text: NOTEBOOK, tabIndex: 0, "aria-label": "Code for a notebook" }),
    ),
  );
  const button = make("button", { type: "button", class: "link", text: "use another model" });
  button.setAttribute("aria-controls", id);
  const show = (/** @type {boolean} */ isShown) => {
    text.hidden = !isShown;
    button.setAttribute("aria-expanded", String(isShown));
  };
  show(false);
  button.onclick = () => show(text.hidden);
  const update = () => {
    const words = wordsOfEveryday();
    everyday.hidden = !words;
    setText(everyday, words);
  };
  return { button, text, update, close: () => show(false) };
}
