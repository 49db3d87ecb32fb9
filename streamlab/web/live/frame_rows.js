/** A run's frames as rows of its recording, filled as their answers come. Pure. */

/**
 * @typedef {import("../protocol/stream.js").Answer} Answer
 * @typedef {import("../protocol/stream.js").Ending} Ending
 * @typedef {import("../recording/recorder.js").Row} Row
 */

/** Errors that refuse a frame; with others it could not be processed. */
const REJECTING = ["invalid_frame", "frame_too_large", "slow_consumer"];

/**
 * Fill the row of a frame that was answered.
 *
 * @param {Row} row
 * @param {Answer} answer
 * @param {number} now milliseconds since the run began
 */
export function fillAnswered(row, { dropped, result = {}, timing, server }, now) {
  fillTimes(row, now);
  if (server) {
    row.received_ms = server.received;
    row.state = server.state;
    row.spared_ms = server.spared;
  }
  if (dropped) {
    row.fate = "dropped";
    row.cause = server?.cause ?? "unknown";
    return;
  }
  row.fate = "processed";
  row.result = result;
  Object.assign(row, {
    queued_ms: timing?.queued,
    decode_ms: timing?.decode,
    nodes_ms: timing?.nodes,
    total_ms: timing?.total,
  });
}

/**
 * Fill the row of the frame that an error answers.
 *
 * @param {Row} row
 * @param {string | null} error the protocol's code
 * @param {number} now milliseconds since the run began
 */
export function fillRefused(row, error, now) {
  row.fate = REJECTING.includes(error ?? "") ? "rejected" : "failed";
  fillTimes(row, now);
}

/**
 * What a recording has of how a session ended; null where this side ended it.
 *
 * @param {Ending} ending
 */
export function errorOf({ error, detail, asked, closeCode }) {
  if (error) return `${error}: ${detail}`;
  return asked ? null : `connection_lost: the server went away (${closeCode})`;
}

/**
 * @param {Row} row
 * @param {number} now
 */
function fillTimes(row, now) {
  row.answered_ms = now;
  row.round_trip_ms = now - row.scheduled_ms;
}
