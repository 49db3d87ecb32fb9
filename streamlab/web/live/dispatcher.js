/** Takes events through the life cycle, one after the other, and has their effects carried out. */

import { reduce } from "./life_cycle.js";
import { initial } from "./state.js";

/**
 * @typedef {import("./state.js").Effect} Effect
 * @typedef {import("./state.js").Event} Event
 */

export class Dispatcher {
  #carryOut;
  /** Events that came while the effects of another one are carried out. @type {Event[]} */
  #events = [];
  #isBusy = false;

  /**
   * @param {boolean} isWanted whether streaming is asked for already
   * @param {(effect: Effect) => void} carryOut may dispatch events, which then wait for their turn
   */
  constructor(isWanted, carryOut) {
    this.state = initial(isWanted);
    this.#carryOut = carryOut;
  }

  /** @param {Event} event */
  dispatch(event) {
    this.#events.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        const { state, effects } = reduce(this.state, next);
        this.state = state;
        for (const effect of effects) this.#carryOut(effect);
      }
    } finally {
      this.#isBusy = false;
    }
  }
}
