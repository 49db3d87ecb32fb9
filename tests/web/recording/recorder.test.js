import assert from "node:assert/strict";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import { Clock } from "../../../streamlab/web/recording/clock.js";
import { gunzipText, gzip } from "../../../streamlab/web/recording/gzip.js";
import { MAX_FRAMES, Recorder } from "../../../streamlab/web/recording/recorder.js";
import { INFO, takeDown } from "../make_recording.js";
import { SEEDS, Seeded } from "../seeded.js";

/** @typedef {import("../../../streamlab/web/recording/recorder.js").Row} Row */

/**
 * @param {number} frame_index
 * @param {Partial<Row>} [more]
 * @returns {Row}
 */
function row(frame_index, more = {}) {
  return {
    session: 0,
    frame_index,
    video_frame: frame_index,
    size_bytes: 9,
    scheduled_ms: 10 * frame_index,
    sent_ms: 10 * frame_index + 1,
    fate: "unanswered",
    ...more,
  };
}

/**
 * The objects of a file or a block, one a line.
 *
 * @param {Uint8Array} bytes
 * @returns {any[]}
 */
function objects(bytes) {
  const text = gunzipSync(bytes).toString("utf8");
  assert.ok(text.endsWith("\n"));
  return text
    .slice(0, -1)
    .split("\n")
    .map((/** @type {string} */ line) => JSON.parse(line));
}

/**
 * The parts of a recorder's file.
 *
 * @param {Recorder} recorder
 */
async function read(recorder) {
  const [header, ...lines] = objects(await recorder.file());
  const { end } = lines.pop();
  const frames = lines.filter((line) => line.frame).map((line) => line.frame);
  const events = lines.filter((line) => line.event).map((line) => line.event);
  assert.deepEqual(lines, [
    ...frames.map((frame) => ({ frame })),
    ...events.map((event) => ({ event })),
  ]);
  return { header, frames, events, end };
}

test("what is packed is gzip, and is unpacked to the same text", async () => {
  for (const text of ["", "a", "Straße 世界 🙂\n", "x".repeat(300_000)]) {
    const packed = await gzip(text);
    assert.equal(gunzipSync(packed).toString("utf8"), text);
    assert.equal(await gunzipText(packed), text);
  }
});

test("a file is a header, the frames in order, the events in order, and how many there were", async () => {
  const recorder = new Recorder(INFO);
  await takeDown(recorder);
  const { header, frames, events, end } = await read(recorder);
  assert.deepEqual([header.format, header.version], ["streamlab-recording", 1]);
  assert.deepEqual(header.info, { ...INFO, nodes: ["detect", "read", "track"] });
  assert.deepEqual(
    frames.map(({ session, frame_index, fate }) => [session, frame_index, fate]),
    [
      [0, 0, "processed"],
      [0, 1, "processed"],
      [0, 2, "dropped"],
      [0, 3, "dropped"],
      [0, 4, "unanswered"],
      [1, 0, "processed"],
      [1, 1, "processed"],
      [1, 2, "rejected"],
      [1, 3, "unanswered"],
      [2, 0, "dropped"],
    ],
  );
  assert.deepEqual(events, [
    { session: 0, time_ms: 140, kind: "state", state: "critical" },
    { session: 0, time_ms: 141, kind: "slow_down", fps: 9.5 },
    { session: 0, time_ms: 141.25, kind: "rate", fps: 9.5 },
    { session: 0, time_ms: 150, kind: "setting", detail: "drop_threshold=0.2, window_s=2" },
    { session: 0, time_ms: 209.125, kind: "state", state: "warning" },
    {
      session: 0,
      time_ms: 266.75,
      kind: "error",
      detail: "connection_lost: the server went away (1006)",
    },
    { session: 1, time_ms: 5086.125, kind: "state", state: "warning" },
    { session: 1, time_ms: 5200, kind: "error", detail: "invalid_frame: no JPEG" },
  ]);
  assert.deepEqual(end, { frames: frames.length, events: events.length });
});

test("a frame has a column for each node, and times to the microsecond", async () => {
  const recorder = new Recorder({});
  recorder.open();
  const nodes_ms = { detect: 9.000_44, read_text: 1.5 };
  recorder.add(
    row(0, {
      fate: "processed",
      nodes_ms,
      decode_ms: 0.123_456,
      answered_ms: 30,
      result: { text: "世" },
    }),
  );
  const { frames, header } = await read(recorder);
  assert.deepEqual(frames, [
    {
      session: 0,
      frame_index: 0,
      video_frame: 0,
      size_bytes: 9,
      scheduled_ms: 0,
      sent_ms: 1,
      decode_ms: 0.123,
      node_detect_ms: 9,
      node_read_text_ms: 1.5,
      answered_ms: 30,
      fate: "processed",
      result: { text: "世" },
    },
  ]);
  assert.deepEqual(header.info.nodes, ["detect", "read_text"]);
});

test("a drop has a cause, unknown where nobody said it; no other fate has one", async () => {
  const recorder = new Recorder({});
  recorder.open();
  recorder.add(row(0, { fate: "dropped" }));
  recorder.add(row(1, { fate: "dropped", cause: "replaced" }));
  recorder.add(row(2, { fate: "failed" }));
  const { frames } = await read(recorder);
  assert.deepEqual(
    frames.map(({ cause }) => cause),
    ["unknown", "replaced", undefined],
  );
});

test("sessions say who they were and how they ended, and how well their clock is known", async () => {
  const recorder = new Recorder(INFO);
  await takeDown(recorder);
  const { header } = await read(recorder);
  const lost = "connection_lost: the server went away (1006)";
  assert.deepEqual(
    header.sessions.map((/** @type {any} */ { clock_error_ms: _, ...session }) => session),
    [
      { session: 0, session_id: "17", worker: 1, error: lost, close_code: 1006 },
      { session: 1, session_id: "2", worker: 0, error: "invalid_frame: no JPEG", close_code: 1007 },
      { session: 2, session_id: null, worker: null, error: null, close_code: 1000 },
    ],
  );
  assert.deepEqual(
    header.sessions.map((/** @type {any} */ { clock_error_ms }) => clock_error_ms),
    // half of 13 - 6.6, of 5003.4996 - 4998 and of 6014.5 - 5999
    [3.2, 2.75, 7.75],
  );
});

test("receipt is placed on the page's clock, each session's server having its own", async () => {
  const recorder = new Recorder({});
  recorder.open();
  recorder.open();
  recorder.add(row(0, { sent_ms: 100, received_ms: 3, total_ms: 20, answered_ms: 126 }));
  recorder.add(
    row(0, { session: 1, sent_ms: 100, received_ms: 50, total_ms: 20, answered_ms: 124 }),
  );
  // rows that tell less of the clock come before and behind those that tell more
  recorder.add(row(1, { sent_ms: 200, received_ms: 102, total_ms: 20, answered_ms: 224 }));
  const { frames } = await read(recorder);
  // 0: from 98 on by 200 - 102, up to 102 by 224 - 20 - 102 and 103 by 126 - 20 - 3
  assert.deepEqual(
    frames.map(({ received_ms }) => received_ms),
    [3 + 100, 102 + 100, 102],
  );
});

test("a server's clock is placed between what every frame allows", () => {
  const clock = new Clock();
  assert.deepEqual([clock.offset, clock.error], [null, null]);
  clock.see(row(0, { sent_ms: 10 }));
  clock.see(row(0, { sent_ms: 10, received_ms: 4 }));
  clock.see(row(0, { sent_ms: 10, answered_ms: 20 }));
  assert.deepEqual([clock.offset, clock.error], [null, null]);
  clock.see(row(0, { sent_ms: 10, received_ms: 4, answered_ms: 30 }));
  assert.deepEqual([clock.offset, clock.error], [16, 10]);
  clock.see(row(1, { sent_ms: 20, received_ms: 6, total_ms: 1, answered_ms: 28 }));
  assert.deepEqual([clock.offset, clock.error], [17.5, 3.5]);
});

test("a server's clock is found within its error, whatever the ways there and back", () => {
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const offset = random.between(-5000, 5000);
    const clock = new Clock();
    for (let frame = 0; frame < 30; frame += 1) {
      const sent_ms = 50 * frame;
      const arrived = sent_ms + random.between(0, 20);
      const total_ms = random.between(1, 30);
      const answered_ms = arrived + total_ms + random.between(0, 20);
      clock.see(row(frame, { sent_ms, received_ms: arrived - offset, total_ms, answered_ms }));
      const off = Math.abs(Number(clock.offset) - offset);
      assert.ok(off <= Number(clock.error) + 1e-6, `seed ${seed}: off by ${off} of ${clock.error}`);
    }
  }
});

test("an event tells each change of the state, and each session begins in the normal one", async () => {
  const recorder = new Recorder({});
  const add = (
    /** @type {number} */ k,
    /** @type {number} */ session,
    /** @type {string} */ state,
  ) => {
    recorder.add(
      row(k, { session, state, answered_ms: 100 * session + 10 * k, fate: "processed" }),
    );
  };
  recorder.open();
  ["normal", "warning", "warning", "critical", "normal", "critical"].forEach((state, k) => {
    add(k, 0, state);
  });
  recorder.open();
  ["normal", "critical"].forEach((state, k) => {
    add(k, 1, state);
  });
  const { events } = await read(recorder);
  assert.deepEqual(
    events.map(({ session, time_ms, state }) => [session, time_ms, state]),
    [
      [0, 10, "warning"],
      [0, 30, "critical"],
      [0, 40, "normal"],
      [0, 50, "critical"],
      [1, 110, "critical"],
    ],
  );
});

test("a session that ends as it should leaves no error", async () => {
  const recorder = new Recorder({});
  recorder.open();
  recorder.ended(0, null, 1000);
  const { events, header } = await read(recorder);
  assert.deepEqual(events, []);
  assert.equal(header.sessions[0].clock_error_ms, null);
});

test("an error came when the last was heard or sent, and stands in the order of time", async () => {
  const recorder = new Recorder({});
  recorder.open();
  recorder.add(row(0, { answered_ms: 50 }));
  recorder.event({ session: 0, time_ms: 60, kind: "slow_down", fps: 3 });
  recorder.add(row(1));
  recorder.ended(0, "internal_error: no", 1011);
  const { events } = await read(recorder);
  assert.deepEqual(
    events.map(({ kind, time_ms }) => [kind, time_ms]),
    [
      ["error", 50],
      ["slow_down", 60],
    ],
  );
});

test("blocks are gzipped JSON lines, and all of them together are what was recorded", async () => {
  /** @type {Uint8Array[]} */
  const blocks = [];
  const recorder = new Recorder({}, (block) => blocks.push(block));
  recorder.open();
  recorder.named(0, "5", 2);
  recorder.add(row(0, { state: "warning", answered_ms: 20, received_ms: 7.123_456 }));
  await recorder.flush();
  assert.equal(blocks.length, 1);
  await recorder.flush();
  assert.equal(blocks.length, 1, "there is no empty one");
  recorder.event({ session: 0, time_ms: 21.000_04, kind: "rate", fps: 3 });
  recorder.ended(0, "internal_error: no", 1011);
  await recorder.flush();
  const session = { session: 0, session_id: null, worker: null, error: null, close_code: null };
  const named = { ...session, session_id: "5", worker: 2 };
  assert.deepEqual(blocks.map(objects), [
    [
      { session },
      { session: named },
      { event: { session: 0, time_ms: 20, kind: "state", state: "warning" } },
      { row: row(0, { state: "warning", answered_ms: 20, received_ms: 7.123_456 }) },
    ],
    [
      { event: { session: 0, time_ms: 21, kind: "rate", fps: 3 } },
      { session: { ...named, error: "internal_error: no", close_code: 1011 } },
      { event: { session: 0, time_ms: 20, kind: "error", detail: "internal_error: no" } },
    ],
  ]);
});

test("blocks are handed over in order, though nobody waits for one before the next", async () => {
  /** @type {number[]} */
  const blocks = [];
  const recorder = new Recorder({}, (block) => {
    blocks.push(
      ...objects(block)
        .filter((line) => line.row)
        .map((line) => line.row.frame_index),
    );
  });
  recorder.open();
  for (let k = 0; k < 30; k += 1) {
    // large ones take longer to pack
    recorder.add(row(k, { result: { text: "x".repeat(k % 3 ? 1 : 200_000) } }));
    recorder.flush();
  }
  await recorder.flush();
  assert.deepEqual(
    blocks,
    Array.from({ length: 30 }, (_, k) => k),
  );
});

test("a file can be had again and again while the run goes on", async () => {
  const recorder = new Recorder({});
  recorder.open();
  assert.deepEqual((await read(recorder)).end, { frames: 0, events: 0 });
  recorder.add(row(0));
  assert.deepEqual((await read(recorder)).end, { frames: 1, events: 0 });
  recorder.add(row(1));
  const [one, other] = await Promise.all([read(recorder), read(recorder)]);
  assert.deepEqual(one, other);
  assert.equal(one.frames.length, 2);
});

test("a kernel that has gone does not cost the page its recording", async () => {
  let calls = 0;
  const recorder = new Recorder({}, () => {
    calls += 1;
    throw new Error("the comm is closed");
  });
  recorder.open();
  for (let k = 0; k < 3; k += 1) {
    recorder.add(row(k));
    await recorder.flush();
  }
  assert.equal(calls, 3);
  assert.equal((await read(recorder)).frames.length, 3);
});

test("the oldest frames are discarded, and how many is recorded", async () => {
  const recorder = new Recorder({}, undefined, 10);
  recorder.open();
  for (let k = 0; k < 25; k += 1) {
    recorder.add(row(k, { nodes_ms: { [k ? "late" : "early"]: 1 } }));
    if (k % 4 === 3) recorder.flush();
  }
  const { header, frames, end } = await read(recorder);
  assert.equal(header.info.left_out_frames, 16);
  assert.deepEqual(
    frames.map(({ frame_index }) => frame_index),
    [16, 17, 18, 19, 20, 21, 22, 23, 24],
  );
  assert.equal(end.frames, 9);
  assert.deepEqual([recorder.frames, recorder.leftOut], [25, 16]);
  assert.deepEqual(header.info.nodes, ["late"], "a node of frames that are gone is none");
});

test("as many frames as are allowed are all kept, and one block is, however large", async () => {
  const recorder = new Recorder({}, undefined, 4);
  recorder.open();
  for (let k = 0; k < 4; k += 1) {
    recorder.add(row(k));
    await recorder.flush();
  }
  const { header, frames } = await read(recorder);
  assert.equal(frames.length, 4);
  assert.ok(!("left_out_frames" in header.info));
  for (let k = 4; k < 14; k += 1) recorder.add(row(k));
  const large = await read(recorder);
  assert.equal(large.frames.length, 10);
  assert.equal(large.header.info.left_out_frames, 4);
});

test("frames that are not packed yet push none out", async () => {
  const recorder = new Recorder({}, undefined, 4);
  recorder.open();
  recorder.add(row(0));
  recorder.flush();
  recorder.add(row(1));
  const packed = recorder.flush();
  for (let k = 2; k < 6; k += 1) recorder.add(row(k));
  await packed;
  assert.equal(recorder.leftOut, 0);
  await recorder.flush();
  assert.equal(recorder.leftOut, 2);
});

test("hours of frames are kept unless less is asked for", () => {
  assert.equal(new Recorder({}).maxFrames, MAX_FRAMES);
  assert.ok(MAX_FRAMES >= 3600 * 60);
});
