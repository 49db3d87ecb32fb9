import assert from "node:assert/strict";
import test from "node:test";
import { LocalModel } from "../../../streamlab/web/live/model.js";
import {
  ALL,
  filtered,
  filterOf,
  isShown,
  labelsOf,
} from "../../../streamlab/web/overlay/filter.js";
import { SEEDS, Seeded } from "../seeded.js";

const BOX = { x: 1, y: 2, width: 3, height: 4 };
const PERSON = { ...BOX, label: "person", score: 0.9, track_id: 1 };
const CUP = { ...BOX, label: "cup", score: 0.4, text: "TEA" };

for (const [
  found,
  minScore,
  labels,
  isKept,
] of /** @type {[object, number, string[] | null, boolean][]} */ ([
  [PERSON, 0, null, true],
  [PERSON, 0.9, null, true],
  [PERSON, 0.91, null, false],
  [PERSON, 0, ["person"], true],
  [PERSON, 0, ["cup"], false],
  [PERSON, 0, [], false],
  [PERSON, 0.95, ["person"], false],
  [{ label: "person" }, 0.5, null, true],
  [{ label: "person", score: null }, 1, null, true],
  [{ score: 0.9 }, 0, ["person"], false],
  [{ label: null }, 0, null, true],
])) {
  const words = `${JSON.stringify(found)} of at least ${minScore} and ${JSON.stringify(labels)}`;
  test(`${words} is ${isKept ? "shown" : "hidden"}`, () => {
    assert.equal(isShown(found, { minScore, labels }), isKept);
  });
}

test("an answer of which nothing is hidden is handed on as it is", () => {
  const result = { detections: [PERSON, CUP], text: "TEA", brightness: 3 };
  assert.equal(filtered(result, ALL), result);
  assert.equal(filtered(result, { minScore: 0.4, labels: ["cup", "person"] }), result);
  const other = { text: "A PAGE", brightness: 3, detections: null };
  assert.equal(filtered(other, { minScore: 1, labels: [] }), other);
});

test("what is hidden is hidden in all that an answer says of it, and the answer is left as it was", () => {
  const result = { detections: [PERSON, CUP], tracks: [PERSON], text: "TEA", brightness: 3 };
  const shown = filtered(result, { minScore: 0, labels: ["person"] });
  assert.deepEqual(shown, { detections: [PERSON], tracks: [PERSON], brightness: 3 });
  assert.deepEqual(result, {
    detections: [PERSON, CUP],
    tracks: [PERSON],
    text: "TEA",
    brightness: 3,
  });
});

test("the text of a whole frame is not that of what is hidden on it", () => {
  const result = { detections: [PERSON], text: "A PAGE" };
  assert.deepEqual(filtered(result, { minScore: 0, labels: [] }), {
    detections: [],
    text: "A PAGE",
  });
});

test("the classes of a frame are chosen alike", () => {
  const classes = [
    { label: "cat", score: 0.7 },
    { label: "dog", score: 0.2 },
  ];
  assert.deepEqual(filtered({ classes }, { minScore: 0.5, labels: null }), {
    classes: [classes[0]],
  });
});

test("whatever is chosen, what is shown is what of the answer is chosen, in its order", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const labels = ["a", "b", "c", undefined];
    const detections = Array.from({ length: random.below(12) }, () => ({
      ...BOX,
      label: labels[random.below(labels.length)],
      score: random.below(11) / 10,
    }));
    const filter = {
      minScore: random.below(11) / 10,
      labels: random.below(3) ? ["a", "b", "c"].filter(() => random.below(2)) : null,
    };
    const shown = filtered({ detections }, filter).detections;
    assert.deepEqual(
      shown,
      detections.filter((each) => isShown(each, filter)),
    );
  }
});

test("a view shows all unless something is chosen", () => {
  const model = new LocalModel();
  assert.deepEqual(filterOf(model), ALL);
  model.set("min_score", 0.3);
  model.set("labels", ["cup"]);
  assert.deepEqual(filterOf(model), { minScore: 0.3, labels: ["cup"] });
});

for (const [
  chosen,
  known,
  then,
] of /** @type {[string[] | null, string[] | null | undefined, string[] | null][]} */ ([
  [null, ["person"], null],
  [["cup", "plate"], ["person", "cup"], ["cup"]],
  [
    ["cup", "person"],
    ["person", "cup", "dog"],
    ["cup", "person"],
  ],
  [["plate"], ["person", "cup"], null],
  [[], ["person", "cup"], null],
  [["plate"], null, null],
  [["plate"], undefined, null],
])) {
  test(`of ${JSON.stringify(chosen)}, a pipeline that knows ${JSON.stringify(known)} takes over ${JSON.stringify(then)}`, () => {
    assert.deepEqual(labelsOf(chosen, known), then);
  });
}
