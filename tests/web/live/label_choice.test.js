import assert from "node:assert/strict";
import test from "node:test";

import { LabelChoice } from "../../../streamlab/web/live/label_choice.js";
import { LocalModel } from "../../../streamlab/web/live/model.js";

/**
 * @param {string} id
 * @param {string[]} labels
 */
const pipeline = (id, labels) => /** @type {any} */ ({ id, labels });
const YOLO = pipeline("yolo", ["plate", "vehicle"]);
const OTHER = pipeline("other", ["plate", "cup"]);

/** @param {string[]} labels */
function chosen(labels) {
  const model = new LocalModel({ pipeline_id: "yolo", labels });
  /** @type {(string[] | null)[]} */
  const fitted = [];
  return { model, fitted, choice: new LabelChoice(model, (kept) => fitted.push(kept)) };
}

test("another pipeline leaves of the choice what its model knows", () => {
  const { choice, fitted } = chosen(["plate", "vehicle"]);
  choice.fit(OTHER);
  assert.deepEqual(fitted, [["plate"]]);
});

test("a choice of which nothing is left is all labels", () => {
  const { choice, fitted } = chosen(["vehicle"]);
  choice.fit(OTHER);
  assert.deepEqual(fitted, [null]);
});

test("the pipeline that was chosen from, and one not described yet, change nothing", () => {
  const { choice, fitted } = chosen(["thing"]);
  choice.fit(YOLO);
  choice.fit(undefined);
  choice.fit(pipeline("more", ["thing", "cup"]));
  assert.deepEqual(fitted, []);
});

test("labels that are chosen under another pipeline are that one's", () => {
  const { model, choice, fitted } = chosen(["plate"]);
  choice.fit(OTHER);
  model.set("pipeline_id", "yolo");
  model.set("labels", ["vehicle"]);
  choice.chosen();
  choice.fit(YOLO);
  assert.deepEqual(fitted, []);
});
