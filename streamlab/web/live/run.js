/** A run: the frames of one source through sessions that follow each other, and their answers. */

import { Grabber } from "../capture/grabber.js";
import { Problem } from "../protocol/problems.js";
import { waitUntilWarm } from "../protocol/server.js";
import { Stream, streamUrl } from "../protocol/stream.js";
import { Recorder } from "../recording/recorder.js";
import { BitmapStore } from "./bitmap_store.js";
import { FlowControl } from "./flow_control.js";
import { errorOf, fillAnswered, fillRefused } from "./frame_rows.js";
import { describe, scaled } from "./run_info.js";
import { urlSettings } from "./session_settings.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../metrics/metrics.js").Metrics} Metrics
 * @typedef {import("../protocol/server.js").About} About
 * @typedef {import("../protocol/stream.js").Server} Server
 * @typedef {import("../protocol/stream.js").Answer} Answer
 * @typedef {import("../protocol/stream.js").Ending} Ending
 * @typedef {import("../recording/recorder.js").Row} Row
 * @typedef {import("../capture/source.js").Shown} Shown
 * @typedef {import("../capture/source.js").Source} Source
 *
 * @typedef {object} Pending what is kept of a frame until its answer comes
 * @property {ImageBitmap | null} bitmap
 * @property {ArrayBuffer} jpeg
 * @property {number} at when it was captured, milliseconds of `performance.now()`
 * @property {Row} row
 *
 * @typedef {object} Drawn a frame with its own answer
 * @property {ImageBitmap} bitmap closed by whoever takes it
 * @property {ArrayBuffer} jpeg
 * @property {number} at
 * @property {Row} row
 * @property {Record<string, any>} result
 *
 * @typedef {object} Callbacks
 * @property {() => void} loading the server's models are being loaded
 * @property {() => void} streaming frames are sent from now on
 * @property {(id: string) => void} named the session has this id
 * @property {(drawn: Drawn) => void} answered
 * @property {(ending: Ending) => void} ended the session is over
 * @property {(problem: Problem) => void} failed no frame can be sent any more
 */

/** How long a server that owes more answers than it may hold back can be silent. */
const SILENT_MS = 15_000;
/** How long a source can show no frame until that is said. */
const SOURCE_SILENT_MS = 2000;

export class Run {
  /** @type {Stream<Pending> | null} */
  #stream = null;
  #grabber = new Grabber();
  #flow;
  #origin = performance.now();
  #session = -1;
  #isWarm = false;
  #isClosed = false;
  #bitmaps = new BitmapStore();
  #lastAnswerAt = 0;
  #shownAt = performance.now();

  /**
   * @param {Model} model
   * @param {Server} server
   * @param {About} about
   * @param {Source} source
   * @param {Metrics} metrics
   * @param {Callbacks} callbacks
   * @param {(block: Uint8Array<ArrayBuffer>) => void} takeBlock is handed what is recorded
   */
  constructor(model, server, about, source, metrics, callbacks, takeBlock) {
    this.model = model;
    this.server = server;
    this.about = about;
    this.source = source;
    this.metrics = metrics;
    this.callbacks = callbacks;
    this.#flow = new FlowControl(model.get("fps"), model.get("adaptive"));
    this.recorder = new Recorder(describe(model, about, source), takeBlock);
    source.watch((shown) => this.#sendShown(shown));
  }

  /** The pipeline as the server describes it. */
  get pipeline() {
    const id = this.model.get("pipeline_id");
    return this.about.pipelines.find((each) => each.id === id);
  }

  /** Whether a session takes frames. */
  get isOpen() {
    return this.#stream?.isOpen ?? false;
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
    const session = this.recorder.open();
    this.#session = session;
    this.#isWarm = false;
    const settings = urlSettings(model, this.pipeline);
    const url = streamUrl(this.server, { pipeline_id: model.get("pipeline_id"), ...settings });
    this.metrics.stateIs(performance.now(), "normal");
    /** @type {Stream<Pending>} */
    const stream = new Stream(url, {
      opened: () => this.#warmUp(stream),
      answered: (pending, answer) => this.#takeAnswer(pending, answer),
      slowDown: (targetFps) => this.#slowDown(targetFps),
      ended: (ending, first, rest) => this.#takeEnd(session, ending, first, rest),
    });
    this.#stream = stream;
  }

  /** Close the source; the session ends when its frames are answered. */
  drain() {
    this.source.stop();
    this.#stream?.stop();
  }

  /** End at once, and close the source. */
  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream?.close();
    this.source.stop();
    this.#grabber.close();
    this.recorder.flush();
  }

  /** Go by the rate that is set now. */
  repace() {
    const fps = this.model.get("fps");
    this.#flow.setRate(fps, this.model.get("adaptive"));
    this.note({ kind: "rate", fps });
  }

  /**
   * Record an event of the session.
   *
   * @param {{kind: string, fps?: number, detail?: string}} event
   */
  note(event) {
    if (this.#session < 0) return;
    this.recorder.event({ session: this.#session, time_ms: this.now, ...event });
  }

  /** Measure, now and then, how long the way is, and give up a connection that is silently broken. */
  checkConnection() {
    const stream = this.#stream;
    const now = performance.now();
    this.#flow.tripMs = this.metrics.leastTrip(now);
    const isAnswerDue =
      stream?.isOpen && (stream.awaited > this.#serverHolds || this.#isCongested(stream));
    if (!isAnswerDue) this.#lastAnswerAt = now;
    else if (now - this.#lastAnswerAt > SILENT_MS) stream.abandon();
  }

  /** Frames that the server may hold back: those that wait, and the one in flight. */
  get #serverHolds() {
    const set = this.model.get("waiting_frames");
    return Number(set ?? this.about.health.backpressure.waiting_frames) + 1;
  }

  /** @param {Stream<Pending>} stream */
  #isCongested(stream) {
    return this.#flow.isCongested(this.now / 1e3, stream, this.#serverHolds);
  }

  /** @param {number | null} fps the rate from now on, null where it stays */
  #noteRate(fps) {
    if (fps !== null) this.note({ kind: "rate", fps });
  }

  /**
   * Send frames once the server's models are loaded: those sent before would only be dropped.
   *
   * @param {Stream<Pending>} stream
   */
  async #warmUp(stream) {
    const isCurrent = () => stream === this.#stream && stream.isOpen;
    await waitUntilWarm(this.server, isCurrent, this.callbacks.loading);
    if (!isCurrent()) return;
    this.#isWarm = true;
    this.callbacks.streaming();
  }

  /** @param {Shown} shown */
  async #sendShown({ at, videoFrame }) {
    const { source, model } = this;
    const stream = this.#stream;
    this.#shownAt = performance.now();
    if (!stream?.isOpen || !this.#isWarm) return;
    const seconds = (at - this.#origin) / 1e3;
    if (!this.#flow.isDue(seconds)) return;
    const isCongested = this.#isCongested(stream);
    if (this.#grabber.isBusy || isCongested) {
      this.metrics.frameHeld();
      if (isCongested) this.#noteRate(this.#flow.congested(seconds));
      return;
    }
    const session = this.#session;
    try {
      const size = scaled(source, model.get("width"));
      const grabbed = await this.#grabber.grab(source.video, size, model.get("quality") / 100);
      if (stream.isOpen) this.#send(stream, { ...grabbed, at, session, videoFrame });
      else grabbed.bitmap.close();
    } catch (error) {
      // a source that was stopped meanwhile gives no picture, and need not
      if (stream.isOpen) this.callbacks.failed(Problem.of(error));
    }
  }

  /**
   * @param {Stream<Pending>} stream
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
    /** @type {Pending} */
    const pending = { bitmap: this.#bitmaps.keep(bitmap), jpeg, at, row };
    row.frame_index = stream.send(jpeg, pending);
    this.metrics.frameSent(performance.now(), jpeg.byteLength);
  }

  /**
   * @param {Pending} pending
   * @param {Answer} answer
   */
  #takeAnswer(pending, answer) {
    const now = performance.now();
    const { row } = pending;
    const { server } = answer;
    this.#lastAnswerAt = now;
    fillAnswered(row, answer, this.now);
    if (server) {
      if (this.recorder.named(row.session, server.session, server.worker)) {
        this.callbacks.named(server.session);
      }
      this.metrics.stateIs(now, server.state);
    }
    if (answer.dropped) {
      this.metrics.dropped(now, row.cause ?? "unknown");
      this.#flow.dropped(this.now / 1e3);
      this.#bitmaps.take(pending.bitmap)?.close();
    } else {
      this.metrics.processed(now, row.round_trip_ms ?? NaN);
      this.#handOver(pending);
    }
    this.recorder.add(row);
  }

  /** @param {Pending} pending */
  #handOver({ bitmap, jpeg, at, row }) {
    const taken = this.#bitmaps.take(bitmap);
    if (this.#isClosed) taken?.close();
    else if (taken) {
      this.callbacks.answered({ bitmap: taken, jpeg, at, row, result: row.result ?? {} });
    }
  }

  /** @param {number} targetFps */
  #slowDown(targetFps) {
    this.note({ kind: "slow_down", fps: targetFps });
    this.#noteRate(this.#flow.slowDown(this.now / 1e3, targetFps));
  }

  /**
   * @param {number} session
   * @param {Ending} ending
   * @param {Pending | undefined} first the frame that an error answers
   * @param {Pending[]} rest
   */
  #takeEnd(session, ending, first, rest) {
    this.#stream = null;
    if (first) fillRefused(first.row, ending.error, this.now);
    for (const pending of first ? [first, ...rest] : rest) {
      this.#bitmaps.take(pending.bitmap)?.close();
      this.metrics.ended();
      this.recorder.add(pending.row);
    }
    this.recorder.ended(session, errorOf(ending), ending.closeCode);
    this.recorder.flush();
    this.callbacks.ended(ending);
  }
}
