import assert from "node:assert/strict";
import test from "node:test";

import { quantile, Ring } from "../../../streamlab/web/metrics/ring.js";
import { SEEDS, Seeded } from "../seeded.js";

/**
 * @param {Ring} ring
 * @param {number} width
 */
function rows(ring, width) {
  return Array.from({ length: ring.length }, (_, row) =>
    Array.from({ length: width + 1 }, (_, column) => ring.at(row, column)),
  );
}

test("a ring has its rows from the oldest on, and at most as many as it holds", () => {
  const ring = new Ring(3, 2);
  assert.deepEqual(rows(ring, 2), []);
  ring.push(1, 10, 100);
  ring.push(2, 20, 200);
  assert.deepEqual(rows(ring, 2), [
    [1, 10, 100],
    [2, 20, 200],
  ]);
  ring.push(3, 30, 300);
  ring.push(4, 40, 400);
  assert.deepEqual(rows(ring, 2), [
    [2, 20, 200],
    [3, 30, 300],
    [4, 40, 400],
  ]);
  assert.equal(ring.length, 3);
});

test("a number that is not given is not known, and is left out of the values", () => {
  const ring = new Ring(4, 2);
  ring.push(1, 10);
  ring.push(2, 20, 200);
  ring.push(3, NaN, 300);
  assert.ok(Number.isNaN(ring.at(0, 2)));
  assert.deepEqual(ring.values(1), [10, 20]);
  assert.deepEqual(ring.values(2), [200, 300]);
});

test("an old row's number does not come back with a new row that lacks it", () => {
  const ring = new Ring(2, 1);
  for (const time of [1, 2]) ring.push(time, 7);
  for (const time of [3, 4]) ring.push(time);
  assert.deepEqual(ring.values(1), []);
});

test("`from` is the first row that is not before a time", () => {
  const ring = new Ring(4);
  for (const time of [1, 2, 3, 5, 5, 8]) ring.push(time, time);
  assert.deepEqual(
    [0, 3, 3.5, 5, 6, 8, 8.1].map((since) => ring.from(since)),
    [0, 0, 1, 1, 3, 3, 4],
  );
});

test("rows, `from` and `values` are those of a plain list of the latest, however many came", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const capacity = 1 + random.below(12);
    const ring = new Ring(capacity, 1);
    /** @type {number[][]} */
    let plain = [];
    let time = 0;
    for (let push = 0; push < 40; push += 1) {
      time += random.below(3);
      const value = random.next() < 0.2 ? NaN : random.below(100);
      ring.push(time, value);
      plain = [...plain, [time, value]].slice(-capacity);
      assert.deepEqual(rows(ring, 1), plain);
      const since = random.below(time + 2);
      assert.equal(ring.from(since), plain.filter(([at]) => at < since).length);
      const values = plain.filter(([at, each]) => at >= since && !Number.isNaN(each));
      assert.deepEqual(
        ring.values(1, since),
        values.map(([, each]) => each),
      );
    }
  }
});

test("a quantile is the smallest value that at least its share do not exceed", () => {
  const values = [30, 10, 20, 40];
  const shares = [0, 0.25, 0.26, 0.5, 0.51, 0.75, 0.95, 1];
  assert.deepEqual(
    shares.map((share) => quantile(values, share)),
    [10, 10, 20, 20, 30, 30, 40, 40],
  );
  assert.deepEqual(values, [30, 10, 20, 40], "and the values stay as they are");
  assert.equal(quantile([7], 0.95), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("values are ordered as numbers, not as their digits", () => {
  assert.equal(quantile([9, 10, 100], 0.5), 10);
  assert.equal(quantile([-1, -10, 2], 0.01), -10);
});

test("a quantile is what counting finds", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const values = Array.from({ length: 1 + random.below(60) }, () => random.below(30));
    for (const percent of [1, 5, 25, 50, 75, 90, 95, 99, 100]) {
      const enough = values.filter(
        (value) => 100 * values.filter((other) => other <= value).length >= percent * values.length,
      );
      assert.equal(
        quantile(values, percent / 100),
        Math.min(...enough),
        `seed ${seed}, ${percent} %`,
      );
    }
  }
});
