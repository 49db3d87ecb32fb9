import assert from "node:assert/strict";
import test from "node:test";

import { rateOf } from "../../streamlab/web/capture.js";
import { niceTop } from "../../streamlab/web/charts.js";
import { captionOf, colourOf, detectionsOf } from "../../streamlab/web/draw.js";
import { scaled } from "../../streamlab/web/run_info.js";
import { DEFAULTS, LocalModel } from "../../streamlab/web/model.js";
import { xsrfTokens } from "../../streamlab/web/server.js";
import { Problem, WORDS } from "../../streamlab/web/words.js";
import { SEEDS, Seeded } from "./seeded.js";

const BOX = { x: 1, y: 2, width: 3, height: 4 };

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
  assert.deepEqual(detectionsOf({ detections: [BOX, null, {}, { ...BOX, x: "1" }, { x: 1 }] }), [BOX]);
  for (const other of [{}, { detections: null }, { detections: "none" }, { detections: { x: 1 } }]) {
    assert.deepEqual(detectionsOf(other), []);
  }
});

test("a frame is sent as wide as asked for, in its own shape, and never made larger", () => {
  const size = (/** @type {number} */ width, /** @type {number} */ height, /** @type {number} */ most) =>
    Object.values(scaled({ width, height }, most));
  assert.deepEqual(size(1280, 720, 640), [640, 360]);
  assert.deepEqual(size(720, 1280, 320), [320, 569]);
  assert.deepEqual(size(640, 480, 640), [640, 480]);
  assert.deepEqual(size(320, 241, 640), [320, 241]);
  assert.deepEqual(size(4000, 1, 320), [320, 1]);
});

test("a scale holds its values, is not much too large, and ends in a round number", () => {
  const tops = [1, 1.2, 2, 2.1, 3.5, 4.1, 6.1, 8.1, 10, 60, 99, 1000, 0.07];
  assert.deepEqual(
    tops.map((value) => Number(niceTop(value).toPrecision(6))),
    [1, 1.5, 2, 3, 4, 6, 8, 10, 10, 60, 100, 1000, 0.08],
  );
  for (const seed of SEEDS) {
    const value = 10 ** new Seeded(seed).between(-2, 5);
    const top = niceTop(value);
    assert.ok(top >= value && top <= 1.5 * value + 1e-9, `${value}: ${top}`);
  }
});

test("a model tells of a value that is another one, to those who listen", () => {
  const model = new LocalModel({ fps: 20 });
  /** @type {string[]} */
  const told = [];
  const first = () => told.push(`first ${model.get("fps")}`);
  const second = () => told.push(`second ${model.get("fps")}`);
  model.on("change:fps", first);
  model.on("change:fps", second);
  model.set("fps", 20);
  model.set("width", 320);
  assert.deepEqual(told, []);
  model.set("fps", 25);
  model.off("change:fps", first);
  model.off("change:width", first);
  model.set("fps", 30);
  assert.deepEqual(told, ["first 25", "second 25", "second 30"]);
});

test("a model begins with the defaults, and two of them share nothing", () => {
  const [one, other] = [new LocalModel({ fps: 20 }), new LocalModel()];
  assert.deepEqual([one.get("fps"), other.get("fps")], [20, DEFAULTS.fps]);
  one.set("quality", 1);
  assert.equal(other.get("quality"), DEFAULTS.quality);
});

test("a problem has one line, with what it is about where that is known", () => {
  assert.equal(new Problem("no_camera").line, WORDS.no_camera.title);
  assert.equal(new Problem("no_sample", "gate").line, `${WORDS.no_sample.title}: gate`);
});

test("a code of a newer server has words all the same", () => {
  assert.equal(new Problem("something_new", "17").words, WORDS.internal_error);
});

test("whatever is thrown becomes a problem, and a problem stays what it is", () => {
  const problem = new Problem("lost");
  assert.equal(Problem.of(problem), problem);
  const fault = Problem.of(new TypeError("x is null"));
  assert.deepEqual([fault.code, fault.detail], ["page_fault", "x is null"]);
  assert.equal(Problem.of("odd").detail, "odd");
});

test("a video's rate is told from the frames that it has shown, also where some were missed", () => {
  const seen = [0, 1, 2, 4, 5, 9].map((frame) => ({ mediaTime: frame / 29.97, presentedFrames: frame + 3 }));
  assert.equal(rateOf(seen), 29.97);
  assert.equal(rateOf([]), null);
  assert.equal(rateOf(seen.slice(0, 1)), null);
  const looped = [{ mediaTime: 9.96, presentedFrames: 1 }, { mediaTime: 0, presentedFrames: 2 }, { mediaTime: 0.04, presentedFrames: 3 }];
  assert.equal(rateOf(looped), 25);
});

test("what a tool leaves out, or says oddly, costs a caption nothing but itself", () => {
  const box = { x: 1, y: 2, width: 3, height: 4 };
  assert.equal(captionOf({ ...box, label: null, score: null, track_id: null, text: null }), "");
  assert.equal(captionOf({ ...box, label: "plate", track_id: 0, score: /** @type {any} */ ("0.5") }), "plate #0");
  assert.equal(captionOf({ ...box, text: "W".repeat(1000) }).length, 81);
  assert.deepEqual(detectionsOf({ detections: [box, { ...box, y: null }, { ...box, height: NaN }, null] }), [box]);
});

test("the XSRF tokens are those of the page's cookies, in the browser's order, each once", () => {
  assert.deepEqual(xsrfTokens(""), []);
  assert.deepEqual(xsrfTokens("my_xsrf=1; _xsrfs=2"), []);
  assert.deepEqual(xsrfTokens("_xsrf=2|a|b|3"), ["2|a|b|3"]);
  assert.deepEqual(xsrfTokens("a=b; _xsrf=bmVhcg; _xsrf=ZmFy; c=_xsrf=d; _xsrf=ZmFy"), ["bmVhcg", "ZmFy"]);
  assert.deepEqual(xsrfTokens('_xsrf="quoted"; _xsrf='), ["quoted", ""]);
});
