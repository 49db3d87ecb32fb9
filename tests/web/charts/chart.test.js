import assert from "node:assert/strict";
import test from "node:test";

import { niceTop } from "../../../streamlab/web/charts/chart.js";
import { SEEDS, Seeded } from "../seeded.js";

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
