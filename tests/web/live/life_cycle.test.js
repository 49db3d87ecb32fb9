/** The life cycle of a stream: every event in every state. */

import assert from "node:assert/strict";
import test from "node:test";

import { Dispatcher } from "../../../streamlab/web/live/dispatcher.js";
import { reduce } from "../../../streamlab/web/live/life_cycle.js";
import { initial, STATUSES } from "../../../streamlab/web/live/state.js";
import { Problem } from "../../../streamlab/web/protocol/problems.js";
import { SEEDS, Seeded } from "../seeded.js";

/**
 * @typedef {import("../../../streamlab/web/live/state.js").State} State
 * @typedef {import("../../../streamlab/web/live/state.js").Event} Event
 * @typedef {import("../../../streamlab/web/live/state.js").Effect} Effect
 */

const START = 7;
const LOST = new Problem("lost");
const NO_CAMERA = new Problem("no_camera");
const NOT_ALLOWED = new Problem("not_allowed");
const source = /** @type {any} */ ({ name: "camera" });
const about = /** @type {any} */ ({ pipelines: [] });

const BASE = { ...initial(true), viewers: 1, start: START };
/** @type {Record<string, State>} */
const STATES = {
  stopped: { ...BASE, isWanted: false },
  "stopped, server unknown": { ...BASE, isWanted: false, problem: LOST, attempt: 1 },
  opening: { ...BASE, status: "starting" },
  "opening again": { ...BASE, status: "starting", attempt: 2, problem: LOST },
  connecting: { ...BASE, status: "starting", hasSource: true },
  "connecting again": { ...BASE, status: "starting", hasSource: true, attempt: 1, problem: LOST },
  loading: { ...BASE, status: "loading", hasSource: true },
  streaming: { ...BASE, status: "streaming", hasSource: true },
  stopping: { ...BASE, status: "stopping", hasSource: true, isWanted: false },
  "lost, source open": { ...BASE, status: "lost", hasSource: true, attempt: 1, problem: LOST },
  "lost, no source": { ...BASE, status: "lost", attempt: 1, problem: LOST },
  failed: { ...BASE, status: "failed", isWanted: false, problem: NO_CAMERA },
};

const ENDING = { error: null, detail: "", closeCode: 1006, wasOpen: true, asked: false };
/**
 * @param {object} ending
 * @returns {Event}
 */
const ended = (ending) => ({ type: "ended", start: START, ending: { ...ENDING, ...ending } });

/** @type {Record<string, Event>} */
const EVENTS = {
  "running asked for": { type: "running", isWanted: true },
  "running no longer asked for": { type: "running", isWanted: false },
  "view joined": { type: "joined" },
  "last view left": { type: "left" },
  "source changed": { type: "source_changed" },
  "size changed": { type: "size_changed" },
  "setting changed": { type: "setting_changed" },
  describe: { type: "describe" },
  retry: { type: "retry" },
  "retry due": { type: "retry_due" },
  closed: { type: "closed" },
  described: { type: "described", start: START },
  "not described: lost": { type: "not_described", start: START, problem: LOST },
  "not described: not allowed": { type: "not_described", start: START, problem: NOT_ALLOWED },
  opened: { type: "opened", start: START, source, about },
  "not opened: lost": { type: "not_opened", start: START, problem: LOST },
  "not opened: no camera": { type: "not_opened", start: START, problem: NO_CAMERA },
  loading: { type: "loading", start: START },
  streaming: { type: "streaming", start: START },
  "ended as asked": ended({ asked: true, closeCode: 1000 }),
  "ended by an error": ended({ error: "pipeline_failure", detail: "node 'a'", closeCode: 1011 }),
  "ended by a full server": ended({ error: "session_limit", detail: "10", closeCode: 1013 }),
  "connection lost": ended({}),
  "connection refused": ended({ wasOpen: false }),
  refused: { type: "refused", start: START, problem: NOT_ALLOWED },
  "run failed": { type: "run_failed", start: START, problem: NO_CAMERA },
};

const BEGUN = ["starting", "release", "clear", "announce", "open"];
const STOPPED = ["stopped", "release", "announce"];
const FAILED = ["failed", "release", "announce", "request"];
const DRAINED = ["stopping", "drain", "announce"];
const LOST_NOW = ["lost", "schedule_retry", "announce"];
const CLOSED = ["stopped", "cancel_leave", "release"];
const PLAYED = ["starting", "play", "announce", "connect"];

/** What every status that streams, or is about to, does alike. */
const BUSY = /** @type {(status: string) => Record<string, string[]>} */ (
  (status) => ({
    "running asked for": BEGUN,
    "view joined": [status, "cancel_leave"],
    "last view left": [status, "leave_soon"],
    "source changed": BEGUN,
    "size changed": BEGUN,
    "setting changed": [status, "announce"],
    closed: CLOSED,
  })
);
/** What a status does alike in which nothing streams. */
const IDLE = /** @type {(status: string) => Record<string, string[]>} */ (
  (status) => ({
    "running asked for": BEGUN,
    "running no longer asked for": [status, "announce"],
    "view joined": [status, "cancel_leave"],
    "last view left": [status, "leave_soon"],
    "source changed": ["stopped", "clear", "announce"],
    "size changed": ["stopped", "announce"],
    "setting changed": ["stopped", "announce"],
    describe: [status, "describe"],
    described: [status, "announce"],
    closed: CLOSED,
  })
);
const OPENING = {
  ...BUSY("starting"),
  "running no longer asked for": STOPPED,
  opened: PLAYED,
  "not opened: lost": LOST_NOW,
  "not opened: no camera": FAILED,
};
const CONNECTED = {
  "running no longer asked for": DRAINED,
  streaming: ["streaming", "announce"],
  "ended as asked": STOPPED,
  "ended by an error": FAILED,
  "ended by a full server": FAILED,
  "connection lost": LOST_NOW,
  "connection refused": [...LOST_NOW, "ask_reason"],
  "run failed": FAILED,
};
const CONNECTING = {
  ...BUSY("starting"),
  ...CONNECTED,
  loading: ["loading", "announce"],
  refused: FAILED,
  // the run could not be begun with the source that was opened
  "not opened: lost": FAILED,
  "not opened: no camera": FAILED,
};
const AWAY = {
  ...BUSY("lost"),
  "running no longer asked for": STOPPED,
  refused: FAILED,
  "run failed": FAILED,
};
const IDLE_AND_STOPPED = {
  ...IDLE("stopped"),
  retry: ["stopped", "describe"],
  "retry due": ["stopped", "describe"],
  "not described: lost": ["stopped", "schedule_retry", "announce"],
  "not described: not allowed": ["stopped", "announce"],
};

/** By state and event: the next status and the effects; an event that is not here is ignored. */
const EXPECTED = /** @type {Record<string, Record<string, string[]>>} */ ({
  stopped: IDLE_AND_STOPPED,
  "stopped, server unknown": IDLE_AND_STOPPED,
  opening: OPENING,
  "opening again": OPENING,
  connecting: CONNECTING,
  // a server that was lost may still count the session that was lost with it
  "connecting again": { ...CONNECTING, "ended by a full server": LOST_NOW },
  loading: { ...BUSY("loading"), ...CONNECTED },
  streaming: { ...BUSY("streaming"), ...CONNECTED, streaming: [] },
  stopping: {
    ...BUSY("stopping"),
    // streaming is not asked for: what is chosen now is for the next start
    "source changed": ["stopping", "clear", "announce"],
    "size changed": ["stopping", "announce"],
    "ended as asked": STOPPED,
    "ended by an error": STOPPED,
    "ended by a full server": STOPPED,
    "connection lost": STOPPED,
    "connection refused": STOPPED,
    "run failed": FAILED,
  },
  "lost, source open": {
    ...AWAY,
    retry: ["starting", "cancel_retry", "announce", "connect"],
    "retry due": ["starting", "cancel_retry", "announce", "connect"],
  },
  "lost, no source": { ...AWAY, retry: BEGUN, "retry due": BEGUN },
  failed: { ...IDLE("failed"), retry: ["failed", "request"] },
});
/** Events that are ignored though the status changes nothing but what it counts. */
const COUNTS = ["running asked for", "running no longer asked for"];

test("every status has a state here", () => {
  const seen = new Set(Object.values(STATES).map(({ status }) => status));
  assert.deepEqual([...seen].sort(), [...STATUSES].sort());
});

for (const [name, state] of Object.entries(STATES)) {
  for (const [what, event] of Object.entries(EVENTS)) {
    const expected = EXPECTED[name][what] ?? [];
    const words = expected.length ? expected.join(", ") : "ignored";
    test(`${name} + ${what}: ${words}`, () => {
      const before = structuredClone({ ...state, problem: null });
      const { state: next, effects } = reduce(state, event);
      assert.deepEqual({ ...state, problem: null }, before, "the state that came in is unchanged");
      if (!expected.length) {
        assert.deepEqual(effects, []);
        assert.deepEqual(
          COUNTS.includes(what) ? { ...next, isWanted: state.isWanted } : next,
          state,
        );
        return;
      }
      assert.deepEqual([next.status, ...effects.map(({ type }) => type)], expected);
    });
  }
}

for (const [name, state] of Object.entries(STATES)) {
  test(`${name}: results of an earlier start are ignored, and its source is closed`, () => {
    for (const event of Object.values(EVENTS)) {
      if (!("start" in event)) continue;
      const { state: next, effects } = reduce(state, { ...event, start: START - 1 });
      assert.equal(next, state);
      const discarded = event.type === "opened" ? [{ type: "discard", source }] : [];
      assert.deepEqual(effects, discarded);
    }
  });

  test(`${name}: without a view nothing starts`, () => {
    const unseen = { ...state, viewers: 0 };
    for (const type of /** @type {const} */ (["source_changed", "size_changed"])) {
      const { effects } = reduce({ ...unseen, isWanted: true }, { type });
      assert.deepEqual(effects, []);
    }
    const { state: next, effects } = reduce(unseen, { type: "running", isWanted: true });
    assert.deepEqual([next.status, next.isWanted, effects], [state.status, true, []]);
  });
}

/**
 * The states and effects of events that follow each other.
 *
 * @param {State} state
 * @param {(Record<string, any> & {type: Event["type"]})[]} events of the start that goes on
 */
function after(state, ...events) {
  /** @type {Effect[]} */
  const effects = [];
  let now = state;
  for (const event of events) {
    const next = reduce(now, /** @type {any} */ ({ start: now.start, ...event }));
    now = next.state;
    effects.push(...next.effects);
  }
  return { state: now, effects };
}

const OPENED = { type: /** @type {const} */ ("opened"), source, about };
const STREAMING = { type: /** @type {const} */ ("streaming") };
const GONE = { type: /** @type {const} */ ("ended"), ending: ENDING };
const FULL = { ...GONE, ending: { ...ENDING, error: "session_limit", detail: "10" } };

test("what was asked for before the first view came begins with it", () => {
  const { state, effects } = after(initial(true), { type: "joined" });
  assert.equal(state.status, "starting");
  assert.deepEqual(
    effects.map(({ type }) => type),
    ["cancel_leave", ...BEGUN.slice(1)],
  );
});

test("a second view begins nothing anew", () => {
  const { state } = after(initial(true), { type: "joined" }, OPENED, STREAMING);
  const joined = after(state, { type: "joined" });
  assert.deepEqual([joined.state.status, joined.state.viewers], ["streaming", 2]);
  assert.deepEqual(after(joined.state, { type: "left" }).effects, []);
});

test("each attempt to reach a lost server is later than the one before, until it is reached", () => {
  const { state, effects } = after(
    STATES.streaming,
    GONE,
    { type: "retry_due" },
    GONE,
    { type: "retry_due" },
    FULL,
  );
  const attempts = effects.flatMap((effect) =>
    effect.type === "schedule_retry" ? [effect.attempt] : [],
  );
  assert.deepEqual(attempts, [0, 1, 2]);
  assert.equal(state.problem?.code, "session_limit");
  const found = after(state, { type: "retry" }, STREAMING);
  assert.deepEqual([found.state.attempt, found.state.problem], [0, null]);
});

test("while a lost server is tried again, what is wrong is still that it is lost", () => {
  for (const name of ["lost, source open", "lost, no source"]) {
    const { state } = after(STATES[name], { type: "retry_due" });
    assert.deepEqual([state.status, state.problem, state.attempt], ["starting", LOST, 1]);
    assert.equal(after(state, { type: "setting_changed" }).state.problem, LOST);
  }
});

test("a new start clears what went wrong before", () => {
  for (const state of Object.values(STATES)) {
    const { state: next } = after(state, { type: "running", isWanted: true });
    assert.deepEqual([next.status, next.problem, next.attempt], ["starting", null, 0]);
  }
});

test("a failure asks for no more streaming, and a retry asks for it again", () => {
  const { state, effects } = after(STATES.streaming, { type: "run_failed", problem: NO_CAMERA });
  assert.deepEqual([state.isWanted, state.problem], [false, NO_CAMERA]);
  assert.deepEqual(effects.at(-1), { type: "request", isWanted: false });
  assert.deepEqual(after(state, { type: "retry" }).effects, [{ type: "request", isWanted: true }]);
});

test("what was recorded stays when another source is chosen and goes when a run begins", () => {
  const kept = after(STATES.stopped, { type: "source_changed" }).effects;
  assert.deepEqual(kept[0], { type: "clear", keepRecorder: true });
  const begun = after(STATES.stopped, { type: "running", isWanted: true }).effects;
  assert.deepEqual(begun[1], { type: "clear", keepRecorder: false });
});

test("whatever comes, a run has one source, a problem is what is wrong, and a stop ends it", () => {
  const events = Object.values(EVENTS);
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    let state = initial(false);
    for (let count = 0; count < 60; count += 1) {
      const isLate = random.next() < 0.1;
      /** @type {Event} */
      let event = { .../** @type {any} */ (random.pick(events)) };
      if ("start" in event) event = { ...event, start: state.start - Number(isLate) };
      if (event.type === "left" && !state.viewers) continue;
      const had = state;
      const { state: next, effects } = reduce(state, event);
      state = next;
      const types = effects.map(({ type }) => type);
      const isIdle = state.status === "stopped" || state.status === "failed";
      assert.ok(STATUSES.includes(state.status));
      assert.ok(!(isIdle && state.hasSource));
      assert.ok(!types.includes("connect") || state.hasSource);
      assert.ok(!types.includes("play") || !had.hasSource || event.type === "opened");
      assert.equal(types.includes("release"), state.start === had.start + 1);
      if (state.status === "lost" || state.status === "failed") assert.ok(state.problem);
      if (state.status === "loading" || state.status === "streaming")
        assert.equal(state.problem, null);
    }
    const { state: over } = after(state, { type: "running", isWanted: false }, GONE);
    assert.ok(["stopped", "failed"].includes(over.status), `${state.status} to ${over.status}`);
  }
});

test("an event that comes from an effect waits until the effects before it are carried out", () => {
  /** @type {string[]} */
  const carriedOut = [];
  const dispatcher = new Dispatcher(false, ({ type }) => {
    carriedOut.push(type);
    if (type === "clear") dispatcher.dispatch({ type: "running", isWanted: false });
  });
  dispatcher.dispatch({ type: "joined" });
  dispatcher.dispatch({ type: "running", isWanted: true });
  assert.deepEqual(carriedOut, ["cancel_leave", ...BEGUN.slice(1), ...STOPPED.slice(1)]);
  assert.equal(dispatcher.state.status, "stopped");
});

test("an effect that fails leaves the events after it to be taken", () => {
  let isBroken = true;
  const dispatcher = new Dispatcher(false, () => {
    if (isBroken) throw new Error("broken");
  });
  assert.throws(() => dispatcher.dispatch({ type: "joined" }), /broken/);
  isBroken = false;
  dispatcher.dispatch({ type: "running", isWanted: true });
  assert.equal(dispatcher.state.status, "starting");
});
