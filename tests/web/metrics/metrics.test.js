import assert from "node:assert/strict";
import test from "node:test";

import { CAUSES, Metrics, STATES } from "../../../streamlab/web/metrics/metrics.js";

test("figures are those of what was sent and answered", () => {
  const metrics = new Metrics();
  // 10 s at 20 frames a second of 5000 bytes, of which every fifth is dropped
  for (let k = 0; k < 200; k += 1) {
    const now = 1000 + 50 * k;
    metrics.frameSent(now, 5000);
    if (k % 5 === 4) metrics.dropped(now + 1, "overflow");
    else metrics.processed(now + 30, 20 + (k % 20));
  }
  for (let k = 1; k <= 100; k += 1) metrics.drawn(10_000 + k, k);
  const figures = metrics.figures(11_000);
  assert.deepEqual(figures, {
    // of 20 to 38, without 24, 29, 34 and 39: 16 values, each as often
    p50_ms: 28,
    p95_ms: 38,
    age_p50_ms: 50,
    age_p95_ms: 95,
    sent_fps: 20,
    answered_fps: 16,
    drop_rate: 0.2,
    sent_kbit_s: 800,
  });
});

test("before anything is sent, no figure claims anything", () => {
  const figures = new Metrics().figures(5000);
  const { p50_ms, p95_ms, age_p50_ms, age_p95_ms, sent_fps, answered_fps, drop_rate, sent_kbit_s } =
    figures;
  for (const unknown of [p50_ms, p95_ms, age_p50_ms, age_p95_ms]) assert.ok(Number.isNaN(unknown));
  assert.deepEqual([sent_fps, answered_fps, sent_kbit_s, drop_rate], [0, 0, 0, 0]);
});

test("a run that has just begun is not taken for a fast one", () => {
  const metrics = new Metrics();
  metrics.frameSent(1000, 100);
  metrics.frameSent(1010, 100);
  assert.equal(metrics.figures(1020).sent_fps, 2);
  assert.equal(metrics.figures(3000).sent_fps, 1);
});

test("rates are of the last five seconds, quantiles of the last thirty", () => {
  const metrics = new Metrics();
  for (const now of [1000, 2000, 3000]) {
    metrics.frameSent(now, 1000);
    metrics.processed(now, 500);
    metrics.dropped(now, "closed");
    metrics.drawn(now, 700);
  }
  assert.equal(metrics.figures(6000).sent_fps, 3 / 5);
  const later = metrics.figures(7500);
  assert.deepEqual([later.sent_fps, later.answered_fps, later.drop_rate], [1 / 5, 1 / 5, 1 / 2]);
  const stalled = metrics.figures(20_000);
  assert.deepEqual([stalled.sent_fps, stalled.answered_fps, stalled.drop_rate], [0, 0, 0]);
  assert.deepEqual([stalled.p50_ms, stalled.age_p95_ms], [500, 700]);
  assert.equal(metrics.figures(33_000).p50_ms, 500);
  const past = metrics.figures(33_001);
  assert.ok(Number.isNaN(past.p50_ms) && Number.isNaN(past.age_p50_ms));
});

test("every frame is counted once, by what became of it, for the whole run", () => {
  const metrics = new Metrics();
  for (let k = 0; k < 6; k += 1) metrics.frameSent(k, 10);
  metrics.frameHeld();
  metrics.frameHeld();
  metrics.processed(10, 5);
  metrics.processed(11, 5);
  metrics.dropped(12, "replaced");
  metrics.dropped(13, "something new");
  metrics.dropped(14, "replaced");
  metrics.ended();
  assert.deepEqual(metrics.totals, { sent: 6, processed: 2, dropped: 3, held: 2, other: 1 });
  assert.deepEqual(metrics.causes, { replaced: 2, unknown: 1 });
  const drops = metrics.drops.values(1).map((cause) => CAUSES[cause]);
  assert.deepEqual(drops, ["replaced", "unknown", "replaced"]);
});

test("a state is noted when it changes, and only then", () => {
  const metrics = new Metrics();
  metrics.stateIs(10, "normal");
  metrics.stateIs(20, "warning");
  metrics.stateIs(30, "warning");
  metrics.stateIs(40, "critical");
  metrics.stateIs(50, "normal");
  const { states } = metrics;
  const noted = Array.from({ length: states.length }, (_, k) => [
    states.at(k, 0),
    STATES[states.at(k, 1)],
  ]);
  assert.deepEqual(noted, [
    [20, "warning"],
    [40, "critical"],
    [50, "normal"],
  ]);
  assert.equal(metrics.state, "normal");
});

test("the shortest round trip is that of the last seconds", () => {
  const metrics = new Metrics();
  assert.equal(metrics.leastTrip(0), 0, "of none");
  metrics.processed(1000, 5);
  metrics.processed(20_000, 40);
  metrics.processed(30_000, 30);
  assert.equal(metrics.leastTrip(30_500), 5);
  assert.equal(metrics.leastTrip(45_000), 30);
});
