/**
 * Keeps the settings of a view and of its session the same: sends the session those that are changed
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

export class SettingsSync {
  /** Settings that the session does not have yet. @type {Set<string>} */
  #unsent = new Set();
  /** Settings that it refused: they are sent again with the next one. @type {string[]} */
  #refused = [];
  /** The session's settings as the server described them last. @type {Record<string, any> | null} */
  #known = null;
  /** Counts what is changed here: an answer from before such a change says nothing of it. */
  #changes = 0;
  #isFetching = false;
  #isTakingOver = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;

  /**
   * @param {Model} model
   * @param {Server} server
   * @param {() => Run | null} run that goes on now
   * @param {(refusal: string) => void} onAnswer with what a setting was refused for, or ""
   */
  constructor(model, server, run, onAnswer) {
    this.model = model;
    this.server = server;
    this.run = run;
    this.onAnswer = onAnswer;
  }

  /**
   * Settings have changed.
   *
   * @param {...string} names
   */
  changed(...names) {
    if (this.#isTakingOver) return;
    this.#changes += 1;
    for (const name of [...names, ...this.#refused]) this.#unsent.add(name);
    this.#refused = [];
    this.sendSoon();
  }

  /** A session begins whose address has all settings. */
  begin() {
    this.stop();
    this.#unsent.clear();
    this.#refused = [];
    this.#known = null;
  }

  /** Send what the session does not have yet, once the sliders rest. */
  sendSoon() {
    if (!this.#unsent.size) return;
    this.stop();
    this.#waiting = setTimeout(() => this.#send(), REST_MS);
  }

  /** Take over what was changed elsewhere. */
  async fetch() {
    const run = this.run();
    const id = this.model.get("session_id");
    if (!id || !run?.isOpen || this.#unsent.size || this.#isFetching) return;
    const changes = this.#changes;
    this.#isFetching = true;
    const session = await askSession(this.server, id).catch(() => null);
    this.#isFetching = false;
    const isCurrent = run === this.run() && id === this.model.get("session_id");
    if (session && isCurrent && changes === this.#changes) this.#takeOver(run, session);
  }

  /**
   * @param {Run} run
   * @param {Record<string, any>} session as the server describes it
   */
  #takeOver(run, session) {
    const now = changedElsewhere(this.#known ?? this.#all(run), session);
    this.#known = session;
    if (!Object.keys(now).length) return;
    this.#isTakingOver = true;
    for (const [name, value] of Object.entries(now)) this.model.set(name, value);
    this.#isTakingOver = false;
    this.model.save_changes();
    run.note({ kind: "setting", detail: settingDetail(Object.keys(now), this.model, now) });
  }

  /** @param {Run} run */
  #all(run) {
    const names = [...TUNABLE, ...FILTERING];
    return patchSettings(names, this.model, run.pipeline, run.about.health.backpressure);
  }

  /** Send nothing more. */
  stop() {
    clearTimeout(this.#waiting);
  }

  async #send() {
    const run = this.run();
    const id = this.model.get("session_id");
    if (!id || !run?.isOpen) return;
    const changed = [...this.#unsent];
    this.#unsent.clear();
    const defaults = run.about.health.backpressure;
    const settings = patchSettings(changed, this.model, run.pipeline, defaults);
    const detail = settingDetail(changed, this.model, settings);
    try {
      if (Object.keys(settings).length) this.#known = await retune(this.server, id, settings);
      run.note({ kind: "setting", detail });
      if (run === this.run()) this.onAnswer("");
    } catch (error) {
      if (run !== this.run()) return;
      const problem = Problem.of(error);
      if (problem.code === "lost") for (const name of changed) this.#unsent.add(name);
      else this.#refused = changed;
      this.onAnswer(problem.line);
    }
  }
}
