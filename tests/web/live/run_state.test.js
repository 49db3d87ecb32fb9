import assert from "node:assert/strict";
import test from "node:test";
import { RunState } from "../../../streamlab/web/live/run_state.js";
import { ALL } from "../../../streamlab/web/overlay/filter.js";

const BOX = { x: 1, y: 2, width: 3, height: 4, score: 0.8 };
const PLATE = { ...BOX, label: "plate", track_id: 1, text: "AB 1" };
const VEHICLE = { ...BOX, label: "vehicle", track_id: 2 };

/**
 * @param {number} frame_index
 * @param {object[]} detections
 */
function drawn(frame_index, ...detections) {
  const bitmap = { isClosed: false, close: () => (bitmap.isClosed = true) };
  const row = { session: 0, frame_index, video_frame: frame_index };
  return /** @type {any} */ ({
    bitmap,
    jpeg: new ArrayBuffer(1),
    at: 0,
    row,
    result: { detections },
  });
}

test("a frame takes the place of the one before, which is let go of", () => {
  const state = new RunState(ALL);
  const [first, second] = [drawn(0, PLATE), drawn(1, VEHICLE)];
  state.show(first, 0);
  state.show(second, 40);
  assert.equal(state.shown, second);
  assert.deepEqual([first.bitmap.isClosed, second.bitmap.isClosed], [true, false]);
});

test("what is chosen is chosen of the frame on show too", () => {
  const state = new RunState(ALL);
  state.show(drawn(0, PLATE, VEHICLE), 0);
  assert.deepEqual(state.visible, { detections: [PLATE, VEHICLE] });
  state.filter = { minScore: 0, labels: ["vehicle"] };
  assert.deepEqual(state.visible, { detections: [VEHICLE] });
  assert.deepEqual(state.shown?.result, { detections: [PLATE, VEHICLE] });
  state.show(drawn(1, PLATE), 40);
  assert.deepEqual(state.visible, { detections: [] });
  assert.deepEqual(state.readings.groups(state.filter, []), []);
});

test("a run that is over shows nothing any more, nor what is answered late", () => {
  const state = new RunState(ALL);
  const [shown, late] = [drawn(0, PLATE), drawn(1, PLATE)];
  state.show(shown, 0);
  state.close();
  state.show(late, 40);
  assert.equal(state.shown, null);
  assert.deepEqual(state.visible, {});
  assert.deepEqual([shown.bitmap.isClosed, late.bitmap.isClosed], [true, true]);
});

test("another run begins with nothing of the one before", () => {
  const state = new RunState(ALL);
  const { readings, tally, metrics } = state;
  state.show(drawn(0, PLATE), 0);
  const next = new RunState(ALL);
  assert.deepEqual([next.shown, next.recorder, next.refusal, next.visible], [null, null, "", {}]);
  assert.deepEqual(next.readings.groups(ALL, []), []);
  assert.equal(next.tally.found(ALL).allTracks, 0);
  assert.ok(next.readings !== readings && next.tally !== tally && next.metrics !== metrics);
});

test("a frame that several views draw is counted once", () => {
  const state = new RunState(ALL);
  const first = drawn(0);
  state.show(first, 0);
  state.drawn(first, 10);
  state.drawn(first, 12);
  state.show(drawn(1), 40);
  state.drawn(first, 50);
  assert.equal(state.metrics.ages.length, 1);
});
