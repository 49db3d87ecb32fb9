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

import { step } from "./state.js";
import {
  beginAnew,
  ended,
  entered,
  fail,
  failed,
  lost,
  released,
  restart,
  stop,
  stopped,
  stream,
  tryAgain,
  withdraw,
} from "./transitions.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Event} Event
 * @typedef {import("./state.js").Step} Step
 */

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
