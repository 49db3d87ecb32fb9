/** The state of a stream's life cycle, its events and its effects: `life_cycle.js` says what each means. */

/**
 * @typedef {import("../protocol/problems.js").Problem} Problem
 * @typedef {import("../protocol/server.js").About} About
 * @typedef {import("../protocol/stream.js").Ending} Ending
 * @typedef {import("../capture/source.js").Source} Source
 *
 * @typedef {"stopped" | "starting" | "loading" | "streaming" | "stopping" | "lost" | "failed"} Status
 *
 * @typedef {object} State
 * @property {Status} status
 * @property {boolean} isWanted whether streaming is asked for: the model's `running`
 * @property {number} viewers views that show the stream; without one nothing starts
 * @property {boolean} hasSource whether the source is open
 * @property {number} attempt attempts to reach the server since it was last reached
 * @property {number} start generation counter: results of an earlier start are ignored
 * @property {Problem | null} problem
 *
 * @typedef {{type: "running", isWanted: boolean}
 *   | {type: "joined"} | {type: "left"}
 *   | {type: "source_changed"} | {type: "size_changed"} | {type: "setting_changed"}
 *   | {type: "describe"} | {type: "retry"} | {type: "retry_due"} | {type: "closed"}
 *   | {type: "described", start: number}
 *   | {type: "not_described", start: number, problem: Problem}
 *   | {type: "opened", start: number, source: Source, about: About}
 *   | {type: "not_opened", start: number, problem: Problem}
 *   | {type: "loading", start: number}
 *   | {type: "streaming", start: number}
 *   | {type: "ended", start: number, ending: Ending}
 *   | {type: "refused", start: number, problem: Problem}
 *   | {type: "run_failed", start: number, problem: Problem}} Event
 *
 * @typedef {{type: "announce" | "describe" | "open" | "connect" | "drain" | "release" | "cancel_retry"
 *     | "ask_reason" | "leave_soon" | "cancel_leave"}
 *   | {type: "clear", keepRecorder: boolean}
 *   | {type: "discard", source: Source}
 *   | {type: "play", source: Source, about: About}
 *   | {type: "schedule_retry", attempt: number}
 *   | {type: "request", isWanted: boolean}} Effect
 *
 * @typedef {{state: State, effects: Effect[]}} Step
 */

/** @type {Status[]} */
export const STATUSES = [
  "stopped",
  "starting",
  "loading",
  "streaming",
  "stopping",
  "lost",
  "failed",
];

/**
 * The state before anything has happened.
 *
 * @param {boolean} isWanted
 * @returns {State}
 */
export function initial(isWanted) {
  return {
    status: "stopped",
    isWanted,
    viewers: 0,
    hasSource: false,
    attempt: 0,
    start: 0,
    problem: null,
  };
}

/**
 * A state that is entered, and what is to be carried out then.
 *
 * @param {State} state
 * @param {...Effect} effects
 * @returns {Step}
 */
export const step = (state, ...effects) => ({ state, effects });
