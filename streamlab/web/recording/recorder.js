/**
 * The recording of a run: every frame and its outcome, in the file format of docs/recordings.md.
 *
 * Rows are kept compressed, a block for each second or so, so that an hour fits into some megabytes.
 * The same blocks are what a notebook's kernel is sent.
 */

import { Clock } from "./clock.js";
import { gunzipText, gzip } from "./gzip.js";

const FORMAT = "streamlab-recording";
const VERSION = 1;
/** Frames that are kept, some hours of them; the oldest are discarded. */
export const MAX_FRAMES = 400_000;
const DIGITS = 1e3;

/**
 * @typedef {object} Row a frame; times are milliseconds since the run began
 * @property {number} session
 * @property {number} frame_index
 * @property {number} video_frame
 * @property {number} size_bytes
 * @property {number} scheduled_ms when the source showed it
 * @property {number} sent_ms
 * @property {number} [received_ms] on the server's clock
 * @property {number} [queued_ms]
 * @property {number} [decode_ms]
 * @property {Record<string, number>} [nodes_ms]
 * @property {number} [total_ms]
 * @property {number} [spared_ms] what it would have taken longer with one thread
 * @property {number} [answered_ms]
 * @property {number} [round_trip_ms]
 * @property {"processed" | "dropped" | "rejected" | "failed" | "unanswered"} fate
 * @property {string} [cause]
 * @property {string} [state]
 * @property {Record<string, any>} [result]
 *
 * @typedef {object} Session
 * @property {number} session
 * @property {string | null} session_id
 * @property {number | null} worker
 * @property {string | null} error
 * @property {number | null} close_code
 *
 * @typedef {{session: number, time_ms: number, kind: string, state?: string, fps?: number, detail?: string}} Event
 */

/** Records one run: sessions that follow each other, on one clock. */
export class Recorder {
  /** @type {string[]} */
  #lines = [];
  /** @type {{bytes: Uint8Array<ArrayBuffer>, frames: number}[]} */
  #blocks = [];
  #linesFrames = 0;
  /** @type {Session[]} */
  #sessions = [];
  /** @type {Clock[]} */
  #clocks = [];
  #keptFrames = 0;
  /** @type {Promise<void>} */
  #flushing = Promise.resolve();
  #state = "normal";
  #lastMs = 0;

  /**
   * @param {Record<string, any>} info what was asked for
   * @param {(bytes: Uint8Array<ArrayBuffer>) => void} [onBlock] is handed each block
   * @param {number} [maxFrames]
   */
  constructor(info, onBlock = () => {}, maxFrames = MAX_FRAMES) {
    this.info = info;
    this.frames = 0;
    this.leftOut = 0;
    this.onBlock = onBlock;
    this.maxFrames = maxFrames;
  }

  /** Begin the next session; returns its number. */
  open() {
    const session = this.#sessions.length;
    this.#sessions.push({ session, session_id: null, worker: null, error: null, close_code: null });
    this.#clocks.push(new Clock());
    this.#state = "normal";
    this.#write("session", this.#sessions[session]);
    return session;
  }

  /**
   * The server has named the session; returns whether the name is new.
   *
   * @param {number} session
   * @param {string} id
   * @param {number} worker
   */
  named(session, id, worker) {
    const known = this.#sessions[session];
    if (known.session_id === id && known.worker === worker) return false;
    Object.assign(known, { session_id: id, worker });
    this.#write("session", this.#sessions[session]);
    return true;
  }

  /**
   * A session ended.
   *
   * @param {number} session
   * @param {string | null} error code and detail
   * @param {number} closeCode
   */
  ended(session, error, closeCode) {
    Object.assign(this.#sessions[session], { error, close_code: closeCode });
    this.#write("session", this.#sessions[session]);
    if (error !== null)
      this.event({ session, time_ms: this.#lastMs, kind: "error", detail: error });
  }

  /**
   * Add a frame whose outcome is known.
   *
   * @param {Row} row
   */
  add(row) {
    this.frames += 1;
    this.#linesFrames += 1;
    this.#lastMs = Math.max(this.#lastMs, row.answered_ms ?? row.sent_ms);
    this.#clocks[row.session].see(row);
    if (row.state !== undefined && row.answered_ms !== undefined && row.state !== this.#state) {
      this.#state = row.state;
      const { session, answered_ms, state } = row;
      this.event({ session, time_ms: answered_ms, kind: "state", state });
    }
    this.#write("row", row);
  }

  /** @param {Event} event */
  event(event) {
    this.#write("event", { ...event, time_ms: rounded(event.time_ms) });
  }

  /**
   * @param {string} kind
   * @param {object} value
   */
  #write(kind, value) {
    this.#lines.push(JSON.stringify({ [kind]: value }));
  }

  /** Compress what was recorded since the last time; resolves when that is kept. */
  flush() {
    const lines = this.#lines;
    const frames = this.#linesFrames;
    this.#lines = [];
    this.#linesFrames = 0;
    if (!lines.length) return this.#flushing;
    this.#flushing = this.#flushing.then(async () => {
      const bytes = await gzip(`${lines.join("\n")}\n`);
      this.#blocks.push({ bytes, frames });
      this.#keptFrames += frames;
      while (this.#keptFrames > this.maxFrames && this.#blocks.length > 1) {
        const oldest = this.#blocks.shift()?.frames ?? 0;
        this.#keptFrames -= oldest;
        this.leftOut += oldest;
      }
      try {
        this.onBlock(bytes);
      } catch {
        // a kernel that was restarted takes no block: the rows are kept here
      }
    });
    return this.#flushing;
  }

  /** The file: gzipped JSON Lines, for `Recording.load`. */
  async file() {
    await this.flush();
    const { leftOut } = this;
    /** @type {Row[]} */
    const rows = [];
    const events = [];
    // a copy: blocks may be added, and discarded, while these are read
    for (const { bytes } of [...this.#blocks]) {
      for (const line of (await gunzipText(bytes)).trimEnd().split("\n")) {
        const { row, event } = JSON.parse(line);
        if (row) rows.push(row);
        else if (event) events.push(event);
      }
    }
    rows.sort((a, b) => a.session - b.session || a.frame_index - b.frame_index);
    events.sort((a, b) => a.time_ms - b.time_ms || a.session - b.session);
    const nodes = new Set(rows.flatMap((row) => Object.keys(row.nodes_ms ?? {})));
    /** @type {Record<string, any>} */
    const info = { ...this.info, nodes: [...nodes] };
    if (leftOut) info.left_out_frames = leftOut;
    const lines = [
      JSON.stringify({ format: FORMAT, version: VERSION, info, sessions: this.#described() }),
      ...rows.map((row) => JSON.stringify({ frame: this.#frame(row) })),
      ...events.map((event) => JSON.stringify({ event })),
      JSON.stringify({ end: { frames: rows.length, events: events.length } }),
    ];
    return gzip(`${lines.join("\n")}\n`);
  }

  #described() {
    return this.#sessions.map((session, number) => ({
      ...session,
      clock_error_ms: rounded(this.#clocks[number].error),
    }));
  }

  /**
   * A row in the columns of the file.
   *
   * @param {Row} row
   */
  #frame(row) {
    const { nodes_ms, received_ms, fate, cause, ...rest } = row;
    /** @type {Record<string, any>} */
    const frame = { ...rest, fate };
    if (received_ms !== undefined) {
      frame.received_ms = received_ms + (this.#clocks[row.session].offset ?? 0);
    }
    for (const [node, ms] of Object.entries(nodes_ms ?? {})) frame[`node_${node}_ms`] = ms;
    for (const name of Object.keys(frame)) {
      if (name.endsWith("_ms")) frame[name] = rounded(frame[name]);
    }
    if (fate === "dropped") frame.cause = cause ?? "unknown";
    return /** @type {Row} */ (frame);
  }
}

/**
 * @template {number | null | undefined} T
 * @param {T} value
 * @returns {T} to the microsecond, of milliseconds
 */
function rounded(value) {
  if (value === null || value === undefined) return value;
  return /** @type {T} */ (Math.round(value * DIGITS) / DIGITS);
}
