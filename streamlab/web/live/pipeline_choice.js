/** Which pipeline a view runs: that of its source, until its user chooses one. */

import { CAMERA, FILE } from "../capture/source.js";

const OF_FOOTAGE = "everyday";
const OF_SAMPLE = "yolo_ocr";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {{samples: {name: string, pipeline_id?: string}[], pipelines: {id: string}[]}} About what a server has
 */

/**
 * The pipeline that a source is shown with where none is chosen.
 *
 * @param {string} source `camera`, `file` or the name of a sample
 * @param {About["samples"]} samples
 */
export function pipelineOf(source, samples) {
  if (source === CAMERA || source === FILE) return OF_FOOTAGE;
  return samples.find(({ name }) => name === source)?.pipeline_id ?? OF_SAMPLE;
}

/**
 * How a pipeline is listed.
 *
 * @param {{id: string, title?: string, missing?: string[]}} pipeline
 */
export function listedAs({ id, title, missing = [] }) {
  const name = title && title !== id ? `${id}: ${title}` : id;
  return missing.length ? `${name}, not installed` : name;
}

/**
 * Take another source, and its pipeline with it unless the user has chosen one or the server lacks it.
 *
 * @param {Model} model
 * @param {string} source
 * @param {About | null | undefined} about
 */
export function chooseSource(model, source, about) {
  model.set("source", source);
  const id = pipelineOf(source, about?.samples ?? []);
  const isThere = about?.pipelines.some((pipeline) => pipeline.id === id);
  if (isThere && !model.get("pipeline_chosen")) model.set("pipeline_id", id);
}

/**
 * Take the pipeline that the user chose: no source changes it from now on.
 *
 * @param {Model} model
 * @param {string} id
 */
export function choosePipeline(model, id) {
  model.set("pipeline_chosen", true);
  model.set("pipeline_id", id);
}
