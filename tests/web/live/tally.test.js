import assert from "node:assert/strict";
import test from "node:test";
import { NOTHING_MS, Tally, wordsOf } from "../../../streamlab/web/live/tally.js";
import { ALL } from "../../../streamlab/web/overlay/filter.js";

const BOX = { x: 1, y: 2, width: 3, height: 4 };
const ONLY_CUPS = { minScore: 0, labels: ["cup"] };

/** @param {[string, number?][]} things label and track */
const answer = (...things) => ({
  detections: things.map(([label, track_id]) => ({ ...BOX, label, score: 0.8, track_id })),
});

/** @param {Tally} tally */
const words = (tally, filter = ALL) => wordsOf(tally.found(filter));

test("what is found now is counted by label, the most first, and its distinct tracks", () => {
  const tally = new Tally();
  tally.take(0, answer(["cup", 1], ["person", 2]), ALL);
  tally.take(40, answer(["cup", 1], ["person", 3], ["person", 4]), ALL);
  assert.equal(words(tally), "2 person, 1 cup · 3 tracks, 4 in this run");
});

test("a pipeline that detects nothing is said nothing of", () => {
  const tally = new Tally();
  assert.equal(words(tally), "");
  tally.take(0, { text: "A PAGE" }, ALL);
  assert.equal(words(tally), "");
  assert.equal(tally.found(ALL).isDetecting, false);
});

test("many labels are a few and a number", () => {
  const tally = new Tally();
  tally.take(
    0,
    answer(.../** @type {[string][]} */ ([..."abcdefgh"].map((label) => [label]))),
    ALL,
  );
  assert.equal(words(tally), "1 a, 1 b, 1 c, 1 d, 1 e, 1 f, 2 of other labels");
});

test("things without a label are counted too", () => {
  const tally = new Tally();
  tally.take(0, { detections: [BOX, { ...BOX, label: null }] }, ALL);
  assert.equal(words(tally), "2 thing");
});

test("nothing found is said after seconds of answers without a detection, and not for want of answers", () => {
  const tally = new Tally();
  tally.take(1000, answer(["cup"]), ALL);
  assert.equal(tally.found(ALL).isNothing, false);
  for (let now = 1100; now < 1000 + NOTHING_MS; now += 100) {
    tally.take(now, answer(), ALL);
    assert.equal(tally.found(ALL).isNothing, false);
    assert.equal(words(tally), "nothing in this frame");
  }
  tally.take(1000 + NOTHING_MS, answer(), ALL);
  assert.equal(tally.found(ALL).isNothing, true);
  assert.equal(words(tally), "Nothing found");
  tally.take(9000, answer(["cup"]), ALL);
  assert.equal(tally.found(ALL).isNothing, false);
});

test("a run that finds nothing from its beginning says so as soon", () => {
  const tally = new Tally();
  tally.take(500, answer(), ALL);
  assert.equal(tally.found(ALL).isNothing, false);
  tally.take(500 + NOTHING_MS, answer(), ALL);
  assert.equal(tally.found(ALL).isNothing, true);
});

test("what is hidden is counted apart, and is nothing that is found", () => {
  const tally = new Tally();
  tally.take(0, answer(["person", 1], ["person", 2]), ONLY_CUPS);
  tally.take(NOTHING_MS, answer(["person", 1], ["cup", 3]), ONLY_CUPS);
  assert.equal(words(tally, ONLY_CUPS), "1 cup · 1 track, 1 in this run · 1 hidden by your choice");
  tally.take(3 * NOTHING_MS, answer(["person", 1]), ONLY_CUPS);
  assert.equal(
    words(tally, ONLY_CUPS),
    "nothing shown · 0 tracks, 1 in this run · 1 hidden by your choice",
  );
  assert.equal(tally.found(ONLY_CUPS).isNothing, true);
  tally.refilter();
  assert.equal(words(tally), "1 person · 1 track, 3 in this run");
  assert.equal(tally.found(ALL).isNothing, false);
});

test("what a session may have left out is not said to be missing", () => {
  const tally = new Tally();
  tally.take(0, answer(), ONLY_CUPS);
  assert.equal(words(tally, ONLY_CUPS), "nothing of your choice in this frame");
  assert.equal(
    words(tally, { minScore: 0.5, labels: null }),
    "nothing of your choice in this frame",
  );
  tally.take(NOTHING_MS, answer(), ONLY_CUPS);
  assert.equal(words(tally, ONLY_CUPS), "Nothing found of your choice");
});

test("the tracks of a run's sessions are each their own", () => {
  const tally = new Tally();
  tally.take(0, answer(["cup", 1]), ALL, 0);
  tally.take(1, answer(["cup", 1]), ALL, 1);
  assert.equal(words(tally), "1 cup · 1 track, 2 in this run");
});

test("the labels of a run are those that were seen", () => {
  const tally = new Tally();
  tally.take(0, answer(["person"], ["cup"]), ONLY_CUPS);
  tally.take(1, answer(["cup"]), ONLY_CUPS);
  assert.deepEqual(tally.labels, ["cup", "person"]);
  assert.deepEqual(new Tally().labels, []);
});
