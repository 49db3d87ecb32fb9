/** The run that goes on: watched over, reported to the kernel, and kept to the settings of its view. */

import { Run } from "./run.js";
import { SettingsSync } from "./settings_sync.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./kernel_link.js").KernelLink} KernelLink
 * @typedef {import("./run.js").Callbacks} Callbacks
 * @typedef {import("./run_state.js").RunState} RunState
 * @typedef {import("../capture/source.js").Source} Source
 * @typedef {import("../protocol/server.js").About} About
 * @typedef {import("../protocol/stream.js").Server} Server
 */

const TICK_MS = 250;
/** Ticks from one report to the kernel to the next. */
const REPORT_TICKS = 4;

export class Player {
  /** @type {Run | null} */
  run = null;
  #model;
  #server;
  #kernel;
  #onTick;
  #ticks = 0;
  /** @type {RunState | null} */
  #current = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /**
   * @param {Model} model
   * @param {Server} server
   * @param {KernelLink} kernel
   * @param {object} listeners
   * @param {() => void} listeners.onTick is called a few times a second
   * @param {(refusal: string) => void} listeners.onRefusal as `SettingsSync` has it
   */
  constructor(model, server, kernel, { onTick, onRefusal }) {
    this.#model = model;
    this.#server = server;
    this.#kernel = kernel;
    this.#onTick = onTick;
    this.sync = new SettingsSync(model, server, () => this.run, onRefusal);
  }

  /**
   * Begin a run.
   *
   * @param {Source} source
   * @param {About} about
   * @param {RunState} current what is shown of it
   * @param {Callbacks} callbacks
   */
  play(source, about, current, callbacks) {
    const takeBlock = this.#kernel.beginRun();
    const { metrics } = current;
    const run = new Run(this.#model, this.#server, about, source, metrics, callbacks, takeBlock);
    this.run = run;
    this.#current = current;
    current.recorder = run.recorder;
    this.#kernel.describeRun(run.recorder.info);
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Open a session of the run. */
  connect() {
    this.sync.begin();
    this.run?.connect();
  }

  /**
   * The session has an id: settings that it could not be sent before are.
   *
   * @param {string} id
   */
  named(id) {
    this.#kernel.share({ session_id: id });
    this.sync.sendSoon();
  }

  /** End the run, if there is one. */
  release() {
    this.sync.stop();
    clearInterval(this.#ticking);
    const { run } = this;
    this.run = null;
    if (!run) return;
    run.close();
    this.#kernel.share({ session_id: "" });
    this.#report();
  }

  #tick() {
    this.#onTick();
    this.run?.checkConnection();
    this.#ticks += 1;
    if (this.#ticks % REPORT_TICKS) return;
    this.sync.sendSoon();
    this.sync.fetch();
    this.#current?.recorder?.flush();
    this.#report();
  }

  /** Report to the kernel what is on show, and the figures. */
  #report() {
    if (!this.#current) return;
    const { shown, visible, metrics } = this.#current;
    this.#kernel.sendPicture(shown, visible);
    this.#kernel.shareFigures(metrics);
  }
}
