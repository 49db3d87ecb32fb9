/** The transitions of a stream's life cycle, of which `life_cycle.js` has the table. Pure. */

import { Problem } from "../protocol/problems.js";
import { step } from "./state.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Status} Status
 * @typedef {import("../protocol/stream.js").Ending} Ending
 */

const FULL = "session_limit";

/**
 * The state with another status; a problem stays only as long as it is what is wrong.
 *
 * @param {State} state
 * @param {Status} status
 * @returns {State}
 */
export function entered(state, status) {
  const isTryingAgain = status === "starting" && state.attempt > 0;
  return { ...state, status, problem: isTryingAgain ? state.problem : null };
}

/**
 * The state without a run: what an earlier start still answers is ignored from now on.
 *
 * @param {State} state
 * @returns {State}
 */
export const released = (state) => ({ ...state, hasSource: false, start: state.start + 1 });

/**
 * Start from the beginning; ends whatever goes on.
 *
 * @param {State} state
 */
function begin(state) {
  return step(
    entered(released(state), "starting"),
    { type: "release" },
    { type: "clear", keepRecorder: false },
    { type: "announce" },
    { type: "open" },
  );
}

/** @param {State} state */
export const beginAnew = (state) => begin({ ...state, attempt: 0 });

/** @param {State} state */
export const stopped = (state) =>
  step(entered(released(state), "stopped"), { type: "release" }, { type: "announce" });

/**
 * @param {State} state
 * @param {Problem} problem
 */
export function failed(state, problem) {
  return step(
    { ...released(state), status: "failed", isWanted: false, problem },
    { type: "release" },
    { type: "announce" },
    { type: "request", isWanted: false },
  );
}

/**
 * @param {State} state
 * @param {Problem} problem
 */
export function lost(state, problem) {
  return step(
    { ...state, status: "lost", attempt: state.attempt + 1, problem },
    { type: "schedule_retry", attempt: state.attempt },
    { type: "announce" },
  );
}

/**
 * Try to reach a lost server again: with the source that is open, or from the beginning.
 *
 * @param {State} state
 */
export function tryAgain(state) {
  if (!state.hasSource) return begin(state);
  return step(
    entered(state, "starting"),
    { type: "cancel_retry" },
    { type: "announce" },
    { type: "connect" },
  );
}

/**
 * Stop: at once where no session is open, else when its answers have come.
 *
 * @param {State} state
 */
export function stop(state) {
  switch (state.status) {
    case "stopped":
    case "failed":
      // a kernel that asked for it takes it for `stopping` until it is sent another status
      return step(state, { type: "announce" });
    case "stopping":
      return step(state);
    case "lost":
      return stopped(state);
    default:
      if (!state.hasSource) return stopped(state);
      return step(entered(state, "stopping"), { type: "drain" }, { type: "announce" });
  }
}

/**
 * Settings have changed: what the last run failed of may be mended.
 *
 * @param {State} state
 */
export function withdraw(state) {
  const next = state.status === "failed" ? entered(state, "stopped") : state;
  return step(next, { type: "announce" });
}

/**
 * Stream what is chosen now: a recording has one source, pipeline and size of frames.
 *
 * @param {State} state
 */
export function restart(state) {
  return state.viewers ? beginAnew(state) : step(state);
}

/**
 * @param {State} state
 * @param {{ending: Ending}} event
 */
export function ended(state, { ending }) {
  const { error, detail } = ending;
  if (ending.asked) return stopped(state);
  // a server that was lost may still count the session that was lost with it
  if (error && !(error === FULL && state.attempt)) return failed(state, new Problem(error, detail));
  const next = lost(state, error ? new Problem(error, detail) : new Problem("lost"));
  if (!ending.wasOpen) next.effects.push({ type: "ask_reason" });
  return next;
}

/**
 * @param {State} state
 * @param {{problem: Problem}} event
 */
export const fail = (state, { problem }) => failed(state, problem);

/** @param {State} state */
export const stream = (state) =>
  step(entered({ ...state, attempt: 0 }, "streaming"), { type: "announce" });
