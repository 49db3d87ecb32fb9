import assert from "node:assert/strict";
import test from "node:test";

import { HOLD_S } from "../../../streamlab/web/capture/pace.js";
import { FlowControl } from "../../../streamlab/web/live/flow_control.js";

const HELD = 3;

/**
 * @param {number} awaited frames without an answer
 * @param {number} [unsentBytes]
 */
const stream = (awaited, unsentBytes = 0) => ({ awaited, unsentBytes });

test("as many frames are under way as the server holds back and the round trip explains", () => {
  const flow = new FlowControl(20, false);
  assert.equal(flow.isCongested(0, stream(HELD), HELD), false);
  assert.equal(flow.isCongested(0, stream(HELD + 1), HELD), true);
  flow.tripMs = 190; // 3.8 frames at 20 a second
  assert.equal(flow.isCongested(0, stream(HELD + 4), HELD), false);
  assert.equal(flow.isCongested(0, stream(HELD + 5), HELD), true);
});

test("a round trip of many seconds is a queue, and explains no more frames than one of a second", () => {
  const flow = new FlowControl(10, false);
  flow.tripMs = 60_000;
  assert.equal(flow.isCongested(0, stream(HELD + 10), HELD), false);
  assert.equal(flow.isCongested(0, stream(HELD + 11), HELD), true);
});

test("bytes that the network does not take are congestion, whatever is awaited", () => {
  const flow = new FlowControl(10, false);
  assert.equal(flow.isCongested(0, stream(0, 256 * 1024), HELD), false);
  assert.equal(flow.isCongested(0, stream(0, 256 * 1024 + 1), HELD), true);
});

test("an adaptive rate falls under congestion, once in a while", () => {
  const flow = new FlowControl(20, true);
  assert.equal(flow.congested(1), 17);
  assert.equal(flow.congested(1.5), null);
  assert.equal(flow.congested(1 + HOLD_S), 17 * 0.85);
});

test("a fixed rate stays whatever happens, until another one is set", () => {
  const flow = new FlowControl(10, false);
  assert.equal(flow.congested(1), null);
  assert.equal(flow.slowDown(2, 3), null);
  const due = (/** @type {number} */ from) =>
    Array.from({ length: 100 }, (_, k) => from + k / 50).filter((time) => flow.isDue(time)).length;
  assert.equal(due(3), 20);
  flow.setRate(25, false);
  assert.ok(Math.abs(due(5) - 50) <= 1);
});
