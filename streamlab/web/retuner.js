/** Tells a running session of settings that have changed, once the sliders rest. */

import { retune } from "./server.js";
import { patchSettings, settingDetail } from "./session_settings.js";
import { Problem } from "./words.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./stream.js").Server} Server
 * @typedef {import("./run.js").Run} Run
 */

const REST_MS = 120;

export class Retuner {
  /** Settings that the session does not know yet. @type {Set<string>} */
  #untold = new Set();
  /** Settings that it refused: it is told them again with the next one. @type {string[]} */
  #refused = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;

  /**
   * @param {Model} model
   * @param {Server} server
   * @param {() => Run | null} run that goes on now
   * @param {(refusal: string) => void} answered with what a setting was refused for, or ""
   */
  constructor(model, server, run, answered) {
    this.model = model;
    this.server = server;
    this.run = run;
    this.answered = answered;
  }

  /**
   * Settings have changed.
   *
   * @param {...string} names
   */
  changed(...names) {
    for (const name of [...names, ...this.#refused]) this.#untold.add(name);
    this.#refused = [];
    this.retry();
  }

  /** A session begins whose address has all settings. */
  begin() {
    this.stop();
    this.#untold.clear();
    this.#refused = [];
  }

  /** Tell what the session could not be told before. */
  retry() {
    if (!this.#untold.size) return;
    this.stop();
    this.#waiting = setTimeout(() => this.#tell(), REST_MS);
  }

  /** Tell nothing more. */
  stop() {
    clearTimeout(this.#waiting);
  }

  async #tell() {
    const run = this.run();
    const id = this.model.get("session_id");
    if (!id || !run?.isOpen) return;
    const changed = [...this.#untold];
    this.#untold.clear();
    const settings = patchSettings(changed, this.model, run.pipeline, run.about.health.backpressure);
    const detail = settingDetail(changed, this.model, settings);
    try {
      if (Object.keys(settings).length) await retune(this.server, id, settings);
      run.note({ kind: "setting", detail });
      if (run === this.run()) this.answered("");
    } catch (error) {
      if (run !== this.run()) return;
      const problem = Problem.of(error);
      if (problem.code === "lost") for (const name of changed) this.#untold.add(name);
      else this.#refused = changed;
      this.answered(problem.line);
    }
  }
}
