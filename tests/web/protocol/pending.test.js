import assert from "node:assert/strict";
import test from "node:test";

import { Pending } from "../../../streamlab/web/protocol/pending.js";
import { SEEDS, Seeded } from "../seeded.js";

/**
 * @param {number} count
 * @returns {Pending<string>}
 */
function sent(count) {
  const pending = new Pending();
  for (let frame = 0; frame < count; frame += 1) pending.add(`frame ${frame}`);
  return pending;
}

test("frames are counted from 0, as the server counts them", () => {
  const pending = new Pending();
  assert.deepEqual([pending.add("a"), pending.add("b"), pending.add("c")], [0, 1, 2]);
  assert.deepEqual([pending.size, pending.count], [3, 3]);
});

test("answers that come out of order find their own frames", () => {
  const pending = sent(4);
  assert.deepEqual(
    [2, 0, 3, 1].map((index) => pending.take(index)),
    ["frame 2", "frame 0", "frame 3", "frame 1"],
  );
  assert.deepEqual([pending.size, pending.count], [0, 4]);
});

test("an index that is not awaited finds nothing, and takes nothing away", () => {
  const pending = sent(2);
  pending.take(0);
  for (const index of [0, 2, -1, 1.5, NaN]) assert.equal(pending.take(index), undefined);
  assert.equal(pending.size, 1);
  assert.equal(pending.take(1), "frame 1");
});

test("the count goes on when frames have been answered", () => {
  const pending = sent(2);
  pending.take(0);
  pending.take(1);
  assert.equal(pending.add("later"), 2);
  assert.equal(pending.take(2), "later");
});

test("the oldest is the first of those without an answer", () => {
  const pending = sent(4);
  pending.take(0);
  pending.take(2);
  assert.equal(pending.takeOldest(), "frame 1");
  assert.equal(pending.takeOldest(), "frame 3");
  assert.equal(pending.takeOldest(), undefined);
});

test("all that are left are taken out once, oldest first", () => {
  const pending = sent(4);
  pending.take(1);
  assert.deepEqual(pending.takeAll(), ["frame 0", "frame 2", "frame 3"]);
  assert.deepEqual(pending.takeAll(), []);
  assert.equal(pending.take(0), undefined);
  assert.equal(pending.size, 0);
});

test("no answer is ever matched to another frame, and no frame comes out twice", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    /** @type {Pending<{frame: number}>} */
    const pending = new Pending();
    const awaited = new Set();
    let count = 0;
    for (let step = 0; step < 120; step += 1) {
      const what = random.next();
      if (what < 0.5) {
        assert.equal(pending.add({ frame: count }), count);
        awaited.add(count);
        count += 1;
      } else if (what < 0.9) {
        const index = random.below(count + 3);
        assert.equal(pending.take(index)?.frame, awaited.has(index) ? index : undefined);
        awaited.delete(index);
      } else if (what < 0.98) {
        const oldest = awaited.size ? Math.min(...awaited) : undefined;
        assert.equal(pending.takeOldest()?.frame, oldest);
        awaited.delete(oldest);
      } else {
        const frames = pending.takeAll().map(({ frame }) => frame);
        assert.deepEqual(
          frames,
          [...awaited].sort((a, b) => a - b),
        );
        awaited.clear();
      }
      assert.deepEqual([pending.size, pending.count], [awaited.size, count], `seed ${seed}`);
    }
  }
});
