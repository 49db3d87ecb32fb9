import assert from "node:assert/strict";
import test from "node:test";

import { LocalModel } from "../../../streamlab/web/live/model.js";
import {
  changedElsewhere,
  patchSettings,
  setTunable,
  settingDetail,
  urlSettings,
} from "../../../streamlab/web/live/session_settings.js";
import { streamUrl } from "../../../streamlab/web/protocol/stream.js";

const DEFAULTS = { drop_threshold: 0.1, slowdown_threshold: 0.3, waiting_frames: 2, window_s: 2 };
setTunable(Object.keys(DEFAULTS));
const COCO = {
  id: "yolo",
  title: "",
  deferring: [],
  detects: true,
  labels: ["person", "cup"],
  score_threshold: 0.25,
};
const UNKNOWN = { ...COCO, labels: null };
const READER = { ...COCO, detects: false, labels: null, score_threshold: null };
/** As servers describe them that know nothing of these settings. */
const OLD = { id: "yolo", title: "", deferring: [] };

/**
 * @param {Record<string, any>} settings
 * @param {import("../../../streamlab/web/protocol/server.js").Pipeline | undefined} pipeline
 */
function address(settings, pipeline) {
  const given = urlSettings(new LocalModel(settings), pipeline);
  return new URL(streamUrl({ base: "http://host/", token: "" }, given)).searchParams;
}

test("a session of a pipeline that detects has what is wanted in its address", () => {
  const asked = address({ min_score: 0.4, labels: ["person", "cup"] }, COCO);
  assert.equal(asked.get("min_score"), "0.4");
  assert.deepEqual(asked.getAll("labels"), ["person,cup"]);
});

test("what is not chosen is left to the server", () => {
  const asked = address({}, COCO);
  assert.deepEqual([asked.has("min_score"), asked.has("labels")], [false, false]);
});

for (const [name, pipeline] of /** @type {[string, any][]} */ ([
  ["detects nothing", READER],
  ["is of a server that knows no such setting", OLD],
  ["is not known", undefined],
])) {
  test(`a session of a pipeline that ${name} has nothing of what is wanted`, () => {
    const settings = { min_score: 0.4, labels: ["person"], drop_threshold: 0.2 };
    const asked = address(settings, pipeline);
    assert.deepEqual([asked.has("min_score"), asked.has("labels")], [false, false]);
    assert.equal(asked.get("drop_threshold"), "0.2");
    assert.deepEqual(
      patchSettings(["min_score", "labels"], new LocalModel(settings), pipeline, DEFAULTS),
      {},
    );
  });
}

test("a label with a comma is one label", () => {
  const fish = { ...COCO, labels: ["tench, Tinca", "cup", "a,b"] };
  assert.deepEqual(address({ labels: ["tench, Tinca", "cup"] }, fish).getAll("labels"), [
    "tench, Tinca",
    "cup",
  ]);
  // a parameter that is given once would be taken apart
  assert.deepEqual(address({ labels: ["a,b"] }, fish).getAll("labels"), ["a,b", "a,b"]);
});

for (const [labels, sent] of /** @type {[string[] | null, string[] | null][]} */ ([
  [null, null],
  [[], null],
  [["person"], ["person"]],
  [["person", "plate"], ["person"]],
  [["plate"], null],
])) {
  test(`of ${JSON.stringify(labels)} the session is sent ${JSON.stringify(sent)}, the view hides the rest`, () => {
    const model = new LocalModel({ labels, min_score: 0.5 });
    assert.deepEqual(patchSettings(["labels"], model, COCO, DEFAULTS), {
      min_score: 0.5,
      labels: sent,
    });
  });
}

test("more labels than a session takes are hidden by the view", () => {
  const labels = Array.from({ length: 257 }, (_, at) => `label ${at}`);
  const sent = patchSettings(["labels"], new LocalModel({ labels }), { ...COCO, labels }, DEFAULTS);
  assert.equal(sent.labels, null);
});

test("of labels that no model tells the session is sent none: the view has to see what it hides", () => {
  const model = new LocalModel({ labels: ["thing"], min_score: 0.5 });
  assert.deepEqual(patchSettings(["labels"], model, UNKNOWN, DEFAULTS), {
    min_score: 0.5,
    labels: null,
  });
  assert.equal(address({ labels: ["thing"] }, UNKNOWN).has("labels"), false);
});

test("a running session is sent what has changed", () => {
  const model = new LocalModel({ min_score: 0.5, labels: null, drop_threshold: 0.2 });
  assert.deepEqual(patchSettings(["min_score"], model, COCO, DEFAULTS), {
    min_score: 0.5,
    labels: null,
  });
  const thresholds = { ...DEFAULTS, drop_threshold: 0.2 };
  assert.deepEqual(patchSettings(["drop_threshold"], model, COCO, DEFAULTS), thresholds);
  assert.deepEqual(patchSettings(["labels", "window_s"], model, COCO, DEFAULTS), {
    ...thresholds,
    min_score: 0.5,
    labels: null,
  });
});

test("a change is kept as an event, also where the view alone goes by it", () => {
  const model = new LocalModel({ min_score: 0.5, labels: ["person"] });
  const detail = 'min_score=0.5, labels=["person"]';
  for (const pipeline of [COCO, OLD]) {
    const sent = patchSettings(["labels"], model, pipeline, DEFAULTS);
    assert.equal(settingDetail(["labels"], model, sent), detail);
  }
  const all = new LocalModel();
  const sent = patchSettings(["window_s"], all, COCO, DEFAULTS);
  const thresholds = "drop_threshold=0.1, slowdown_threshold=0.3, waiting_frames=2, window_s=2";
  assert.equal(settingDetail(["window_s"], all, sent), thresholds);
});

test("settings that somebody else changed are found in what the session says", () => {
  const before = { ...DEFAULTS, min_score: 0, labels: null };
  const session = { session_id: "3", state: "normal", ...before };
  assert.deepEqual(changedElsewhere(before, session), {});
  const changed = { ...session, drop_threshold: 0.25, labels: ["person"] };
  assert.deepEqual(changedElsewhere(before, changed), { drop_threshold: 0.25, labels: ["person"] });
  assert.deepEqual(changedElsewhere(DEFAULTS, changed), { drop_threshold: 0.25 });
  assert.deepEqual(changedElsewhere(changed, { ...changed, labels: ["person"] }), {});
});
