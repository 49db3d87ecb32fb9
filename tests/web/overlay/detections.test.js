import assert from "node:assert/strict";
import test from "node:test";

import { captionOf, detectionsOf } from "../../../streamlab/web/overlay/detections.js";

const BOX = { x: 1, y: 2, width: 3, height: 4 };

for (const [detection, caption] of /** @type {[object, string][]} */ ([
  [{ label: "plate" }, "plate"],
  [{ label: "plate", score: 0.875 }, "plate 0.88"],
  [{ label: "plate", score: 0 }, "plate 0.00"],
  [{ label: "plate", score: 0.9, text: "AB 12" }, "plate AB 12"],
  [{ label: "plate", score: 0.9, text: "" }, "plate 0.90"],
  [{ label: "car", track_id: 0, score: 1 }, "car #0 1.00"],
  [{ text: "EXIT" }, "EXIT"],
  [{}, ""],
])) {
  test(`what stands at ${JSON.stringify(detection)} is "${caption}"`, () => {
    assert.equal(captionOf({ ...BOX, ...detection }), caption);
  });
}

test("detections are drawn that have a place; an answer of another kind has none", () => {
  assert.deepEqual(detectionsOf({ detections: [BOX, null, {}, { ...BOX, x: "1" }, { x: 1 }] }), [
    BOX,
  ]);
  for (const other of [
    {},
    { detections: null },
    { detections: "none" },
    { detections: { x: 1 } },
  ]) {
    assert.deepEqual(detectionsOf(other), []);
  }
});

test("what a tool leaves out, or says oddly, costs a caption nothing but itself", () => {
  const box = { x: 1, y: 2, width: 3, height: 4 };
  assert.equal(captionOf({ ...box, label: null, score: null, track_id: null, text: null }), "");
  assert.equal(
    captionOf({ ...box, label: "plate", track_id: 0, score: /** @type {any} */ ("0.5") }),
    "plate #0",
  );
  assert.equal(captionOf({ ...box, text: "W".repeat(1000) }).length, 81);
  assert.deepEqual(
    detectionsOf({ detections: [box, { ...box, y: null }, { ...box, height: NaN }, null] }),
    [box],
  );
});
