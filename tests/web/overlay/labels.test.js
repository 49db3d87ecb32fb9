import assert from "node:assert/strict";
import test from "node:test";

import { colourOf } from "../../../streamlab/web/overlay/labels.js";

test("a label has its colour by its bytes; no label has one too", () => {
  // the remainder, of seven, of the bytes as one number: tests/lab/test_live_run.py asks Python
  assert.equal(colourOf(""), "#0072b2");
  assert.equal(colourOf("\u0001"), "#d55e00");
  assert.equal(colourOf("\u0006"), "#f0e442");
  assert.equal(colourOf("\u0007"), "#0072b2");
  assert.equal(colourOf("\u0001\u0000"), "#56b4e9"); // 256 is 4 more than a multiple of 7
  assert.equal(colourOf("é"), "#56b4e9"); // in UTF-8, 0xc3a9
  assert.match(colourOf("x".repeat(10_000)), /^#[0-9a-f]{6}$/);
});
