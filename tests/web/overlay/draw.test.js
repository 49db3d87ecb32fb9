// Pixels of what is drawn, on a real canvas without a browser.
import assert from "node:assert/strict";
import test from "node:test";

import { createCanvas } from "@napi-rs/canvas";

import { classLineOf } from "../../../streamlab/web/overlay/detections.js";
import { drawResult } from "../../../streamlab/web/overlay/draw.js";
import { arePoints, ringsOf, shapesOf } from "../../../streamlab/web/overlay/shapes.js";

const WIDTH = 160;
const HEIGHT = 120;
const GROUND = 200;
const RED = { color: "#ff0000" };
const SQUARE = [
  [40, 40],
  [100, 40],
  [100, 100],
  [40, 100],
];
const HOLE = [
  [60, 60],
  [80, 60],
  [80, 80],
  [60, 80],
];
const BARE = [GROUND, GROUND, GROUND];
const STRONG = [255, 0, 0];

/**
 * @param {Record<string, any>} result
 * @param {number} [zoom]
 * @param {string} [status]
 */
function drawn(result, zoom = 1, status = "") {
  const canvas = createCanvas(WIDTH * zoom, HEIGHT * zoom);
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${BARE})`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawResult(/** @type {any} */ (context), result, zoom, 1, status);
  return (/** @type {number} */ x, /** @type {number} */ y) =>
    [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
}

/**
 * @param {number[]} pixel
 * @param {number[]} expected
 */
function near(pixel, expected) {
  const most = Math.max(...pixel.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(most <= 2, `${pixel} is not ${expected}`);
}

const HALF = [228, 100, 100];

test("a mask is half-transparent within its outline, and bare in its holes", () => {
  const pixel = drawn({ shapes: [{ kind: "mask", contours: [SQUARE, HOLE], ...RED }] });
  near(pixel(50, 50), HALF);
  near(pixel(70, 70), BARE);
  near(pixel(70, 40), STRONG);
  near(pixel(70, 60), STRONG);
  near(pixel(20, 20), BARE);
});

test("a polygon is filled where it says so, and closed", () => {
  for (const fill of [true, false]) {
    const pixel = drawn({ shapes: [{ kind: "polygon", points: SQUARE, fill, ...RED }] });
    near(pixel(50, 50), fill ? HALF : BARE);
    near(pixel(40, 70), STRONG);
  }
});

test("a line is open, and has the colour of its label unless it has its own", () => {
  const line = { kind: "line", points: SQUARE };
  const own = drawn({ shapes: [{ ...line, ...RED }] });
  near(own(100, 70), STRONG);
  near(own(40, 70), BARE);
  const labelled = drawn({ shapes: [{ ...line, label: "\u0001" }] });
  near(labelled(100, 70), [0xd5, 0x5e, 0x00]);
});

test("a text begins at its point, and a label stands above the top of its shape", () => {
  const pixel = drawn({ shapes: [{ kind: "text", x: 30, y: 50, text: "3 cups", ...RED }] });
  near(pixel(31, 51), STRONG);
  near(pixel(31, 49), BARE);
  near(pixel(29, 51), BARE);
  const labelled = drawn({ shapes: [{ kind: "polygon", points: SQUARE, label: "zone", ...RED }] });
  near(labelled(42, 24), STRONG);
});

test("all of it scales with the picture", () => {
  const pixel = drawn({ shapes: [{ kind: "mask", contours: [SQUARE, HOLE], ...RED }] }, 2);
  near(pixel(100, 100), HALF);
  near(pixel(140, 140), BARE);
  near(pixel(140, 80), STRONG);
});

const BOX = { x: 40, y: 40, width: 60, height: 60, label: "\u0001" };
const INK = [0xd5, 0x5e, 0x00];
const HALF_INK = INK.map((value) => (value + GROUND) / 2);

test("a segment is drawn as a mask in place of its box", () => {
  const triangle = [
    [40, 40],
    [100, 40],
    [40, 100],
  ];
  const pixel = drawn({ detections: [{ ...BOX, contours: [triangle] }] });
  near(pixel(50, 50), HALF_INK);
  near(pixel(100, 100), BARE);
});

test("an oriented box is drawn by its corners in place of the upright one", () => {
  const corners = [
    [70, 40],
    [100, 70],
    [70, 100],
    [40, 70],
  ];
  const pixel = drawn({ detections: [{ ...BOX, corners }] });
  near(pixel(85, 55), INK);
  near(pixel(99, 99), BARE);
  near(drawn({ detections: [BOX] })(100, 90), INK);
});

/** @param {number[]} confidences */
function pose(confidences) {
  const keypoints = confidences.map((confidence, i) => [10 + 8 * i, 112, confidence]);
  keypoints[5] = [40, 40, confidences[5]];
  keypoints[7] = [100, 40, confidences[7]];
  return { detections: [{ ...BOX, x: 0, y: 0, width: 1, height: 1, keypoints }] };
}

test("a person has a skeleton of the limbs whose ends are sure; other keypoints are dots", () => {
  const sure = Array(17).fill(0.5);
  const pixel = drawn(pose(sure));
  near(pixel(70, 40), INK); // from the left shoulder to the left elbow
  near(pixel(100, 40), INK);
  const unsure = drawn(pose(sure.map((value, i) => (i === 7 ? 0.49 : value))));
  near(unsure(70, 40), BARE);
  near(unsure(100, 40), BARE);
  near(unsure(40, 40), INK);
  const other = drawn(pose(Array(16).fill(0.9)));
  near(other(70, 40), BARE);
  near(other(100, 40), INK);
});

test("the surest class stands at the top left, under the status where there is one", () => {
  const classes = [
    { label: "\u0001", score: 0.87 },
    { label: "lynx", score: 0.1 },
  ];
  const alone = drawn({ classes });
  near(alone(1, 1), INK);
  near(alone(1, 25), BARE);
  const both = drawn({ classes }, 1, "frame 3");
  near(both(1, 1), [0, 0, 0]);
  near(both(1, 21), INK);
  assert.equal(classLineOf({ classes }), "\u0001 0.87");
  for (const none of [undefined, [], {}, [{}], [null]])
    assert.equal(classLineOf({ classes: none }), "");
});

test("what cannot be drawn costs nothing but itself", () => {
  const line = { kind: "line", points: SQUARE };
  const odd = [
    null,
    "line",
    {},
    { kind: "hologram" },
    { kind: "line" },
    { kind: "line", points: [[1, 1]] },
    {
      kind: "line",
      points: [
        [1, null],
        [2, 2],
      ],
    },
    {
      kind: "polygon",
      points: [
        [1, 1],
        [2, 2],
      ],
    },
    { kind: "mask" },
    { kind: "text", x: 1, y: NaN, text: "a" },
    { kind: "text", x: 1, y: 1 },
  ];
  assert.deepEqual(shapesOf({ shapes: [...odd, line] }), [line]);
  for (const shapes of [undefined, null, {}, "line"]) assert.deepEqual(shapesOf({ shapes }), []);
  assert.deepEqual(
    ringsOf([
      SQUARE,
      [],
      [[1, 1]],
      null,
      [
        [1, 1],
        [2, NaN],
        [3, 3],
      ],
    ]),
    [SQUARE],
  );
  assert.deepEqual(ringsOf({}), []);
  assert.equal(arePoints([[1, 2]], 2), false);
  const broken = { ...BOX, contours: "all", keypoints: [[1]], corners: [[1, 2]] };
  const pixel = drawn({
    detections: [broken],
    shapes: [
      ...odd,
      { kind: "mask", contours: [[]], label: "empty" },
      { kind: "line", points: SQUARE, color: "red" },
    ],
  });
  near(pixel(100, 90), [0x00, 0x72, 0xb2]); // the line, in the colour of no label
  near(drawn({ detections: [broken] })(100, 90), INK); // its box
});
