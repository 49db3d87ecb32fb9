/**
 * A run: a source, the server's sessions, what they answer and what that amounts to. No view is
 * needed for it; any number may look on.
 */

import { CAMERA, FILE, openSource } from "./capture.js";
import { Encoder } from "./encoder.js";
import { Metrics } from "./metrics.js";
import { makePace, Slots } from "./pace.js";
import { Recorder } from "./recording.js";
import { about, ask, retune } from "./server.js";
import { backoff, Stream, streamUrl } from "./stream.js";
import { Problem } from "./words.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./server.js").About} About
 * @typedef {import("./stream.js").Server} Server
 * @typedef {import("./stream.js").Answer} Answer
 * @typedef {import("./stream.js").Ending} Ending
 * @typedef {import("./recording.js").Row} Row
 * @typedef {import("./capture.js").Shown} Shown
 *
 * @typedef {object} Kept what is kept of a frame until its answer comes
 * @property {ImageBitmap | null} bitmap
 * @property {ArrayBuffer} jpeg
 * @property {number} at when it was captured, milliseconds of `performance.now()`
 * @property {Row} row
 *
 * @typedef {object} Drawn the frame that is on show, with its own answer
 * @property {ImageBitmap} bitmap
 * @property {ArrayBuffer} jpeg
 * @property {number} at
 * @property {Row} row
 * @property {Record<string, any>} result
 */

export const TUNABLE = ["drop_threshold", "slowdown_threshold", "waiting_frames", "window_s"];
const TICK_MS = 250;
const SHARE_MS = 1000;
const WARM_POLL_MS = 200;
const RETUNE_MS = 120;
/** How long a run goes on when the last view of it has gone. */
const LEFT_MS = 2000;
/** How long a server that owes more answers than it may hold back can be silent. */
const SILENT_MS = 15_000;
/** Bytes that may wait for the network before frames are held back. */
const MAX_UNSENT = 256 * 1024;
/** Frames that may be encoded at once. */
const MAX_ENCODING = 2;
/** Pictures that are kept for answers; behind a slow network the oldest give way. */
const MAX_KEPT = 90;

export class Live extends EventTarget {
  /** @type {About | null} */
  about = null;
  /** @type {File | null} */
  file = null;
  /** @type {Drawn | null} */
  shown = null;
  /** @type {Recorder | null} */
  recorder = null;
  /** @type {Problem | null} */
  problem = null;
  /** Seconds until the next attempt to reach the server, when it is lost. */
  nextAttempt = 0;
  /** What a setting of the running session was refused for. */
  refusal = "";
  metrics = new Metrics();
  /** @type {import("./capture.js").Source | null} */
  source = null;

  /** @type {Stream<Kept> | null} */
  #stream = null;
  /** @type {Encoder | null} */
  #encoder = null;
  #slots = new Slots();
  #pace = makePace(15, true);
  #origin = 0;
  #session = 0;
  #attempt = 0;
  #run = 0;
  /** Of the run, for the notebook: one kernel may have several pages. */
  #id = "";
  #isWarm = false;
  #grabbing = false;
  #keptBitmaps = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retrying;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retuning;
  #sharedAt = 0;
  #heardAt = 0;
  #viewers = 0;
  #isRunning = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  #pictureSent = -1;
  #isPictureAwaited = false;
  /** @type {[string, () => void][]} */
  #listening = [];

  /**
   * @param {Model} model
   * @param {Server} server
   */
  constructor(model, server) {
    super();
    this.model = model;
    this.server = server;
    this.#listen("running", () => this.#obey());
    this.#listen("fps", () => this.#repace());
    this.#listen("adaptive", () => this.#repace());
    for (const name of TUNABLE) this.#listen(name, () => this.#retune());
    for (const name of ["source", "pipeline_id"]) this.#listen(name, () => this.#again());
    this.#on("msg:custom", (content) => {
      if (content?.kind === "picture_taken") this.#isPictureAwaited = false;
    });
  }

  /**
   * @param {string} name
   * @param {() => void} callback
   */
  #listen(name, callback) {
    this.#on(`change:${name}`, callback);
  }

  /**
   * @param {string} event
   * @param {(...args: any[]) => void} callback
   */
  #on(event, callback) {
    this.model.on(event, callback);
    this.#listening.push([event, callback]);
  }

  /** `stopped`, `starting`, `loading`, `streaming`, `stopping`, `lost` or `failed`. */
  get status() {
    return this.model.get("status");
  }

  /** Learn what the server has; raises a `Problem`. */
  async learn() {
    this.about = await about(this.server);
    this.#told("about");
    return this.about;
  }

  /** Stream, unless it does. */
  start() {
    if (this.model.get("running")) return;
    this.#share({ running: true });
  }

  /** Stop, and wait for the answers that are due. */
  stop() {
    this.#share({ running: false });
  }

  /** What is to be said of a notebook and a server that are not of one version; else "". */
  get mismatch() {
    const here = this.model.get("version");
    const there = this.about?.health.version;
    if (!here || !there || here === there) return "";
    return `The notebook has streamlab ${here}, the server ${there}: they may not understand each other.`;
  }

  /** Stream what is chosen anew. */
  restart() {
    if (this.model.get("running")) this.#begin();
    else this.#told("changed");
  }

  /**
   * Say what went wrong before anything was streamed.
   *
   * @param {Problem} problem
   */
  tell(problem) {
    this.problem = problem;
    this.#told("changed");
  }

  /** Try again what failed, at once. */
  retry() {
    clearTimeout(this.#retrying);
    if (this.status === "lost") this.#connect(this.#run);
    else if (this.model.get("running")) this.#begin();
    else this.start();
  }

  /** Somebody looks on: what was asked for before may begin. */
  join() {
    clearTimeout(this.#leaving);
    this.#viewers += 1;
    if (this.model.get("running") && !this.#isRunning) this.#begin();
  }

  /** Nobody may look on any more: no camera stays on for that. */
  leave() {
    this.#viewers -= 1;
    if (this.#viewers) return;
    // a cell that is moved, or shown anew, takes its view away for a moment
    this.#leaving = setTimeout(() => this.model.get("running") && this.stop(), LEFT_MS);
  }

  #obey() {
    if (!this.model.get("running")) this.#end();
    else if (this.#viewers) this.#begin();
  }

  /** End everything. */
  close() {
    clearTimeout(this.#leaving);
    for (const [event, callback] of this.#listening) this.model.off(event, callback);
    this.#listening = [];
    this.#run += 1;
    this.#stream?.close();
    this.#release();
    this.shown?.bitmap.close();
    this.shown = null;
  }

  /**
   * A view has drawn the frame that is on show.
   *
   * @param {Drawn} drawn
   */
  drawn(drawn) {
    if (drawn !== this.shown || drawn.row.frame_index === this.#drawnIndex) return;
    this.#drawnIndex = drawn.row.frame_index;
    const now = performance.now();
    this.metrics.drawn(now, now - drawn.at);
  }

  #drawnIndex = -1;

  async #begin() {
    const run = (this.#run += 1);
    this.#stream?.close();
    this.#stream = null;
    this.#release();
    this.#isRunning = true;
    this.#isWarm = false;
    this.#attempt = 0;
    this.#session = -1;
    this.#pictureSent = -1;
    this.#isPictureAwaited = false;
    this.metrics.reset();
    this.recorder = null;
    this.refusal = "";
    this.#be("starting");
    try {
      await this.learn();
      if (run !== this.#run) return;
      const source = await openSource(this.model.get("source"), {
        width: this.model.get("width"),
        file: this.file,
        samples: this.about?.samples ?? [],
        server: this.server,
      });
      if (run !== this.#run || !this.model.get("running")) {
        source.stop();
        return;
      }
      this.#play(source);
      this.#connect(run);
    } catch (error) {
      if (run === this.#run) this.#fail(Problem.of(error));
    }
  }

  /** @param {import("./capture.js").Source} source */
  #play(source) {
    this.source = source;
    source.onlost = (problem) => this.#fail(problem);
    this.#encoder = new Encoder();
    this.#slots = new Slots();
    this.#pace = makePace(this.model.get("fps"), this.model.get("adaptive"));
    this.#origin = performance.now();
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const kept = (/** @type {Uint8Array<ArrayBuffer>} */ block) =>
      this.#post({ kind: "block", run: id }, [block]);
    this.recorder = new Recorder(this.#info(source), kept);
    this.#id = id;
    this.#post({ kind: "begin", run: id, info: this.recorder.info });
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    source.watch((shown) => this.#frame(shown));
  }

  /** @param {import("./capture.js").Source} source */
  #info(source) {
    const about = /** @type {About} */ (this.about);
    const given = (/** @type {string} */ name) => this.model.get(name);
    const pipeline = about.pipelines.find(({ id }) => id === given("pipeline_id"));
    const tuned = TUNABLE.filter((name) => given(name) !== null);
    const { width, height } = scaled(source, given("width"));
    return {
      source: "live",
      client: "browser",
      created: new Date().toISOString().replace(/\.\d+Z$/, "+00:00"),
      streamlab: about.health.version,
      video: source.name,
      video_fps: source.fps,
      video_width: source.width,
      video_height: source.height,
      video_frames: source.frames,
      ...about.health.backpressure,
      ...Object.fromEntries(tuned.map((name) => [name, given(name)])),
      pipeline_id: given("pipeline_id"),
      policy: "realtime",
      adaptive: given("adaptive"),
      every_frame: false,
      loop: source.name !== CAMERA,
      sessions: 1,
      fps: given("fps"),
      width,
      height,
      quality: given("quality"),
      workers: about.health.workers,
      cores: about.health.cores,
      deferring: pipeline?.deferring ?? [],
    };
  }

  /** @param {number} run */
  #connect(run) {
    const { model, recorder } = this;
    if (!recorder) return;
    this.#isWarm = false;
    this.#be("starting");
    const parameters = Object.fromEntries(TUNABLE.map((name) => [name, model.get(name)]));
    const url = streamUrl(this.server, { pipeline_id: model.get("pipeline_id"), ...parameters });
    const session = (this.#session = recorder.open());
    this.metrics.stateIs(performance.now(), "normal");
    this.#stream = new Stream(url, {
      opened: () => this.#warmUp(run),
      answered: (kept, answer) => this.#answered(kept, answer),
      slowDown: (targetFps) => this.#slowDown(targetFps),
      ended: (...how) => this.#ended(run, recorder, session, ...how),
    });
  }

  /**
   * Wait until the server's models are loaded: what is sent before would only be dropped.
   *
   * @param {number} run
   */
  async #warmUp(run) {
    this.#attempt = 0;
    const stream = this.#stream;
    const isOver = () => run !== this.#run || stream !== this.#stream || !stream?.isOpen;
    try {
      while (!(await ask(this.server, "streamlab/health")).warm) {
        if (isOver()) return;
        this.#be("loading");
        await new Promise((resolve) => setTimeout(resolve, WARM_POLL_MS));
      }
    } catch {
      return; // the socket tells what has become of the server
    }
    if (isOver()) return;
    this.#isWarm = true;
    this.#be("streaming");
  }

  /** @param {Shown} shown */
  async #frame({ at, videoFrame }) {
    const { source, recorder } = this;
    const stream = this.#stream;
    const encoder = this.#encoder;
    if (!source || !recorder || !encoder || !stream?.isOpen || !this.#isWarm) return;
    const seconds = (at - this.#origin) / 1e3;
    if (!this.#slots.take(seconds, this.#pace.rate(seconds))) return;
    if (this.#grabbing || encoder.busy >= MAX_ENCODING || stream.unsentBytes > MAX_UNSENT) {
      this.metrics.frameHeld();
      return;
    }
    const session = this.#session;
    try {
      this.#grabbing = true;
      const { width, height } = scaled(source, this.model.get("width"));
      const grabbed = createImageBitmap(source.video, {
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: "medium",
      });
      const whole = await grabbed.finally(() => (this.#grabbing = false));
      const { bitmap, jpeg } = await encoder.encode(whole, this.model.get("quality") / 100);
      if (!stream.isOpen || stream !== this.#stream) {
        bitmap.close();
        return;
      }
      this.#send(stream, { bitmap, jpeg, at, session, videoFrame });
    } catch (error) {
      if (encoder === this.#encoder && source === this.source) this.#fail(Problem.of(error));
    }
  }

  /**
   * @param {Stream<Kept>} stream
   * @param {{bitmap: ImageBitmap, jpeg: ArrayBuffer, at: number, session: number, videoFrame: number}} frame
   */
  #send(stream, { bitmap, jpeg, at, session, videoFrame }) {
    const now = performance.now();
    /** @type {Row} */
    const row = {
      session,
      frame_index: 0,
      video_frame: videoFrame,
      size_bytes: jpeg.byteLength,
      scheduled_ms: at - this.#origin,
      sent_ms: now - this.#origin,
      fate: "unanswered",
    };
    /** @type {Kept} */
    const kept = { bitmap, jpeg, at, row };
    if (this.#keptBitmaps >= MAX_KEPT) {
      bitmap.close();
      kept.bitmap = null;
    } else {
      this.#keptBitmaps += 1;
    }
    row.frame_index = stream.send(jpeg, kept);
    this.metrics.frameSent(now, jpeg.byteLength);
  }

  /**
   * @param {Kept} kept
   * @param {Answer} answer
   */
  #answered(kept, answer) {
    const now = performance.now();
    this.#heardAt = now;
    const { row } = kept;
    const { server, timing, result } = answer;
    row.answered_ms = now - this.#origin;
    row.round_trip_ms = row.answered_ms - row.scheduled_ms;
    if (server) {
      row.received_ms = server.received;
      row.state = server.state;
      this.#named(row.session, server.session, server.worker);
      this.metrics.stateIs(now, server.state);
    }
    if (answer.dropped) {
      row.fate = "dropped";
      row.cause = server?.cause ?? "unknown";
      this.metrics.dropped(now, row.cause);
      this.#pace.dropped(row.answered_ms / 1e3);
      this.#forget(kept);
    } else {
      row.fate = "processed";
      row.result = result ?? {};
      Object.assign(row, {
        queued_ms: timing?.queued,
        decode_ms: timing?.decode,
        nodes_ms: timing?.nodes,
        total_ms: timing?.total,
      });
      this.metrics.processed(now, row.round_trip_ms);
      this.#show(kept, row.result);
    }
    this.recorder?.add(row);
  }

  /**
   * @param {Kept} kept
   * @param {Record<string, any>} result
   */
  #show({ bitmap, jpeg, at, row }, result) {
    if (!bitmap) return;
    this.#keptBitmaps -= 1;
    this.shown?.bitmap.close();
    this.#drawnIndex = -1;
    this.shown = { bitmap, jpeg, at, row, result };
    this.#told("shown");
  }

  /** @param {Kept} kept */
  #forget(kept) {
    if (!kept.bitmap) return;
    this.#keptBitmaps -= 1;
    kept.bitmap.close();
    kept.bitmap = null;
  }

  /**
   * @param {number} session
   * @param {string} id
   * @param {number} worker
   */
  #named(session, id, worker) {
    if (this.model.get("session_id") === id && this.#namedSession === session) return;
    this.#namedSession = session;
    this.recorder?.named(session, id, worker);
    this.#share({ session_id: id });
  }

  #namedSession = -1;

  /** @param {number} targetFps */
  #slowDown(targetFps) {
    const now = performance.now() - this.#origin;
    const session = this.#session;
    this.recorder?.event({ session, time_ms: now, kind: "slow_down", fps: targetFps });
    const fps = this.#pace.slowDown(now / 1e3, targetFps);
    if (fps !== null) this.recorder?.event({ session, time_ms: now, kind: "rate", fps });
  }

  /** Frames a second that are sent now, at most. */
  get rate() {
    return this.#pace.rate((performance.now() - this.#origin) / 1e3);
  }

  /**
   * @param {number} run
   * @param {Recorder} recorder
   * @param {number} session
   * @param {Ending} ending
   * @param {Kept | undefined} first
   * @param {Kept[]} rest
   */
  #ended(run, recorder, session, ending, first, rest) {
    if (first) {
      const rejected = ["invalid_frame", "frame_too_large", "slow_consumer"];
      first.row.fate = rejected.includes(ending.error ?? "") ? "rejected" : "failed";
      first.row.answered_ms = performance.now() - this.#origin;
      first.row.round_trip_ms = first.row.answered_ms - first.row.scheduled_ms;
    }
    for (const kept of first ? [first, ...rest] : rest) {
      this.#forget(kept);
      if (run === this.#run) this.metrics.ended();
      recorder.add(kept.row);
    }
    let error = ending.error && `${ending.error}: ${ending.detail}`;
    if (!error && !ending.asked) {
      error = `connection_lost: the server went away (${ending.closeCode})`;
    }
    recorder.ended(session, error || null, ending.closeCode);
    if (run !== this.#run) {
      recorder.flush();
      return;
    }
    this.#stream = null;
    this.#share({ session_id: "" });
    if (ending.asked) {
      this.#release();
      this.#be("stopped");
    } else if (ending.error) {
      this.#fail(new Problem(ending.error, ending.detail));
    } else {
      this.#lost(run);
    }
  }

  /**
   * The server went away, or never answered: find out why, and come back.
   *
   * @param {number} run
   */
  async #lost(run) {
    if (!this.#attempt) {
      // a socket that is refused says nothing; a request says whether it was for want of a token
      const problem = await ask(this.server, "streamlab/health").then(() => null, Problem.of);
      if (run !== this.#run) return;
      if (problem && problem.code !== "lost") {
        this.#fail(problem);
        return;
      }
    }
    const delay = backoff(this.#attempt, Math.random());
    this.#attempt += 1;
    this.nextAttempt = performance.now() + delay * 1e3;
    this.problem = new Problem("lost");
    this.#be("lost");
    clearTimeout(this.#retrying);
    this.#retrying = setTimeout(() => {
      if (run === this.#run && this.status === "lost") this.#connect(run);
    }, delay * 1e3);
  }

  /** @param {Problem} problem */
  #fail(problem) {
    this.#run += 1;
    this.#stream?.close();
    this.#stream = null;
    this.#release();
    this.problem = problem;
    this.#be("failed");
    this.#share({ running: false });
  }

  #end() {
    clearTimeout(this.#retrying);
    if (this.status === "failed" || this.status === "stopped") return;
    if (this.#stream && this.source) {
      this.#be("stopping");
      this.#stream.stop();
      return;
    }
    this.#run += 1;
    this.#release();
    this.#be("stopped");
  }

  /** Begin anew with another source or pipeline. */
  #again() {
    this.#told("changed");
    if (this.model.get("source") === FILE && !this.file) return;
    if (this.model.get("running")) this.#begin();
  }

  #release() {
    this.#isRunning = false;
    clearTimeout(this.#retrying);
    clearTimeout(this.#retuning);
    clearInterval(this.#ticking);
    this.source?.stop();
    this.source = null;
    this.#encoder?.close();
    this.#encoder = null;
    this.#grabbing = false;
    this.#finish(this.recorder);
  }

  /**
   * Hand the last rows over, and the last picture.
   *
   * @param {Recorder | null} recorder
   */
  #finish(recorder) {
    recorder?.flush();
    this.#sendPicture();
    this.#tell();
  }

  /**
   * A connection can break without a word.
   *
   * @param {number} now
   */
  #checkSilence(now) {
    const stream = this.#stream;
    const lineLength = this.model.get("waiting_frames") ?? this.about?.health.backpressure.waiting_frames;
    if (!stream || this.status !== "streaming" || stream.awaited <= Number(lineLength ?? 2) + 1) {
      this.#heardAt = now;
    } else if (now - this.#heardAt > SILENT_MS) {
      stream.abandon();
    }
  }

  #tick() {
    this.#told("metrics");
    const now = performance.now();
    this.#checkSilence(now);
    if (now - this.#sharedAt < SHARE_MS) return;
    this.#sharedAt = now;
    this.recorder?.flush();
    this.#sendPicture();
    this.#tell();
  }

  /** Let the notebook know the figures. */
  #tell() {
    const figures = this.metrics.figures(performance.now());
    const known = Object.entries(figures).map(([name, value]) => [
      name,
      Number.isFinite(value) ? Math.round(value * 1e3) / 1e3 : null,
    ]);
    const { totals, causes, state } = this.metrics;
    const metrics = { ...Object.fromEntries(known), ...totals, causes: { ...causes } };
    this.#share({ metrics, state });
  }

  /** The kernel is sent a picture when it has taken the one before: a busy one gets no heap of them. */
  #sendPicture() {
    const { shown } = this;
    if (!shown || this.#isPictureAwaited || shown.row.frame_index === this.#pictureSent) return;
    this.#pictureSent = shown.row.frame_index;
    this.#isPictureAwaited = true;
    const { session, frame_index } = shown.row;
    const age_ms = performance.now() - shown.at;
    const content = { kind: "picture", run: this.#id, session, frame_index, age_ms, result: shown.result };
    this.#post(content, [shown.jpeg.slice(0)]);
  }

  /**
   * Tell the notebook; one whose kernel has gone hears nothing, and the stream goes on.
   *
   * @param {Record<string, any>} content
   * @param {(ArrayBuffer | ArrayBufferView)[]} [buffers]
   */
  #post(content, buffers) {
    try {
      this.model.send(content, undefined, buffers);
    } catch {
      this.#isPictureAwaited = false;
    }
  }

  #repace() {
    const fps = this.model.get("fps");
    this.#pace = makePace(fps, this.model.get("adaptive"));
    if (this.#session >= 0) {
      const time_ms = performance.now() - this.#origin;
      this.recorder?.event({ session: this.#session, time_ms, kind: "rate", fps });
    }
    this.#told("changed");
  }

  #retune() {
    this.#told("changed");
    clearTimeout(this.#retuning);
    this.#retuning = setTimeout(async () => {
      const id = this.model.get("session_id");
      if (!id || !this.#stream?.isOpen) return;
      const defaults = this.about?.health.backpressure ?? {};
      const settings = Object.fromEntries(
        TUNABLE.map((name) => [name, this.model.get(name) ?? defaults[name]]),
      );
      try {
        await retune(this.server, id, settings);
        this.refusal = "";
        const detail = TUNABLE.map((name) => `${name}=${settings[name]}`).join(", ");
        const time_ms = performance.now() - this.#origin;
        this.recorder?.event({ session: this.#session, time_ms, kind: "setting", detail });
      } catch (error) {
        this.refusal = Problem.of(error).line;
      }
      this.#told("changed");
    }, RETUNE_MS);
  }

  /** @param {string} status */
  #be(status) {
    if (status !== "lost" && status !== "failed" && status !== "starting") this.problem = null;
    if (status === "starting" && this.#attempt === 0) this.problem = null;
    this.#share({ status, error: this.problem?.line ?? "" });
    this.#told("changed");
  }

  /** @param {Record<string, any>} values */
  #share(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    try {
      this.model.save_changes();
    } catch {
      // the notebook's kernel has gone
    }
  }

  /** @param {string} what */
  #told(what) {
    this.dispatchEvent(new Event(what));
  }
}

/**
 * The size at which a source's frames are sent: not wider than asked for, of the same shape.
 *
 * @param {{width: number, height: number}} source
 * @param {number} most
 */
export function scaled({ width, height }, most) {
  if (width <= most) return { width, height };
  return { width: most, height: Math.max(1, Math.round((height * most) / width)) };
}
