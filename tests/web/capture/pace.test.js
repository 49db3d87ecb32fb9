import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import {
  AdaptivePace,
  FixedPace,
  MIN_FPS,
  makePace,
  Slots,
} from "../../../streamlab/web/capture/pace.js";
import { SEEDS, Seeded } from "../seeded.js";

/** @typedef {{promise: string, fps: number, events: [number, string, number?][]}} Case */

/** @type {Case[]} */
const SHARED = JSON.parse(
  readFileSync(new URL("../../client/pace_cases.json", import.meta.url), "utf8"),
);

/**
 * @param {number} value
 * @param {number} wanted
 * @param {number} off share of `wanted` that it may be off
 * @param {string} what
 */
function near(value, wanted, off, what) {
  assert.ok(Math.abs(value - wanted) <= off * Math.abs(wanted), `${what}: ${value}, not ${wanted}`);
}

test("a fixed pace has one rate, whatever the server says", () => {
  const pace = new FixedPace(12);
  assert.equal(pace.slowDown(1, 3), null);
  pace.dropped(1);
  assert.deepEqual(
    [0, 1, 1.5, 3, 1000].map((now) => pace.rate(now)),
    [12, 12, 12, 12, 12],
  );
});

test("the pace is the one asked for", () => {
  assert.ok(makePace(15, true) instanceof AdaptivePace);
  assert.ok(makePace(15, false) instanceof FixedPace);
  assert.equal(makePace(15, false).fps, 15);
});

for (const { promise, fps, events } of SHARED) {
  test(`as the Python client's: ${promise}`, () => {
    const pace = new AdaptivePace(fps);
    for (const [time, what, value = NaN] of events) {
      if (what === "slow_down")
        near(Number(pace.slowDown(time, value)), pace.rate(time), 1e-9, `at ${time}`);
      else if (what === "dropped") pace.dropped(time);
      else if (what === "rate") near(pace.rate(time), value, 1e-9, `the rate at ${time} s`);
      else assert.fail(what);
    }
  });
}

test("whatever the server says, the rate stays between the least and the one asked for", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const fps = random.between(1, 120);
    const pace = new AdaptivePace(fps);
    let now = 0;
    for (let step = 0; step < 40; step += 1) {
      now += random.between(0.01, 5);
      const before = pace.rate(now);
      if (random.next() < 0.3) {
        pace.dropped(now);
        assert.equal(pace.rate(now), before);
      } else if (random.next() < 0.5) {
        const target = random.between(0, 200);
        assert.ok(
          Number(pace.slowDown(now, target)) <= Math.max(MIN_FPS, Math.min(target, before)),
        );
      }
      const rate = pace.rate(now);
      assert.ok(rate >= MIN_FPS && rate <= fps, `seed ${seed}: ${rate}`);
    }
  }
});

/**
 * When a source shows its frames, seconds.
 *
 * @param {number} fps
 * @param {object} [how]
 * @param {number} [how.seconds]
 * @param {number} [how.jitter] seconds that a frame may be off
 * @param {number} [how.seed]
 */
function source(fps, { seconds = 120, jitter = 0, seed = 1 } = {}) {
  const random = new Seeded(seed);
  const count = Math.round(seconds * fps);
  return Array.from({ length: count }, (_, k) => k / fps + random.between(-jitter, jitter));
}

/**
 * Those of a source's frames that are sent.
 *
 * @param {number[]} times
 * @param {number | ((time: number) => number)} fps
 */
function taken(times, fps) {
  const slots = new Slots();
  return times.filter((time) => slots.take(time, typeof fps === "number" ? fps : fps(time)));
}

/** @param {number[]} times */
function meanRate(times) {
  return (times.length - 1) / (times[times.length - 1] - times[0]);
}

/** @param {number[]} times */
function gaps(times) {
  return times.slice(1).map((time, k) => time - times[k]);
}

for (const sourceFps of [24, 29.97, 30, 60]) {
  for (const jitter of [0, 0.002, 0.005, 0.008]) {
    if (jitter * sourceFps > 0.4) continue; // frames would change places
    test(`of ${sourceFps} frames a second, off by ${jitter * 1e3} ms, as many as asked for are sent`, () => {
      for (const asked of [1, 5, 10, 12, 15, 20, 25, 28, 29.97, 30, 60]) {
        for (const seed of [1, 2, 3]) {
          const shown = source(sourceFps, { jitter, seed });
          const wanted = Math.min(asked, sourceFps);
          // the last slot may be begun or not
          const off = 0.003 + 1 / (120 * wanted);
          near(meanRate(taken(shown, asked)), wanted, off, `${asked} asked for, seed ${seed}`);
        }
      }
    });
  }
}

test("a slower source has every frame sent", () => {
  for (const jitter of [0, 0.002, 0.005]) {
    for (const [sourceFps, asked] of [
      [5, 15],
      [10, 30],
      [15, 20],
      [24, 30],
      [25, 60],
    ]) {
      const shown = source(sourceFps, { jitter });
      assert.equal(taken(shown, asked).length, shown.length, `${sourceFps} of ${asked}, ${jitter}`);
    }
  }
});

test("a source of the very rate has every frame sent", () => {
  for (const fps of [15, 24, 25, 29.97, 30, 60]) {
    const shown = source(fps, { jitter: 0.002 });
    assert.ok(taken(shown, fps).length >= shown.length - 1, `${fps}`);
  }
});

test("a frame that is sent is the one nearest to its slot", () => {
  for (const [sourceFps, asked] of [
    [30, 10],
    [30, 15],
    [60, 20],
    [60, 15],
    [30, 7],
  ]) {
    for (const [k, time] of taken(source(sourceFps, { seconds: 20 }), asked).entries()) {
      assert.ok(Math.abs(time - k / asked) <= 0.5 / sourceFps + 1e-9, `${sourceFps} ${asked} ${k}`);
    }
  }
});

test("a film that a screen shows by turns for two and for three of its frames keeps its rate", () => {
  const shown = Array.from({ length: 2400 }, (_, k) => Math.ceil((k / 24) * 60 - 1e-6) / 60);
  assert.equal(taken(shown, 24).length, shown.length);
  near(meanRate(taken(shown, 12)), 12, 0.002, "every second one");
});

test("frames that the page misses are not made up for, and cost no more than themselves", () => {
  const random = new Seeded(4);
  const shown = source(30, { jitter: 0.003 }).filter(() => random.next() > 0.05);
  for (const asked of [10, 15, 20, 25])
    near(meanRate(taken(shown, asked)), asked, 0.012, `${asked}`);
  assert.ok(taken(shown, 30).length >= 0.99 * shown.length);
});

test("after a stall one frame is sent, and the next when its slot comes", () => {
  for (const asked of [5, 7.5, 10, 15]) {
    for (const stall of [0.5, 2, 30]) {
      const shown = source(30, { seconds: 10 }).map((time) => (time > 5 ? time + stall : time));
      const sent = taken(shown, asked);
      const after = sent.filter((time) => time > 5.01);
      const [first] = shown.filter((time) => time > 5.01);
      assert.equal(after[0], first, "the first frame after it is sent");
      for (const gap of gaps(after)) {
        assert.ok(gap > 1 / asked - 0.5 / 30 - 1e-9, `${asked} a second, ${stall} s: ${gap}`);
      }
      near(meanRate(after), asked, 0.04, `${asked} a second after ${stall} s`);
    }
  }
});

test("a changed rate holds from the next frame on", () => {
  const shown = source(30, { seconds: 90, jitter: 0.002 });
  const sent = taken(shown, (time) => [10, 25, 4][Math.floor(time / 30)]);
  for (const [from, to, fps] of [
    [0, 30, 10],
    [30, 60, 25],
    [60, 90, 4],
  ]) {
    const within = sent.filter((time) => time >= from && time < to);
    near(within.length, (to - from) * fps, 0.01, `from ${from} s`);
  }
});

test("a much higher rate does not wait for the slot of the lower one", () => {
  const sent = taken(source(30, { seconds: 20 }), (time) => (time < 5.5 ? 0.1 : 15));
  assert.equal(sent[0], 0);
  assert.ok(sent[1] < 5.6, `${sent[1]}`);
});

test("no two frames are sent of one slot, whatever the source and the rates", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const sourceFps = random.between(5, 120);
    const asked = random.between(0.5, 60);
    const slots = new Slots();
    /** @type {number[]} */
    const sent = [];
    let time = 0;
    for (let k = 0; k < 1500; k += 1) {
      time += random.between(0.2, 1.8) / sourceFps;
      if (random.next() < 0.01) time += random.between(0, 3);
      if (slots.take(time, asked)) sent.push(time);
    }
    // one that is late by up to a slot and a half, and one that is early by half a slot, share
    // their window with the frames of the slots between: so many, and never more
    for (let first = 0; first < sent.length; first += 1) {
      for (const many of [3, 4, 8, 30]) {
        const last = first + many;
        if (last >= sent.length) break;
        const span = sent[last] - sent[first];
        assert.ok(span * asked >= many - 2 - 1e-6, `seed ${seed}: ${many + 1} frames in ${span} s`);
      }
    }
  }
});

test("the rate is never above the one asked for by more than a frame", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const sourceFps = random.between(5, 60);
    const asked = random.between(1, 60);
    const shown = source(sourceFps, { seconds: 60, jitter: 0.3 / sourceFps, seed });
    const sent = taken(shown, asked);
    const span = shown[shown.length - 1] - shown[0];
    assert.ok(
      sent.length <= Math.min(span * asked + 2, shown.length),
      `seed ${seed}: ${sent.length}`,
    );
  }
});

test("a clock that once steps back costs no more than a frame or two", () => {
  for (const asked of [10, 15, 30]) {
    for (const step of [0.01, 0.05, 0.5, 1.9]) {
      const shown = source(30, { seconds: 60 });
      shown[50] -= step;
      near(
        taken(shown, asked).length,
        60 * asked,
        2 / (60 * asked) + 1e-9,
        `${asked}, ${step} s back`,
      );
    }
  }
});

test("a single hair's breadth between two frames does not change the rate", () => {
  const shown = source(30, { seconds: 60, jitter: 0.004 });
  shown.splice(100, 0, shown[100] - 1e-4);
  for (const asked of [15, 25, 30]) {
    near(taken(shown, asked).length, 60 * asked, 0.004, `${asked} a second`);
  }
});
