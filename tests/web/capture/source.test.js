import assert from "node:assert/strict";
import test from "node:test";

import { rateOf } from "../../../streamlab/web/capture/source.js";

test("a video's rate is measured from the frames that it has shown, also where some were missed", () => {
  const seen = [0, 1, 2, 4, 5, 9].map((frame) => ({
    mediaTime: frame / 29.97,
    presentedFrames: frame + 3,
  }));
  assert.equal(rateOf(seen), 29.97);
  assert.equal(rateOf([]), null);
  assert.equal(rateOf(seen.slice(0, 1)), null);
  const looped = [
    { mediaTime: 9.96, presentedFrames: 1 },
    { mediaTime: 0, presentedFrames: 2 },
    { mediaTime: 0.04, presentedFrames: 3 },
  ];
  assert.equal(rateOf(looped), 25);
});
