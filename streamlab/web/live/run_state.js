/** All that is shown of a run, in one place: another run begins with a new one, so that nothing stays. */

import { Metrics } from "../metrics/metrics.js";
import { ALL, filtered } from "../overlay/filter.js";
import { Readings } from "./readings.js";
import { Tally } from "./tally.js";

/**
 * @typedef {import("./run.js").Drawn} Drawn
 * @typedef {import("../overlay/filter.js").Filter} Filter
 */

export class RunState {
  metrics = new Metrics();
  readings = new Readings();
  tally = new Tally();
  /** The frame that is on show. @type {Drawn | null} */
  shown = null;
  /** What is drawn of its answer. @type {Record<string, any>} */
  visible = {};
  /** @type {import("../recording/recorder.js").Recorder | null} */
  recorder = null;
  /** What a setting of the running session was refused for. */
  refusal = "";
  #drawnIndex = -1;
  #filter = ALL;
  #isClosed = false;

  /** @param {Filter} filter */
  constructor(filter) {
    this.#filter = filter;
  }

  /** What is shown of the answers. */
  get filter() {
    return this.#filter;
  }

  /**
   * Show something else of the answers, those included that came before.
   *
   * @param {Filter} filter
   */
  set filter(filter) {
    this.#filter = filter;
    this.tally.refilter();
    if (this.shown) this.visible = filtered(this.shown.result, filter);
  }

  /**
   * Show a frame; the one before is closed.
   *
   * @param {Drawn} drawn
   * @param {number} now milliseconds
   */
  show(drawn, now) {
    if (this.#isClosed) {
      drawn.bitmap.close();
      return;
    }
    const { result, row } = drawn;
    this.shown?.bitmap.close();
    this.#drawnIndex = -1;
    this.shown = drawn;
    this.visible = filtered(result, this.#filter);
    this.readings.take(result, row.session);
    this.tally.take(now, result, this.#filter, row.session);
  }

  /**
   * A view has drawn a frame; the first one that does is counted.
   *
   * @param {Drawn} drawn
   * @param {number} now milliseconds
   */
  drawn(drawn, now) {
    if (drawn !== this.shown || drawn.row.frame_index === this.#drawnIndex) return;
    this.#drawnIndex = drawn.row.frame_index;
    this.metrics.drawn(now, now - drawn.at);
  }

  /** Show nothing any more; late answers are closed. */
  close() {
    this.#isClosed = true;
    this.shown?.bitmap.close();
    this.shown = null;
    this.visible = {};
  }
}
