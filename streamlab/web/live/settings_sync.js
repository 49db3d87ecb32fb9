/**
 * Keeps the settings of a view and of its session the same: tells the session of those that are changed
 * here, once the sliders rest, and takes over those that are changed elsewhere.
 */

import { Problem } from "../protocol/problems.js";
import { askSession, retune } from "../protocol/server.js";
import {
  changedElsewhere,
  FILTERING,
  patchSettings,
  settingDetail,
  TUNABLE,
} from "./session_settings.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../protocol/stream.js").Server} Server
 * @typedef {import("./run.js").Run} Run
 */

const REST_MS = 120;

export class Retuner {
  /** Settings that the session does not know yet. @type {Set<string>} */
  #untold = new Set();
  /** Settings that it refused: it is told them again with the next one. @type {string[]} */
  #refused = [];
  /** The session's settings as it was last told or told of them. @type {Record<string, any> | null} */
  #known = null;
  /** Counts what is changed here: an answer from before such a change says nothing of it. */
  #changes = 0;
  #isAsking = false;
  #isTaking = false;
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
    if (this.#isTaking) return;
    this.#changes += 1;
    for (const name of [...names, ...this.#refused]) this.#untold.add(name);
    this.#refused = [];
    this.retry();
  }

  /** A session begins whose address has all settings. */
  begin() {
    this.stop();
    this.#untold.clear();
    this.#refused = [];
    this.#known = null;
  }

  /** Tell what the session could not be told before. */
  retry() {
    if (!this.#untold.size) return;
    this.stop();
    this.#waiting = setTimeout(() => this.#tell(), REST_MS);
  }

  /** Take over what was changed elsewhere. */
  async follow() {
    const run = this.run();
    const id = this.model.get("session_id");
    if (!id || !run?.isOpen || this.#untold.size || this.#isAsking) return;
    const changes = this.#changes;
    this.#isAsking = true;
    const told = await askSession(this.server, id).catch(() => null);
    this.#isAsking = false;
    const isCurrent = run === this.run() && id === this.model.get("session_id");
    if (told && isCurrent && changes === this.#changes) this.#take(run, told);
  }

  /**
   * @param {Run} run
   * @param {Record<string, any>} told the session as the server tells of it
   */
  #take(run, told) {
    const now = changedElsewhere(this.#known ?? this.#all(run), told);
    this.#known = told;
    if (!Object.keys(now).length) return;
    this.#isTaking = true;
    for (const [name, value] of Object.entries(now)) this.model.set(name, value);
    this.#isTaking = false;
    this.model.save_changes();
    run.note({ kind: "setting", detail: settingDetail(Object.keys(now), this.model, now) });
  }

  /** @param {Run} run */
  #all(run) {
    const names = [...TUNABLE, ...FILTERING];
    return patchSettings(names, this.model, run.pipeline, run.about.health.backpressure);
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
    const settings = patchSettings(
      changed,
      this.model,
      run.pipeline,
      run.about.health.backpressure,
    );
    const detail = settingDetail(changed, this.model, settings);
    try {
      if (Object.keys(settings).length) this.#known = await retune(this.server, id, settings);
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
