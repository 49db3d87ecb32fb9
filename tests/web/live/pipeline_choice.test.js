/** Which pipeline a view runs when its user chooses a source. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LocalModel } from "../../../streamlab/web/live/model.js";
import {
  choosePipeline,
  chooseSource,
  listedAs,
  pipelineOf,
} from "../../../streamlab/web/live/pipeline_choice.js";

const ABOUT = {
  samples: [
    { name: "gate_easy", pipeline_id: "yolo_ocr" },
    { name: "photographs", pipeline_id: "everyday" },
    { name: "of_an_older_server" },
  ],
  pipelines: [{ id: "everyday" }, { id: "noop" }, { id: "yolo_ocr" }],
};

/**
 * @param {string[]} sources
 * @param {LocalModel} [model]
 */
function pipelinesAfter(sources, model = new LocalModel()) {
  return sources.map((source) => {
    chooseSource(model, source, ABOUT);
    assert.equal(model.get("source"), source);
    return model.get("pipeline_id");
  });
}

test("a view begins with the pipeline of its camera", () => {
  const model = new LocalModel();
  assert.equal(model.get("pipeline_id"), pipelineOf(model.get("source"), []));
});

test("another source brings its own pipeline", () => {
  assert.deepEqual(
    pipelinesAfter(["gate_easy", "camera", "photographs", "file", "of_an_older_server", "camera"]),
    ["yolo_ocr", "everyday", "everyday", "everyday", "yolo_ocr", "everyday"],
  );
});

test("a file of the user's own brings the pipeline of real things", () => {
  assert.deepEqual(pipelinesAfter(["gate_easy", "file"]), ["yolo_ocr", "everyday"]);
});

test("no source changes a pipeline that its user has chosen, be it the source's own", () => {
  for (const id of ["noop", "yolo_ocr", "everyday"]) {
    const model = new LocalModel();
    choosePipeline(model, id);
    assert.deepEqual(pipelinesAfter(["gate_easy", "camera", "file"], model), [id, id, id]);
  }
});

test("a pipeline that the server lacks is not chosen by itself", () => {
  const model = new LocalModel({ source: "gate_easy", pipeline_id: "yolo_ocr" });
  chooseSource(model, "camera", { ...ABOUT, pipelines: [{ id: "yolo_ocr" }] });
  assert.equal(model.get("pipeline_id"), "yolo_ocr");
  chooseSource(model, "photographs", null);
  assert.equal(model.get("pipeline_id"), "yolo_ocr");
});

test("a pipeline is listed with its title, and with what keeps it from being run", () => {
  assert.equal(listedAs({ id: "own" }), "own");
  assert.equal(listedAs({ id: "own", title: "own" }), "own");
  assert.equal(listedAs({ id: "yolo", title: "Find", missing: [] }), "yolo: Find");
  const missing = ['text in the wild needs `pip install "jupyter-streamlab[scenetext]"`'];
  assert.equal(
    listedAs({ id: "scene_text", title: "Read", missing }),
    "scene_text: Read, not installed",
  );
});
