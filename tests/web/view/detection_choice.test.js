import assert from "node:assert/strict";
import test from "node:test";

import { choiceWords, offered, toggled } from "../../../streamlab/web/view/detection_choice.js";
import { everydayWords, knownWords } from "../../../streamlab/web/view/found_panel.js";

test("labels can be chosen that the model knows, that were seen, and that were chosen before", () => {
  assert.deepEqual(offered(["person", "cup"], ["cup"], null), ["person", "cup"]);
  assert.deepEqual(offered(["person", "cup"], ["cup", "thing"], ["person"]), [
    "person",
    "cup",
    "thing",
  ]);
  assert.deepEqual(offered(null, ["cup"], ["plate"]), ["cup", "plate"]);
  assert.deepEqual(offered(undefined, [], null), []);
  assert.deepEqual(offered(["person"], [], ["person", "plate"]), ["person", "plate"]);
});

for (const [
  chosen,
  label,
  isWanted,
  then,
] of /** @type {[string[] | null, string, boolean, string[] | null][]} */ ([
  [null, "cup", false, ["person", "dog"]],
  [["person"], "cup", true, ["person", "cup"]],
  [["person", "dog"], "cup", true, null],
  [["cup"], "cup", false, []],
  [[], "dog", true, ["dog"]],
])) {
  test(`${JSON.stringify(chosen)} ${isWanted ? "with" : "without"} ${label} is ${JSON.stringify(then)}`, () => {
    assert.deepEqual(toggled(chosen, ["person", "cup", "dog"], label, isWanted), then);
  });
}

test("a choice in a few words", () => {
  assert.equal(choiceWords(null, 80), "all 80");
  assert.equal(choiceWords(null, 0), "all");
  assert.equal(choiceWords([], 80), "none");
  assert.equal(choiceWords(["person", "cup"], 80), "person, cup");
  assert.equal(choiceWords([..."abcdef"], 80), "a, b, c, d and 2 more");
});

test("what a model knows is named, as far as it can be read", () => {
  assert.equal(knownWords(["plate", "vehicle"]), "This pipeline's model knows: plate, vehicle.");
  assert.match(
    knownWords(Array.from({ length: 80 }, (_, at) => `l${at}`)),
    /l0, .*, l15 and 64 more\.$/,
  );
  for (const labels of [null, undefined, []]) assert.match(knownWords(labels), /does not tell/);
});

test("the pipeline that knows the most is named where it is not the present one, and is there", () => {
  const pipelines = [
    { id: "yolo_ocr", labels: ["plate"] },
    { id: "everyday", labels: ["person", "cup"] },
  ];
  assert.match(everydayWords("yolo_ocr", pipelines), /everyday finds 2 everyday things/);
  assert.equal(everydayWords("everyday", pipelines), "");
  assert.equal(everydayWords("yolo_ocr", pipelines.slice(0, 1)), "");
});
