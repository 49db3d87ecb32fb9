/**
 * What a view shows: runs of a stream, one after the other, as its model asks for them. When which
 * begins and ends `life_cycle.js` decides; its effects are carried out here. No view is needed, and
 * there may be any number.
 */

import { openSource } from "../capture/open.js";
import { filterOf } from "../overlay/filter.js";
import { Problem } from "../protocol/problems.js";
import { about, ask } from "../protocol/server.js";
import { backoff } from "../protocol/stream.js";
import { Dispatcher } from "./dispatcher.js";
import { KernelLink } from "./kernel_link.js";
import { LabelChoice } from "./label_choice.js";
import { subscribe } from "./model.js";
import { Player } from "./player.js";
import { RunState } from "./run_state.js";
import { FILTERING, TUNABLE } from "./session_settings.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../protocol/server.js").About} About
 * @typedef {import("../protocol/stream.js").Server} Server
 * @typedef {import("../capture/source.js").Source} Source
 */

/** How long a run goes on when the last view of it has gone. */
const LEAVE_MS = 2000;

/** Dispatches the events `changed`, `about`, `metrics` and `shown`. */
export class Live extends EventTarget {
  /** @type {About | null} */
  about = null;
  /** A file that the user has picked. @type {File | null} */
  file = null;
  /** When the server is tried again, if it is lost; milliseconds of `performance.now()`. */
  nextAttempt = 0;

  #dispatcher;
  #dispatch = (/** @type {import("./state.js").Event} */ event) => this.#dispatcher.dispatch(event);
  #kernel;
  #player;
  #labels;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retrying;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  /** @type {(() => void)[]} */
  #unsubscribe = [];

  /**
   * @param {Model} model
   * @param {Server} server
   */
  constructor(model, server) {
    super();
    this.model = model;
    this.server = server;
    this.#dispatcher = new Dispatcher(model.get("running"), (effect) => this.#carryOut(effect));
    this.#labels = new LabelChoice(model, (labels) => this.#kernel.share({ labels }));
    /** What is shown: all of it is of this run, or of the last one. */
    this.current = new RunState(filterOf(model));
    this.#kernel = new KernelLink(model, () => this.#notify("changed"));
    this.#player = new Player(model, server, this.#kernel, {
      onTick: () => this.#notify("metrics"),
      onRefusal: (refusal) => {
        this.current.refusal = refusal;
        this.#notify("changed");
      },
    });
    const on = (/** @type {string[]} */ names, /** @type {() => void} */ callback) => {
      this.#unsubscribe.push(subscribe(model, names, callback));
    };
    on(["running"], () => this.#dispatch({ type: "running", isWanted: model.get("running") }));
    on(["labels"], () => this.#labels.chosen());
    on(["pipeline_id"], () => this.#labels.fit(this.pipeline));
    on(["fps", "adaptive"], () => this.#player.run?.repace());
    on(FILTERING, () => {
      // of answers that came before, too
      this.current.filter = filterOf(model);
      this.#notify("shown");
    });
    for (const name of [...TUNABLE, ...FILTERING]) {
      on([name], () => this.#player.sync.changed(name));
    }
    on(["fps", "adaptive", "quality", ...TUNABLE, ...FILTERING], () =>
      this.#dispatch({ type: "setting_changed" }),
    );
    on(["source", "pipeline_id"], () => this.restart());
    on(["width"], () => this.#dispatch({ type: "size_changed" }));
  }

  /** `stopped`, `starting`, `loading`, `streaming`, `stopping`, `lost` or `failed`. */
  get status() {
    return this.#dispatcher.state.status;
  }

  /** Generation of the start that goes on: see `life_cycle.js`. */
  get #start() {
    return this.#dispatcher.state.start;
  }

  /** What is wrong, null while nothing is. */
  get problem() {
    return this.#dispatcher.state.problem;
  }

  /** The pipeline that is chosen, as the server describes it. */
  get pipeline() {
    const id = this.model.get("pipeline_id");
    return this.about?.pipelines.find((each) => each.id === id);
  }

  /** Whether frames could be sent and the source gives none. */
  get isSourceSilent() {
    return this.status === "streaming" && (this.#player.run?.isSourceSilent ?? false);
  }

  /** Whether the notebook's kernel, to which the runs are reported, has gone. */
  get isKernelGone() {
    return this.#kernel.isGone;
  }

  /** Whether a source is open. */
  get isPlaying() {
    return this.#player.run !== null;
  }

  /** Ask the server what it has, where no start does that anyway; `about` then has it. */
  describe() {
    this.#dispatch({ type: "describe" });
  }

  /** Stream, unless it does. */
  start() {
    this.#kernel.share({ running: true });
  }

  /** Stop, and wait for the answers that are due. */
  stop() {
    this.#kernel.share({ running: false });
  }

  /** Another source or pipeline is chosen: begin anew where something is streamed. */
  restart() {
    this.#dispatch({ type: "source_changed" });
  }

  /** Try again what failed, at once. */
  retry() {
    this.#dispatch({ type: "retry" });
  }

  /** A view shows the stream from now on: what was asked for before begins. */
  join() {
    this.#dispatch({ type: "joined" });
  }

  /** A view shows it no longer: without any, the stream ends and the camera is closed. */
  leave() {
    this.#dispatch({ type: "left" });
  }

  /** End everything. */
  close() {
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
    this.#dispatch({ type: "closed" });
    this.#kernel.close();
    this.current.close();
  }

  /** @param {import("./state.js").Effect} effect */
  #carryOut(effect) {
    switch (effect.type) {
      case "announce":
        return this.#announce();
      case "clear":
        return this.#clear(effect.keepRecorder);
      case "describe":
        return void this.#describe();
      case "open":
        return void this.#open();
      case "discard":
        return effect.source.stop();
      case "play":
        return this.#play(effect.source, effect.about);
      case "connect":
        return this.#player.connect();
      case "drain":
        return this.#player.run?.drain();
      case "release":
        clearTimeout(this.#retrying);
        return this.#player.release();
      case "schedule_retry":
        return this.#scheduleRetry(effect.attempt);
      case "cancel_retry":
        return clearTimeout(this.#retrying);
      case "ask_reason":
        return void this.#askReason();
      case "request":
        return this.#kernel.share({ running: effect.isWanted });
      case "leave_soon":
        this.#leaving = setTimeout(() => this.stop(), LEAVE_MS);
        return undefined;
      case "cancel_leave":
        return clearTimeout(this.#leaving);
    }
  }

  #announce() {
    this.#kernel.share({ status: this.status, error: this.problem?.line ?? "" });
    this.#notify("changed");
  }

  /** @param {boolean} keepRecorder whether what was recorded can still be saved */
  #clear(keepRecorder) {
    const recorder = keepRecorder ? this.current.recorder : null;
    this.current.close();
    this.current = new RunState(filterOf(this.model));
    this.current.recorder = recorder;
    this.#notify("shown");
    if (!keepRecorder) this.#kernel.share({ metrics: {}, state: "normal" });
  }

  /** Learn what the server has; raises a `Problem`. */
  async #learn() {
    const known = await about(this.server);
    this.about = known;
    this.#labels.fit(this.pipeline);
    this.#notify("about");
    return known;
  }

  async #describe() {
    const start = this.#start;
    try {
      await this.#learn();
      this.#dispatch({ type: "described", start });
    } catch (error) {
      this.#dispatch({ type: "not_described", start, problem: Problem.of(error) });
    }
  }

  async #open() {
    const start = this.#start;
    try {
      const known = await this.#learn();
      if (start !== this.#start) return;
      const source = await openSource(this.model.get("source"), {
        width: this.model.get("width"),
        file: this.file,
        samples: known.samples,
        server: this.server,
      });
      this.#dispatch({ type: "opened", start, source, about: known });
    } catch (error) {
      this.#dispatch({ type: "not_opened", start, problem: Problem.of(error) });
    }
  }

  /**
   * @param {Source} source
   * @param {About} known
   */
  #play(source, known) {
    const start = this.#start;
    const { current } = this;
    const fail = (/** @type {Problem} */ problem) =>
      this.#dispatch({ type: "run_failed", start, problem });
    source.onlost = fail;
    /** @type {import("./run.js").Callbacks} */
    const callbacks = {
      loading: () => this.#dispatch({ type: "loading", start }),
      streaming: () => this.#dispatch({ type: "streaming", start }),
      named: (id) => {
        if (start === this.#start) this.#player.named(id);
      },
      answered: (drawn) => {
        current.show(drawn, performance.now());
        if (current === this.current) this.#notify("shown");
      },
      ended: (ending) => {
        if (start === this.#start) this.#kernel.share({ session_id: "" });
        this.#dispatch({ type: "ended", start, ending });
      },
      failed: fail,
    };
    this.#player.play(source, known, current, callbacks);
  }

  /** @param {number} attempt the longer the server is away, the later */
  #scheduleRetry(attempt) {
    const delay = backoff(attempt, Math.random()) * 1e3;
    this.nextAttempt = performance.now() + delay;
    clearTimeout(this.#retrying);
    this.#retrying = setTimeout(() => this.#dispatch({ type: "retry_due" }), delay);
  }

  /** A socket that is refused says nothing; a request says whether it was for want of a token. */
  async #askReason() {
    const start = this.#start;
    const problem = await ask(this.server, "streamlab/health").then(() => null, Problem.of);
    if (problem && problem.code !== "lost") this.#dispatch({ type: "refused", start, problem });
  }

  /** @param {string} event */
  #notify(event) {
    this.dispatchEvent(new Event(event));
  }
}
