import assert from "node:assert/strict";
import test from "node:test";
import { Readings, valueWords } from "../../../streamlab/web/live/readings.js";
import { ALL } from "../../../streamlab/web/overlay/filter.js";

const BOX = { x: 1, y: 2, width: 3, height: 4, score: 0.8 };

/** @param {object[]} detections */
const answer = (...detections) => ({ detections: detections.map((each) => ({ ...BOX, ...each })) });

/**
 * @param {Readings} readings
 * @param {import("../../../streamlab/web/protocol/server.js").Node[]} [nodes]
 */
const shown = (readings, nodes = [], filter = ALL) =>
  readings
    .groups(filter, nodes)
    .map(({ title, lines }) => [
      title,
      ...lines.map(
        ({ what, text, isNow }) => `${what}${what && " "}${text}${isNow ? "" : " (gone)"}`,
      ),
    ]);

test("a track's text is the one that it has now", () => {
  const readings = new Readings();
  readings.take(answer({ label: "label", track_id: 39, text: "16526" }));
  assert.deepEqual(shown(readings), [["What was read", "label #39 16526"]]);
  readings.take(answer({ label: "label", track_id: 39, text: "FRX-6526" }));
  assert.deepEqual(shown(readings), [["What was read", "label #39 FRX-6526"]]);
});

test("a text that its track has no more is listed no more", () => {
  const readings = new Readings();
  readings.take(answer({ label: "label", track_id: 15, text: "4533" }));
  readings.take(answer({ label: "label", track_id: 15, text: null }));
  assert.deepEqual(shown(readings), []);
});

test("a track is one thing, whatever label it is given", () => {
  const readings = new Readings();
  readings.take(answer({ label: "label", track_id: 7, text: "16526" }));
  readings.take(answer({ label: "plate", track_id: 7, text: "FRX-6526" }));
  assert.deepEqual(shown(readings), [["What was read", "plate #7 FRX-6526"]]);
});

test("what has left the picture is marked apart from what stands on it", () => {
  const readings = new Readings();
  readings.take(answer({ label: "plate", track_id: 1, text: "AB 1" }));
  readings.take(answer({ label: "plate", track_id: 2, text: "CD 2" }));
  assert.deepEqual(shown(readings), [["What was read", "plate #2 CD 2", "plate #1 AB 1 (gone)"]]);
});

test("the latest eight are listed", () => {
  const readings = new Readings();
  for (let track_id = 0; track_id < 20; track_id += 1)
    readings.take(answer({ track_id, text: `T${track_id}` }));
  const [[, ...lines]] = shown(readings);
  assert.equal(lines.length, 8);
  assert.equal(lines[0], "#19 T19");
});

test("tracks of another session are others", () => {
  const readings = new Readings();
  readings.take(answer({ label: "plate", track_id: 1, text: "AB 1" }), 0);
  readings.take(answer({ label: "plate", track_id: 1, text: "CD 2" }), 1);
  assert.deepEqual(shown(readings), [["What was read", "plate #1 CD 2", "plate #1 AB 1 (gone)"]]);
});

test("what is hidden is not listed, and is again when it is shown", () => {
  const readings = new Readings();
  readings.take(
    answer({ label: "plate", text: "AB 1" }, { label: "sign", text: "EXIT", score: 0.3 }),
  );
  const plates = { minScore: 0, labels: ["plate"] };
  assert.deepEqual(shown(readings, [], plates), [["What was read", "plate AB 1"]]);
  assert.deepEqual(shown(readings, [], { minScore: 0.5, labels: null }), [
    ["What was read", "plate AB 1"],
  ]);
  assert.deepEqual(shown(readings), [["What was read", "sign EXIT", "plate AB 1"]]);
});

test("a value has the heading of the tool that it comes from", () => {
  const readings = new Readings();
  readings.take({ brightness: 93.2151, is_dark: false });
  assert.deepEqual(shown(readings), [
    ["brightness", "93.22"],
    ["is_dark", "false"],
  ]);
  const named = [{ id: "n", tool: "brightness", tool_title: "How bright it is" }];
  assert.deepEqual(shown(readings, named), [
    ["How bright it is", "brightness 93.22"],
    ["is_dark", "false"],
  ]);
  const light = { id: "n", tool: "light", tool_title: "Light" };
  const both = [{ ...light, produces: ["brightness", "is_dark"] }];
  assert.deepEqual(shown(readings, both), [["Light", "brightness 93.22", "is_dark false"]]);
  assert.deepEqual(shown(readings, [{ ...light, produces: ["brightness"] }]), [
    ["Light", "93.22"],
    ["is_dark", "false"],
  ]);
});

test("texts have the heading of their reader, if it has a title of its own", () => {
  const readings = new Readings();
  readings.take({ ...answer({ label: "plate", text: "AB 1" }), text: "AB 1" });
  const reader = {
    id: "read",
    tool: "read_tracks",
    tool_title: "read_tracks",
    produces: ["detections", "text"],
  };
  assert.deepEqual(shown(readings, [reader]), [["What was read", "plate AB 1"]]);
  assert.deepEqual(shown(readings, [{ ...reader, tool_title: "Number plates" }]), [
    ["Number plates", "plate AB 1"],
  ]);
});

test("a value that the newest answer has not is not listed", () => {
  const readings = new Readings();
  readings.take({ brightness: 1 });
  readings.take({ text: "A PAGE" });
  assert.deepEqual(shown(readings), [["What was read", "A PAGE"]]);
});

for (const [value, words] of /** @type {[unknown, string][]} */ ([
  [{ mean: 1.0, list: [1, 2] }, "mean 1, list 1, 2"],
  [[0.123456, "left", true], "0.1235, left, true"],
  [{ mean: 93.2151, is_dark: false, note: null }, "mean 93.22, is_dark false, note null"],
  [
    { a: { b: [1, { c: 2 }] }, d: [[1, 2], [3]], e: [] },
    'a {"b":[1,{"c":2}]}, d [[1,2],[3]], e []',
  ],
  [[[1, 2], { x: 1 }], '1, 2, {"x":1}'],
  [{}, ""],
  [[], ""],
  [null, ""],
  [7, "7"],
])) {
  test(`${JSON.stringify(value)} is listed as ${words || "nothing"}`, () =>
    assert.equal(valueWords(value), words));
}

test("a mapping or list is listed under its tool's heading, cut where it is long", () => {
  const readings = new Readings();
  const nodes = [
    { id: "n", tool: "bright", tool_title: "How bright", produces: ["bright", "rows"] },
  ];
  readings.take({
    bright: { mean: 1, list: [1, 2] },
    rows: Array.from({ length: 100_000 }, () => 7),
  });
  assert.deepEqual(shown(readings, nodes), [
    ["How bright", "bright mean 1, list 1, 2", `rows ${"7, ".repeat(40)}…`],
  ]);
  readings.take({
    classes: [{ label: "drawn on the picture", score: 1 }],
    bright: { deep: { a: "W".repeat(500) } },
  });
  assert.deepEqual(shown(readings, nodes), [
    ["How bright", `bright deep {"a":"${"W".repeat(109)}…`],
  ]);
});

test("odd answers are cut to what can be read", () => {
  const readings = new Readings();
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`value_${at}`, at]));
  readings.take({ word: "W".repeat(500), nested: { a: 1 }, list: [1], nothing: null, ...many });
  const groups = shown(readings);
  assert.equal(groups.length, 12);
  assert.equal(groups[0][1], `${"W".repeat(120)}…`);
});
