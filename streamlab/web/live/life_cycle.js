/**
 * The life cycle of a live stream: what each event does in each state. Pure: a state and an event come
 * in, the next state and the effects to carry out come back; there is no clock, socket or page here.
 *
 * | status | meaning |
 * | --- | --- |
 * | `stopped` | nothing is streamed |
 * | `starting` | the source is being opened or, once it is, a session connected to |
 * | `loading` | the session is open and the server loads its models |
 * | `streaming` | frames are sent |
 * | `stopping` | no frame is sent any more, answers are still due |
 * | `lost` | the server cannot be had; another attempt is scheduled |
 * | `failed` | `problem` ended it; nothing is tried until it is asked for |
 *
 * An event that neither `TABLE` has for a status nor `IN_EVERY_STATUS` is ignored in it.
 *
 * | effect | what it does, and the events that it leads to |
 * | --- | --- |
 * | `announce` | publish status and problem |
 * | `clear` | show nothing of an earlier run any more |
 * | `describe` | ask the server what it has: `described` or `not_described` |
 * | `open` | ask it, and open the source: `opened` or `not_opened` |
 * | `discard` | close a source that was opened too late |
 * | `play` | begin a run of the source: `run_failed` when it can send no more |
 * | `connect` | open a session of the run: `loading`, `streaming` and `ended` |
 * | `drain` | close the source, and the session when its answers have come: `ended` |
 * | `release` | end the run, if there is one, and forget a scheduled attempt |
 * | `schedule_retry`, `cancel_retry` | later, the longer the server is away: `retry_due` |
 * | `ask_reason` | ask the server why it refused a socket: `refused`, unless it cannot be reached |
 * | `request` | set the model's `running`: `running` |
 * | `leave_soon`, `cancel_leave` | set it to false, unless a view joins at once |
 */

import { Problem } from "../protocol/problems.js";

/**
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
const FULL = "session_limit";

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
 * @param {State} state
 * @param {...Effect} effects
 * @returns {Step}
 */
const step = (state, ...effects) => ({ state, effects });

/**
 * The state with another status; a problem stays only as long as it is what is wrong.
 *
 * @param {State} state
 * @param {Status} status
 * @returns {State}
 */
function entered(state, status) {
  const isTryingAgain = status === "starting" && state.attempt > 0;
  return { ...state, status, problem: isTryingAgain ? state.problem : null };
}

/**
 * The state without a run: what an earlier start still answers is ignored from now on.
 *
 * @param {State} state
 * @returns {State}
 */
const released = (state) => ({ ...state, hasSource: false, start: state.start + 1 });

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
const beginAnew = (state) => begin({ ...state, attempt: 0 });

/** @param {State} state */
const stopped = (state) =>
  step(entered(released(state), "stopped"), { type: "release" }, { type: "announce" });

/**
 * @param {State} state
 * @param {Problem} problem
 */
function failed(state, problem) {
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
function lost(state, problem) {
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
function tryAgain(state) {
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
function stop(state) {
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
function withdraw(state) {
  const next = state.status === "failed" ? entered(state, "stopped") : state;
  return step(next, { type: "announce" });
}

/**
 * Stream what is chosen now: a recording has one source, pipeline and size of frames.
 *
 * @param {State} state
 */
function restart(state) {
  return state.viewers ? beginAnew(state) : step(state);
}

/**
 * @param {State} state
 * @param {{ending: Ending}} event
 */
function ended(state, { ending }) {
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
const fail = (state, { problem }) => failed(state, problem);

/** @param {State} state */
const stream = (state) =>
  step(entered({ ...state, attempt: 0 }, "streaming"), { type: "announce" });

/** @param {State} state */
const describe = (state) => step(state, { type: "describe" });

/** @type {Record<string, (state: State, event: any) => Step>} */
const IN_EVERY_STATUS = {
  running(state, { isWanted }) {
    const next = { ...state, isWanted };
    return isWanted ? restart(next) : stop(next);
  },
  joined(state) {
    const next = { ...state, viewers: state.viewers + 1 };
    const isIdle = state.status === "stopped" || state.status === "failed";
    const { state: after, effects } = isIdle && state.isWanted ? beginAnew(next) : step(next);
    return step(after, { type: "cancel_leave" }, ...effects);
  },
  left(state) {
    const viewers = state.viewers - 1;
    // a cell that is moved, or shown anew, takes its view away for a moment
    return viewers
      ? step({ ...state, viewers })
      : step({ ...state, viewers }, { type: "leave_soon" });
  },
  source_changed(state) {
    if (state.isWanted) return restart(state);
    // a picture of another source is not shown on; what is recorded of it can still be saved
    const { state: next, effects } = withdraw(state);
    return step(next, { type: "clear", keepRecorder: true }, ...effects);
  },
  size_changed: (state) => (state.isWanted ? restart(state) : withdraw(state)),
  setting_changed: withdraw,
  closed: (state) =>
    step(entered(released(state), "stopped"), { type: "cancel_leave" }, { type: "release" }),
};

/**
 * Transitions by status, of which `starting` has two: the source is opened, then a session.
 *
 * @type {Record<string, Record<string, (state: State, event: any) => Step>>}
 */
const TABLE = {
  stopped: {
    describe,
    retry: describe,
    retry_due: describe,
    described: (state) => step({ ...state, problem: null }, { type: "announce" }),
    not_described(state, { problem }) {
      if (problem.code !== "lost") return step({ ...state, problem }, { type: "announce" });
      return { ...lost(state, problem), state: { ...state, problem, attempt: state.attempt + 1 } };
    },
  },
  opening: {
    opened: (state, { source, about }) =>
      step(
        entered({ ...state, hasSource: true }, "starting"),
        { type: "play", source, about },
        { type: "announce" },
        { type: "connect" },
      ),
    not_opened: (state, { problem }) =>
      problem.code === "lost" ? lost(state, problem) : failed(state, problem),
  },
  connecting: {
    loading: (state) => step(entered(state, "loading"), { type: "announce" }),
    streaming: stream,
    ended,
    refused: fail,
    run_failed: fail,
    not_opened: fail,
  },
  loading: { streaming: stream, ended, run_failed: fail },
  streaming: { ended, run_failed: fail },
  stopping: { ended: stopped, run_failed: fail },
  lost: { retry: tryAgain, retry_due: tryAgain, refused: fail, run_failed: fail },
  failed: {
    describe,
    described: (state) => step(state, { type: "announce" }),
    retry: (state) => step(state, { type: "request", isWanted: true }),
  },
};

/**
 * What an event does in a state.
 *
 * @param {State} state
 * @param {Event} event
 * @returns {Step}
 */
export function reduce(state, event) {
  if ("start" in event && event.start !== state.start) {
    return event.type === "opened"
      ? step(state, { type: "discard", source: event.source })
      : step(state);
  }
  const { status, hasSource } = state;
  const starting = hasSource ? "connecting" : "opening";
  const phase = status === "starting" ? starting : status;
  const transition = TABLE[phase][event.type] ?? IN_EVERY_STATUS[event.type];
  return transition ? transition(state, event) : step(state);
}
