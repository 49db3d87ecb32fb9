import assert from "node:assert/strict";
import test from "node:test";

import { errorOf, fillAnswered, fillRefused } from "../../../streamlab/web/live/frame_rows.js";

/** @typedef {import("../../../streamlab/web/recording/recorder.js").Row} Row */

/** @returns {Row} */
const sent = () => ({
  session: 0,
  frame_index: 3,
  video_frame: 7,
  size_bytes: 1000,
  scheduled_ms: 100,
  sent_ms: 110,
  fate: "unanswered",
});
const SERVER = /** @type {const} */ ({
  received: 12,
  state: "warning",
  session: "4",
  worker: 1,
  spared: 2,
});
const TIMING = { queued: 1, decode: 2, nodes: { detect: 3 }, total: 6 };
const ENDING = { error: null, detail: "", closeCode: 1006, wasOpen: true, asked: false };

test("a processed frame has its result and its times", () => {
  const row = sent();
  fillAnswered(row, { frame_index: 3, result: { a: 1 }, timing: TIMING, server: SERVER }, 150);
  assert.deepEqual(row, {
    ...sent(),
    fate: "processed",
    answered_ms: 150,
    round_trip_ms: 50,
    received_ms: 12,
    state: "warning",
    spared_ms: 2,
    result: { a: 1 },
    queued_ms: 1,
    decode_ms: 2,
    nodes_ms: { detect: 3 },
    total_ms: 6,
  });
});

test("a dropped frame has its cause, and no result", () => {
  const row = sent();
  const server = { ...SERVER, cause: "replaced" };
  fillAnswered(row, { frame_index: 3, dropped: true, server }, 120);
  const { fate, cause, answered_ms, result } = row;
  assert.deepEqual([fate, cause, answered_ms, result], ["dropped", "replaced", 120, undefined]);
});

test("of a server that says no more than it must, a frame's cause and times are not known", () => {
  const dropped = sent();
  fillAnswered(dropped, { frame_index: 3, dropped: true }, 120);
  assert.equal(dropped.cause, "unknown");
  const processed = sent();
  fillAnswered(processed, { frame_index: 3 }, 120);
  assert.deepEqual(processed.result, {});
  assert.deepEqual([processed.queued_ms, processed.received_ms], [undefined, undefined]);
});

for (const [error, fate] of [
  ["invalid_frame", "rejected"],
  ["frame_too_large", "rejected"],
  ["slow_consumer", "rejected"],
  ["pipeline_failure", "failed"],
  ["internal_error", "failed"],
]) {
  test(`a frame that is answered by ${error} is ${fate}`, () => {
    const row = sent();
    fillRefused(row, error, 130);
    assert.deepEqual([row.fate, row.answered_ms, row.round_trip_ms], [fate, 130, 30]);
  });
}

test("a session ended by its error, by nobody's wish, or as asked", () => {
  const error = { ...ENDING, error: "internal_error", detail: "no", closeCode: 1011 };
  assert.equal(errorOf(error), "internal_error: no");
  assert.equal(errorOf({ ...error, asked: true }), "internal_error: no");
  assert.equal(errorOf(ENDING), "connection_lost: the server went away (1006)");
  assert.equal(errorOf({ ...ENDING, asked: true, closeCode: 1000 }), null);
});
