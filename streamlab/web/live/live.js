/**
 * What a view shows: runs of a stream, one after the other, begun and ended as its model says. No view
 * is needed for it to be, and any number may look on.
 */

import { openSource } from "../capture/open.js";
import { filterOf, labelsOf } from "../overlay/filter.js";
import { Problem } from "../protocol/problems.js";
import { about, ask } from "../protocol/server.js";
import { backoff } from "../protocol/stream.js";
import { Notebook } from "./notebook.js";
import { Run } from "./run.js";
import { RunState } from "./run_state.js";
import { FILTERING, TUNABLE } from "./session_settings.js";
import { Retuner } from "./settings_sync.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../protocol/server.js").About} About
 * @typedef {import("../protocol/stream.js").Server} Server
 * @typedef {import("../protocol/stream.js").Ending} Ending
 * @typedef {import("./run.js").Drawn} Drawn
 */

const TICK_MS = 250;
/** Ticks from one telling of the notebook to the next. */
const SHARE_TICKS = 4;
const FULL = "session_limit";
/** How long a run goes on when the last view of it has gone. */
const LEFT_MS = 2000;

/** Tells of itself with the events `changed`, `about`, `metrics` and `shown`. */
export class Live extends EventTarget {
  /** @type {About | null} */
  about = null;
  /** A file that the user has picked. @type {File | null} */
  file = null;
  /** @type {Problem | null} */
  problem = null;
  /** When the server is tried again, if it is lost; milliseconds of `performance.now()`. */
  nextAttempt = 0;

  /** @type {Run | null} */
  #run = null;
  #notebook;
  /** Counts what was begun: who comes back from waiting finds out whether he is still meant. */
  #turn = 0;
  #isRunning = false;
  #attempt = 0;
  #viewers = 0;
  #ticks = 0;
  /** @type {string} */
  #status = "stopped";
  #retuner;
  /** The pipeline whose labels were chosen from. @type {string} */
  #labelsPipeline;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retrying;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
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
    /** What is shown: all of it is of this run, or of the last one. */
    this.current = new RunState(filterOf(model));
    this.#notebook = new Notebook(model, () => this.#told("changed"));
    this.#retuner = new Retuner(
      model,
      server,
      () => this.#run,
      (refusal) => {
        this.current.refusal = refusal;
        this.#told("changed");
      },
    );
    this.#labelsPipeline = model.get("pipeline_id");
    this.#listen("running", () => this.#obey());
    this.#listen("labels", () => {
      this.#labelsPipeline = model.get("pipeline_id");
    });
    this.#listen("pipeline_id", () => this.#fitLabels());
    for (const name of ["fps", "adaptive"]) this.#listen(name, () => this.#repace());
    for (const name of TUNABLE) this.#listen(name, () => this.#retune(name));
    for (const name of FILTERING) this.#listen(name, () => this.#refilter(name));
    for (const name of ["source", "pipeline_id"]) this.#listen(name, () => this.restart());
    this.#listen("width", () => (this.model.get("running") ? this.restart() : this.#withdraw()));
    this.#listen("quality", () => this.#withdraw());
  }

  /**
   * @param {string} name
   * @param {() => void} callback
   */
  #listen(name, callback) {
    this.model.on(`change:${name}`, callback);
    this.#listening.push([`change:${name}`, callback]);
  }

  /** `stopped`, `starting`, `loading`, `streaming`, `stopping`, `lost` or `failed`. */
  get status() {
    return this.#status;
  }

  /** The pipeline that is chosen, as the server describes it. */
  get pipeline() {
    const id = this.model.get("pipeline_id");
    return this.about?.pipelines.find((each) => each.id === id);
  }

  /** Whether frames could be sent and the source gives none. */
  get isSourceSilent() {
    return this.#status === "streaming" && (this.#run?.isSourceSilent ?? false);
  }

  /** Whether the notebook's kernel, which was told of the runs, has gone. */
  get isKernelGone() {
    this.#notebook.link.check();
    return this.#notebook.link.isGone;
  }

  /** Whether a source is open. */
  get isPlaying() {
    return this.#run !== null;
  }

  /** What is to be said of a notebook and a server that are not of one version; else "". */
  get mismatch() {
    const here = this.model.get("version");
    const there = this.about?.health.version;
    if (!here || !there || here === there) return "";
    return `The notebook has streamlab ${here}, the server ${there}: they may not understand each other.`;
  }

  /** Learn what the server has; raises a `Problem`. */
  async learn() {
    this.about = await about(this.server);
    this.#fitLabels();
    this.#told("about");
    return this.about;
  }

  /** Stream, unless it does. */
  start() {
    this.#notebook.share({ running: true });
  }

  /** Stop, and wait for the answers that are due. */
  stop() {
    this.#notebook.share({ running: false });
  }

  /** Stream what is chosen now: a recording has one source, pipeline and size of frames. */
  restart() {
    if (!this.model.get("running")) {
      // the picture of another source is not this one's; what is recorded of it can still be saved
      this.#renew(this.current.recorder);
      this.#withdraw();
    } else if (this.#viewers) this.#begin();
  }

  /** Try again what failed, at once. */
  retry() {
    if (this.status === "lost") this.#tryAgain();
    else if (this.status === "failed") this.start();
    else if (this.status === "stopped") this.greet();
  }

  /** Learn what the server has, as soon as it can be asked. */
  async greet() {
    const turn = this.#turn;
    try {
      await this.learn();
      if (turn !== this.#turn) return;
      this.problem = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.problem = Problem.of(error);
      if (this.problem.code === "lost") this.#later(() => this.greet());
    }
    this.#told("changed");
  }

  /** Somebody looks on: what was asked for before may begin. */
  join() {
    clearTimeout(this.#leaving);
    this.#viewers += 1;
    if (this.model.get("running") && !this.#isRunning) this.#begin();
  }

  /** Somebody looks on no more: for nobody, no camera stays on. */
  leave() {
    this.#viewers -= 1;
    if (this.#viewers) return;
    // a cell that is moved, or shown anew, takes its view away for a moment
    this.#leaving = setTimeout(() => this.stop(), LEFT_MS);
  }

  /**
   * A view has drawn the frame that is on show.
   *
   * @param {Drawn} drawn
   */
  drawn(drawn) {
    this.current.drawn(drawn, performance.now());
  }

  /** End everything. */
  close() {
    for (const [event, callback] of this.#listening) this.model.off(event, callback);
    this.#listening = [];
    clearTimeout(this.#leaving);
    this.#release();
    this.#notebook.close();
    this.current.close();
  }

  #obey() {
    if (!this.model.get("running")) this.#end();
    else if (this.#viewers) this.#begin();
  }

  /** @param {boolean} [isAgain] whether the server could not be reached just now */
  async #begin(isAgain = false) {
    this.#release();
    const turn = this.#turn;
    this.#isRunning = true;
    if (!isAgain) this.#attempt = 0;
    this.#renew();
    this.#notebook.share({ metrics: {}, state: "normal" });
    this.#be("starting");
    try {
      const known = await this.learn();
      if (turn !== this.#turn) return;
      const source = await openSource(this.model.get("source"), {
        width: this.model.get("width"),
        file: this.file,
        samples: known.samples,
        server: this.server,
      });
      if (turn !== this.#turn) {
        source.stop();
        return;
      }
      this.#play(source, known);
    } catch (error) {
      if (turn !== this.#turn) return;
      const problem = Problem.of(error);
      if (problem.code === "lost") this.#lost(problem);
      else this.#fail(problem);
    }
  }

  /**
   * @param {import("../capture/source.js").Source} source
   * @param {About} known
   */
  #play(source, known) {
    const turn = this.#turn;
    /**
     * @template {unknown[]} Given
     * @param {(...given: Given) => void} callback
     * @returns {(...given: Given) => void}
     */
    const ofThisRun =
      (callback) =>
      (...given) => {
        if (turn === this.#turn) callback(...given);
      };
    source.onlost = ofThisRun((problem) => this.#fail(problem));
    const told = {
      loading: ofThisRun(() => this.#be("loading")),
      streaming: ofThisRun(() => {
        this.#attempt = 0;
        this.#be("streaming");
      }),
      named: ofThisRun((/** @type {string} */ id) => {
        this.#notebook.share({ session_id: id });
        this.#retuner.retry();
      }),
      answered: (/** @type {Drawn} */ drawn) => {
        current.show(drawn, performance.now());
        if (current === this.current) this.#told("shown");
      },
      ended: ofThisRun((/** @type {Ending} */ ending) => this.#ended(ending)),
      failed: ofThisRun((/** @type {Problem} */ problem) => this.#fail(problem)),
    };
    const { model, server, current } = this;
    const { metrics } = current;
    this.#run = new Run(model, server, known, source, metrics, told, this.#notebook.begin());
    current.recorder = this.#run.recorder;
    this.#notebook.describe(current.recorder.info);
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#connect();
  }

  #connect() {
    if (!this.#run) return;
    this.#be("starting");
    this.#retuner.begin();
    this.#run.connect();
  }

  /**
   * Show nothing of an earlier run any more.
   *
   * @param {import("../recording/recorder.js").Recorder | null} [recorder] what can still be saved
   */
  #renew(recorder = null) {
    this.current.close();
    this.current = new RunState(filterOf(this.model));
    this.current.recorder = recorder;
    this.#told("shown");
  }

  /** Settings have changed: what the last run failed of may be mended. */
  #withdraw() {
    if (this.#status === "failed") this.#be("stopped");
    else this.#told("changed");
  }

  /** @param {Ending} ending */
  #ended(ending) {
    this.#notebook.share({ session_id: "" });
    if (ending.asked) {
      this.#release();
      this.#be("stopped");
    } else if (ending.error && !(ending.error === FULL && this.#attempt)) {
      this.#fail(new Problem(ending.error, ending.detail));
    } else {
      // a server that was lost may still count the session that was lost with it
      this.#lost(ending.error ? new Problem(ending.error, ending.detail) : new Problem("lost"));
      if (!ending.wasOpen) this.#askWhy();
    }
  }

  /**
   * Come back to a server that cannot be had now.
   *
   * @param {Problem} problem
   */
  #lost(problem) {
    this.problem = problem;
    this.#later(() => this.#tryAgain());
    this.#be("lost");
  }

  #tryAgain() {
    clearTimeout(this.#retrying);
    if (this.#run) this.#connect();
    else this.#begin(true);
  }

  /**
   * Call back when the server may be asked again; the longer it is away, the later.
   *
   * @param {() => void} callback
   */
  #later(callback) {
    const delay = backoff(this.#attempt, Math.random()) * 1e3;
    this.#attempt += 1;
    this.nextAttempt = performance.now() + delay;
    clearTimeout(this.#retrying);
    this.#retrying = setTimeout(callback, delay);
  }

  /** A socket that is refused says nothing; a request says whether it was for want of a token. */
  async #askWhy() {
    const turn = this.#turn;
    const problem = await ask(this.server, "streamlab/health").then(() => null, Problem.of);
    if (turn === this.#turn && problem && problem.code !== "lost") this.#fail(problem);
  }

  /** @param {Problem} problem */
  #fail(problem) {
    this.#release();
    this.problem = problem;
    this.#be("failed");
    this.#notebook.share({ running: false });
  }

  #end() {
    clearTimeout(this.#retrying);
    if (this.status === "failed" || this.status === "stopped") {
      // a kernel that asked for it may think that something is being stopped
      this.#notebook.share({ status: this.#status });
      return;
    }
    if (this.#run?.stop()) {
      this.#be("stopping");
      return;
    }
    this.#release();
    this.#be("stopped");
  }

  /** Let go of the run, if there is one, and of whatever is waited for. */
  #release() {
    this.#turn += 1;
    this.#isRunning = false;
    clearTimeout(this.#retrying);
    this.#retuner.stop();
    clearInterval(this.#ticking);
    const run = this.#run;
    this.#run = null;
    if (!run) return;
    run.close();
    this.#notebook.share({ session_id: "" });
    this.#report();
  }

  #tick() {
    this.#told("metrics");
    this.#run?.checkConnection();
    this.#ticks += 1;
    if (this.#ticks % SHARE_TICKS) return;
    this.#retuner.retry();
    this.#retuner.follow();
    this.current.recorder?.flush();
    this.#report();
  }

  /** Tell the notebook what is on show, and the figures. */
  #report() {
    const { shown, visible, metrics } = this.current;
    this.#notebook.picture(shown, visible);
    this.#notebook.figures(metrics);
  }

  #repace() {
    this.#run?.repace();
    this.#withdraw();
  }

  /**
   * Show what is chosen, of what was answered before too, and let the session answer no more.
   *
   * @param {string} name of the setting
   */
  #refilter(name) {
    this.current.filter = filterOf(this.model);
    this.#told("shown");
    this.#retune(name);
  }

  /** Leave out of the choice what another pipeline does not know; one not heard of yet, once it is. */
  #fitLabels() {
    const { pipeline } = this;
    if (!pipeline || pipeline.id === this.#labelsPipeline) return;
    this.#labelsPipeline = pipeline.id;
    const chosen = this.model.get("labels");
    const labels = labelsOf(chosen, pipeline.labels);
    if (labels !== chosen) this.#notebook.share({ labels });
  }

  /** @param {string} name of a setting that a session may be told while it runs */
  #retune(name) {
    this.#retuner.changed(name);
    this.#withdraw();
  }

  /** @param {string} status */
  #be(status) {
    // while a lost server is tried again, what is wrong is still that it is lost
    const isTrying = status === "starting" && this.#attempt > 0;
    if (status !== "lost" && status !== "failed" && !isTrying) this.problem = null;
    this.#status = status;
    this.#notebook.share({ status, error: this.problem?.line ?? "" });
    this.#told("changed");
  }

  /** @param {string} what */
  #told(what) {
    this.dispatchEvent(new Event(what));
  }
}
