/** A run: frames of one source through sessions that follow each other, and what became of each. */

import { Encoder } from "./encoder.js";
import { HOLD_S, makePace, Slots } from "./pace.js";
import { Recorder } from "./recording.js";
import { describe, scaled } from "./run_info.js";
import { ask } from "./server.js";
import { urlSettings } from "./session_settings.js";
import { Stream, streamUrl } from "./stream.js";
import { Problem } from "./words.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./metrics.js").Metrics} Metrics
 * @typedef {import("./server.js").About} About
 * @typedef {import("./stream.js").Server} Server
 * @typedef {import("./stream.js").Answer} Answer
 * @typedef {import("./stream.js").Ending} Ending
 * @typedef {import("./recording.js").Row} Row
 * @typedef {import("./capture.js").Shown} Shown
 * @typedef {import("./capture.js").Source} Source
 *
 * @typedef {object} Kept what is kept of a frame until its answer comes
 * @property {ImageBitmap | null} bitmap
 * @property {ArrayBuffer} jpeg
 * @property {number} at when it was captured, milliseconds of `performance.now()`
 * @property {Row} row
 *
 * @typedef {object} Drawn a frame with its own answer
 * @property {ImageBitmap} bitmap whoever is handed it closes it
 * @property {ArrayBuffer} jpeg
 * @property {number} at
 * @property {Row} row
 * @property {Record<string, any>} result
 *
 * @typedef {object} Told what whoever began a run is told of it
 * @property {() => void} loading the server's models are being loaded
 * @property {() => void} streaming frames go out from now on
 * @property {(id: string) => void} named the session has this id
 * @property {(drawn: Drawn) => void} answered
 * @property {(ending: Ending) => void} ended the session is over
 * @property {(problem: Problem) => void} failed the page can go on no longer
 */

const WARM_POLL_MS = 200;
const WARM_ANSWER_MS = 2000;
/** Questions without an answer after which frames are sent all the same. */
const WARM_FAILURES = 3;
/** Bytes that may wait for the network before frames are held back. */
const MAX_UNSENT = 256 * 1024;
/** The round trip, at most, for which frames are kept under way. */
const MAX_TRIP_MS = 1000;
/** Frames that may be encoded at once. */
const MAX_ENCODING = 2;
/** Pictures that are kept for answers; behind a slow network the newest are sent without. */
const MAX_KEPT = 90;
/** How long a server that owes more answers than it may hold back can be silent. */
const SILENT_MS = 15_000;
/** How long a source can show no frame until that is said. */
const SOURCE_SILENT_MS = 2000;
/** Errors that say of a frame that it was not taken; others, that it could not be processed. */
const REJECTING = ["invalid_frame", "frame_too_large", "slow_consumer"];

export class Run {
  /** @type {Stream<Kept> | null} */
  #stream = null;
  #encoder = new Encoder();
  #slots = new Slots();
  #pace;
  #origin = performance.now();
  #session = -1;
  #isWarm = false;
  #isGrabbing = false;
  #isClosed = false;
  #keptBitmaps = 0;
  #heardAt = 0;
  #yieldedAt = -Infinity;
  #shownAt = performance.now();
  /** The way there and back, without any waiting. */
  #tripMs = 0;

  /**
   * @param {Model} model
   * @param {Server} server
   * @param {About} about
   * @param {Source} source
   * @param {Metrics} metrics
   * @param {Told} told
   * @param {(block: Uint8Array<ArrayBuffer>) => void} keptBlock is handed what is recorded
   */
  constructor(model, server, about, source, metrics, told, keptBlock) {
    this.model = model;
    this.server = server;
    this.about = about;
    this.source = source;
    this.metrics = metrics;
    this.told = told;
    this.#pace = makePace(model.get("fps"), model.get("adaptive"));
    this.recorder = new Recorder(describe(model, about, source), keptBlock);
    source.watch((shown) => this.#frame(shown));
  }

  /** The pipeline as the server describes it. */
  get pipeline() {
    const id = this.model.get("pipeline_id");
    return this.about.pipelines.find((each) => each.id === id);
  }

  /** Whether a session takes frames. */
  get isOpen() {
    return this.#stream !== null && this.#stream.isOpen;
  }

  /** Whether the source has shown no frame for a while. */
  get isSourceSilent() {
    return performance.now() - this.#shownAt > SOURCE_SILENT_MS;
  }

  /** Milliseconds since it began. */
  get now() {
    return performance.now() - this.#origin;
  }

  /** Open a session. */
  connect() {
    const { model } = this;
    this.#isWarm = false;
    const settings = urlSettings(model, this.pipeline);
    const url = streamUrl(this.server, { pipeline_id: model.get("pipeline_id"), ...settings });
    const session = (this.#session = this.recorder.open());
    this.metrics.stateIs(performance.now(), "normal");
    /** @type {Stream<Kept>} */
    const stream = new Stream(url, {
      opened: () => this.#warmUp(stream),
      answered: (kept, answer) => this.#answered(kept, answer),
      slowDown: (targetFps) => this.#slowDown(targetFps),
      ended: (ending, first, rest) => this.#ended(session, ending, first, rest),
    });
    this.#stream = stream;
  }

  /** Let go of the source; the session ends when its frames are answered. False if there is none. */
  stop() {
    this.source.stop();
    if (!this.#stream) return false;
    this.#stream.stop();
    return true;
  }

  /** End at once, and let go of the source. */
  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream?.close();
    this.source.stop();
    this.#encoder.close();
    this.recorder.flush();
  }

  /** Go by the rate that is set now. */
  repace() {
    const fps = this.model.get("fps");
    this.#pace = makePace(fps, this.model.get("adaptive"));
    this.note({ kind: "rate", fps });
  }

  /**
   * Take down something that happened to the session.
   *
   * @param {{kind: string, fps?: number, detail?: string}} event
   */
  note(event) {
    if (this.#session < 0) return;
    this.recorder.event({ session: this.#session, time_ms: this.now, ...event });
  }

  /** Find out, now and then, how long the way is, and whether it broke without a word. */
  checkConnection() {
    const stream = this.#stream;
    const now = performance.now();
    this.#tripMs = Math.min(this.metrics.leastTrip(now), MAX_TRIP_MS);
    const isOwing = stream?.isOpen && (stream.awaited > this.#line || this.#isCongested(stream));
    if (!isOwing) this.#heardAt = now;
    else if (now - this.#heardAt > SILENT_MS) stream.abandon();
  }

  /** Frames that the server may hold back: those that wait, and the one in flight. */
  get #line() {
    const set = this.model.get("waiting_frames");
    return Number(set ?? this.about.health.backpressure.waiting_frames) + 1;
  }

  /**
   * Whether more is under way than the server holds back and the way there and back explains: what is
   * sent then would only wait in the network.
   *
   * @param {Stream<Kept>} stream
   */
  #isCongested(stream) {
    if (stream.unsentBytes > MAX_UNSENT) return true;
    const underWay = Math.ceil((this.#pace.rate(this.now / 1e3) * this.#tripMs) / 1e3);
    return stream.awaited > this.#line + underWay;
  }

  /**
   * A network that is too slow says nothing: an adaptive page finds out, and slows down.
   *
   * @param {number} seconds since the run began
   */
  #yield(seconds) {
    if (seconds < this.#yieldedAt + HOLD_S) return;
    this.#yieldedAt = seconds;
    const fps = this.#pace.slowDown(seconds, this.#pace.rate(seconds));
    if (fps !== null) this.note({ kind: "rate", fps });
  }

  /**
   * Wait until the server's models are loaded: what is sent before would only be dropped.
   *
   * @param {Stream<Kept>} stream
   */
  async #warmUp(stream) {
    let failures = 0;
    while (stream === this.#stream && stream.isOpen) {
      try {
        const signal = AbortSignal.timeout(WARM_ANSWER_MS);
        if ((await ask(this.server, "streamlab/health", { signal })).warm) break;
        this.told.loading();
      } catch {
        // the socket is open, so that the server is there, whatever became of the question
        failures += 1;
        if (failures > WARM_FAILURES) break;
      }
      await new Promise((resolve) => setTimeout(resolve, WARM_POLL_MS));
    }
    if (stream !== this.#stream || !stream.isOpen) return;
    this.#isWarm = true;
    this.told.streaming();
  }

  /** @param {Shown} shown */
  async #frame({ at, videoFrame }) {
    const { source } = this;
    const stream = this.#stream;
    this.#shownAt = performance.now();
    if (!stream?.isOpen || !this.#isWarm) return;
    const seconds = (at - this.#origin) / 1e3;
    if (!this.#slots.take(seconds, this.#pace.rate(seconds))) return;
    const isBusy = this.#isGrabbing || this.#encoder.busy >= MAX_ENCODING;
    const isCongested = this.#isCongested(stream);
    if (isBusy || isCongested) {
      this.metrics.frameHeld();
      if (isCongested) this.#yield(seconds);
      return;
    }
    const session = this.#session;
    try {
      this.#isGrabbing = true;
      const { width, height } = scaled(source, this.model.get("width"));
      const grabbing = createImageBitmap(source.video, {
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: "medium",
      });
      const whole = await grabbing.finally(() => (this.#isGrabbing = false));
      const { bitmap, jpeg } = await this.#encoder.encode(whole, this.model.get("quality") / 100);
      if (stream.isOpen) this.#send(stream, { bitmap, jpeg, at, session, videoFrame });
      else bitmap.close();
    } catch (error) {
      // a source that was stopped meanwhile gives no picture, and need not
      if (stream.isOpen) this.told.failed(Problem.of(error));
    }
  }

  /**
   * @param {Stream<Kept>} stream
   * @param {{bitmap: ImageBitmap, jpeg: ArrayBuffer, at: number, session: number, videoFrame: number}} frame
   */
  #send(stream, { bitmap, jpeg, at, session, videoFrame }) {
    /** @type {Row} */
    const row = {
      session,
      frame_index: 0,
      video_frame: videoFrame,
      size_bytes: jpeg.byteLength,
      scheduled_ms: at - this.#origin,
      sent_ms: this.now,
      fate: "unanswered",
    };
    /** @type {Kept} */
    const kept = { bitmap, jpeg, at, row };
    if (this.#keptBitmaps < MAX_KEPT) {
      this.#keptBitmaps += 1;
    } else {
      bitmap.close();
      kept.bitmap = null;
    }
    row.frame_index = stream.send(jpeg, kept);
    this.metrics.frameSent(performance.now(), jpeg.byteLength);
  }

  /**
   * @param {Kept} kept
   * @param {Answer} answer
   */
  #answered(kept, { dropped, result = {}, timing, server }) {
    const now = performance.now();
    const { row } = kept;
    this.#heardAt = now;
    answeredNow(row, this.now);
    if (server) {
      row.received_ms = server.received;
      row.state = server.state;
      row.spared_ms = server.spared;
      if (this.recorder.named(row.session, server.session, server.worker)) {
        this.told.named(server.session);
      }
      this.metrics.stateIs(now, server.state);
    }
    if (dropped) {
      row.fate = "dropped";
      row.cause = server?.cause ?? "unknown";
      this.metrics.dropped(now, row.cause);
      this.#pace.dropped(this.now / 1e3);
      this.#forget(kept);
    } else {
      row.fate = "processed";
      row.result = result;
      Object.assign(row, {
        queued_ms: timing?.queued,
        decode_ms: timing?.decode,
        nodes_ms: timing?.nodes,
        total_ms: timing?.total,
      });
      this.metrics.processed(now, row.round_trip_ms ?? NaN);
      this.#handOver(kept, result);
    }
    this.recorder.add(row);
  }

  /**
   * @param {Kept} kept
   * @param {Record<string, any>} result
   */
  #handOver({ bitmap, jpeg, at, row }, result) {
    if (!bitmap) return;
    this.#keptBitmaps -= 1;
    if (this.#isClosed) bitmap.close();
    else this.told.answered({ bitmap, jpeg, at, row, result });
  }

  /** @param {Kept} kept */
  #forget(kept) {
    if (!kept.bitmap) return;
    this.#keptBitmaps -= 1;
    kept.bitmap.close();
    kept.bitmap = null;
  }

  /** @param {number} targetFps */
  #slowDown(targetFps) {
    this.note({ kind: "slow_down", fps: targetFps });
    const fps = this.#pace.slowDown(this.now / 1e3, targetFps);
    if (fps !== null) this.note({ kind: "rate", fps });
  }

  /**
   * @param {number} session
   * @param {Ending} ending
   * @param {Kept | undefined} first
   * @param {Kept[]} rest
   */
  #ended(session, ending, first, rest) {
    this.#stream = null;
    if (first) {
      first.row.fate = REJECTING.includes(ending.error ?? "") ? "rejected" : "failed";
      answeredNow(first.row, this.now);
    }
    for (const kept of first ? [first, ...rest] : rest) {
      this.#forget(kept);
      this.metrics.ended();
      this.recorder.add(kept.row);
    }
    let error = ending.error && `${ending.error}: ${ending.detail}`;
    if (!error && !ending.asked) {
      error = `connection_lost: the server went away (${ending.closeCode})`;
    }
    this.recorder.ended(session, error || null, ending.closeCode);
    this.recorder.flush();
    this.told.ended(ending);
  }
}

/**
 * @param {Row} row
 * @param {number} now
 */
function answeredNow(row, now) {
  row.answered_ms = now;
  row.round_trip_ms = now - row.scheduled_ms;
}
