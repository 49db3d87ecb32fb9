import assert from "node:assert/strict";
import test from "node:test";

import { scaled } from "../../../streamlab/web/live/run_info.js";

test("a frame is sent as wide as asked for, in its own shape, and never made larger", () => {
  const size = (
    /** @type {number} */ width,
    /** @type {number} */ height,
    /** @type {number} */ most,
  ) => Object.values(scaled({ width, height }, most));
  assert.deepEqual(size(1280, 720, 640), [640, 360]);
  assert.deepEqual(size(720, 1280, 320), [320, 569]);
  assert.deepEqual(size(640, 480, 640), [640, 480]);
  assert.deepEqual(size(320, 241, 640), [320, 241]);
  assert.deepEqual(size(4000, 1, 320), [320, 1]);
});
