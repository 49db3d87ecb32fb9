/** The labels that are chosen, as another pipeline takes them over. */

import { labelsOf } from "../overlay/filter.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../protocol/server.js").Pipeline} Pipeline
 */

export class LabelChoice {
  #model;
  #onFitted;
  /** The pipeline whose labels were chosen from. @type {string} */
  #pipeline;

  /**
   * @param {Model} model
   * @param {(labels: string[] | null) => void} onFitted is handed the choice that another pipeline leaves
   */
  constructor(model, onFitted) {
    this.#model = model;
    this.#onFitted = onFitted;
    this.#pipeline = model.get("pipeline_id");
  }

  /** Labels were chosen: from those of the pipeline that is chosen now. */
  chosen() {
    this.#pipeline = this.#model.get("pipeline_id");
  }

  /**
   * Leave out of the choice what another pipeline does not know.
   *
   * @param {Pipeline | undefined} pipeline that is chosen; undefined before the server has described it
   */
  fit(pipeline) {
    if (!pipeline || pipeline.id === this.#pipeline) return;
    this.#pipeline = pipeline.id;
    const chosen = this.#model.get("labels");
    const labels = labelsOf(chosen, pipeline.labels);
    if (labels !== chosen) this.#onFitted(labels);
  }
}
