/**
 * Takes down a run of fixed rows as a page does, for tests/lab/test_live_run.py: writes the file that
 * a user saves and the blocks that a notebook is sent.
 *
 * node make_recording.js FOLDER
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Recorder } from "../../streamlab/web/recording/recorder.js";

/** @typedef {import("../../streamlab/web/recording/recorder.js").Row} Row */

export const INFO = {
  source: "live",
  client: "browser",
  video: "Straße 世界.mp4",
  video_fps: 29.97,
  video_width: 1280,
  video_frames: null,
  pipeline_id: "yolo_ocr",
  policy: "realtime",
  adaptive: true,
  fps: 15,
  width: 640,
  drop_threshold: 0.1,
  deferring: ["read"],
};

/**
 * @param {number} session
 * @param {number} frame_index
 * @param {number} sent_ms
 * @param {Partial<Row>} [more]
 * @returns {Row}
 */
function sent(session, frame_index, sent_ms, more = {}) {
  return {
    session,
    frame_index,
    video_frame: 2 * frame_index,
    size_bytes: 41_000 + frame_index,
    scheduled_ms: sent_ms - 8.1234,
    sent_ms,
    fate: "unanswered",
    ...more,
  };
}

/**
 * @param {Row} row
 * @param {number} answered_ms
 * @param {number} received_ms
 * @param {Partial<Row>} more
 * @returns {Row}
 */
function answered(row, answered_ms, received_ms, more) {
  const round_trip_ms = answered_ms - row.scheduled_ms;
  return { ...row, received_ms, answered_ms, round_trip_ms, state: "normal", ...more };
}

/** @type {Partial<Row>} */
const DONE = { fate: "processed", queued_ms: 0.4321, decode_ms: 1.5, total_ms: 14.000_4 };
const PLATE = { x: 1.5, y: 2, width: 30, height: 9, label: "plate", text: 'Ä 7\n"', score: 0.875 };

/**
 * A lost server between two sessions, answers out of order, drops, and an error at the end.
 *
 * @param {Recorder} recorder
 */
export async function takeDown(recorder) {
  const first = recorder.open();
  const result = { detections: [PLATE] };
  recorder.named(first, "17", 1);
  // the second frame's answer overtakes the first one's, and its nodes come in another order
  recorder.add(
    answered(sent(first, 1, 66.7), 90.25, 60.1, {
      ...DONE,
      nodes_ms: { read: 3.25, detect: 9 },
      result,
    }),
  );
  await recorder.flush();
  recorder.add(
    answered(sent(first, 0, 0.123_45), 95.5, -5.75, {
      ...DONE,
      nodes_ms: { detect: 10.001 },
      result: {},
    }),
  );
  recorder.add(
    answered(sent(first, 2, 133.4), 140, 127, {
      fate: "dropped",
      cause: "overflow",
      state: "critical",
    }),
  );
  recorder.event({ session: first, time_ms: 141.000_04, kind: "slow_down", fps: 9.5 });
  recorder.event({ session: first, time_ms: 141.25, kind: "rate", fps: 9.5 });
  recorder.flush();
  recorder.event({
    session: first,
    time_ms: 150,
    kind: "setting",
    detail: "drop_threshold=0.2, window_s=2",
  });
  recorder.add(
    answered(sent(first, 3, 200.25), 209.125, 194, { fate: "dropped", state: "warning" }),
  );
  recorder.add(sent(first, 4, 266.75));
  recorder.ended(first, "connection_lost: the server went away (1006)", 1006);
  recorder.flush();

  const second = recorder.open();
  recorder.named(second, "2", 0);
  const node = {
    ...DONE,
    nodes_ms: { detect: 8.5, track: 0.25 },
    result: { detections: [], text: "世界" },
  };
  recorder.add(answered(sent(second, 0, 5000.5), 5020, 2.5, node));
  recorder.add(answered(sent(second, 1, 5066), 5086.125, 68.25, { ...node, state: "warning" }));
  recorder.add({
    ...sent(second, 2, 5133),
    fate: "rejected",
    answered_ms: 5140,
    round_trip_ms: 15.1234,
  });
  recorder.add(sent(second, 3, 5200));
  recorder.ended(second, "invalid_frame: no JPEG", 1007);

  const third = recorder.open();
  recorder.add(answered(sent(third, 0, 6000), 6015.5, 1, { fate: "dropped", cause: "closed" }));
  recorder.ended(third, null, 1000);
}

/** @param {string} folder */
async function main(folder) {
  mkdirSync(folder, { recursive: true });
  let blocks = 0;
  const recorder = new Recorder(INFO, (block) => {
    writeFileSync(join(folder, `block-${String(blocks).padStart(3, "0")}.gz`), block);
    blocks += 1;
  });
  await takeDown(recorder);
  writeFileSync(join(folder, "recording.jsonl.gz"), await recorder.file());
  writeFileSync(join(folder, "info.json"), JSON.stringify(INFO));
}

if (process.argv[1]?.endsWith("make_recording.js")) await main(process.argv[2]);
