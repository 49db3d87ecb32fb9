import assert from "node:assert/strict";
import test from "node:test";

import { BitmapStore, MAX_KEPT } from "../../../streamlab/web/live/bitmap_store.js";

/** A bitmap that counts how often it is closed. */
const bitmap = () => {
  const made = { closed: 0, close: () => (made.closed += 1) };
  return /** @type {any} */ (made);
};

test("a bitmap is kept until it is taken, and is not closed then", () => {
  const store = new BitmapStore();
  const kept = bitmap();
  assert.equal(store.keep(kept), kept);
  assert.equal(store.take(kept), kept);
  assert.equal(kept.closed, 0);
});

test("of too many the newest are closed, until others are taken", () => {
  const store = new BitmapStore();
  const all = Array.from({ length: MAX_KEPT + 2 }, bitmap);
  const kept = all.map((each) => store.keep(each));
  assert.deepEqual(kept, [...all.slice(0, MAX_KEPT), null, null]);
  assert.deepEqual(
    all.map(({ closed }) => closed),
    [...Array(MAX_KEPT).fill(0), 1, 1],
  );
  assert.equal(store.take(kept[MAX_KEPT]), null);
  assert.equal(store.keep(bitmap()), null, "one that was not kept makes no room");
  store.take(kept[0]);
  const next = bitmap();
  assert.equal(store.keep(next), next);
});
