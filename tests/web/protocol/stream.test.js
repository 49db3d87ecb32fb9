import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { backoff, Stream, socketUrl, streamUrl } from "../../../streamlab/web/protocol/stream.js";
import { SEEDS, Seeded } from "../seeded.js";

/** What a `Stream` needs of a WebSocket; the test plays the server and the network. */
class StandIn {
  readyState = 0;
  bufferedAmount = 0;
  /** @type {ArrayBuffer[]} */
  sent = [];
  /** @type {number[]} */
  closedWith = [];
  onopen = () => {};
  /** @type {(event: {data: string}) => void} */
  onmessage = () => {};
  /** @type {(event: {code: number, reason: string}) => void} */
  onclose = () => {};

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /** @param {ArrayBuffer} data */
  send(data) {
    assert.equal(this.readyState, 1, "nothing can be sent");
    this.sent.push(data);
  }

  /** @param {number} code */
  close(code) {
    this.closedWith.push(code);
    if (this.readyState < 2) this.readyState = 2;
  }

  opens() {
    this.readyState = 1;
    this.onopen();
  }

  /** @param {object} message */
  says(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   */
  closes(code, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}

/**
 * A stream, its socket, and its calls back. What is kept of a frame is its number.
 */
function made() {
  /** @type {{socket?: StandIn}} */
  const caught = {};
  const Socket = class extends StandIn {
    /** @param {string} url */
    constructor(url) {
      super(url);
      caught.socket = this;
    }
  };
  const calls = {
    opened: 0,
    /** @type {[string, any][]} */
    answers: [],
    /** @type {number[]} */
    slowDowns: [],
    /** @type {{ending: import("../../../streamlab/web/protocol/stream.js").Ending, first?: string, rest: string[]}[]} */
    endings: [],
  };
  /** @type {Stream<string>} */
  const stream = new Stream(
    "ws://x/ws",
    {
      opened: () => (calls.opened += 1),
      answered: (kept, answer) => calls.answers.push([kept, answer]),
      slowDown: (fps) => calls.slowDowns.push(fps),
      ended: (ending, first, rest) => calls.endings.push({ ending, first, rest }),
    },
    /** @type {any} */ (Socket),
  );
  const socket = /** @type {StandIn} */ (caught.socket);
  return { stream, socket, calls };
}

/** @param {number} frames */
function streaming(frames) {
  const all = made();
  all.socket.opens();
  for (let frame = 0; frame < frames; frame += 1)
    all.stream.send(new ArrayBuffer(9), `frame ${frame}`);
  return all;
}

test("frames can be sent once the server has accepted", () => {
  const { stream, socket, calls } = made();
  assert.equal(socket.url, "ws://x/ws");
  assert.ok(!stream.isOpen);
  socket.opens();
  assert.ok(stream.isOpen);
  assert.equal(calls.opened, 1);
  assert.equal(stream.send(new ArrayBuffer(5), "a"), 0);
  assert.equal(stream.send(new ArrayBuffer(6), "b"), 1);
  assert.deepEqual(
    socket.sent.map((jpeg) => jpeg.byteLength),
    [5, 6],
  );
  assert.equal(stream.awaited, 2);
  socket.bufferedAmount = 77;
  assert.equal(stream.unsentBytes, 77);
});

test("an answer comes back with what was kept of its own frame", () => {
  const { stream, socket, calls } = streaming(3);
  socket.says({ frame_index: 2, result: { detections: [] } });
  socket.says({ frame_index: 0, dropped: true, server: { cause: "overflow" } });
  assert.deepEqual(calls.answers, [
    ["frame 2", { frame_index: 2, result: { detections: [] } }],
    ["frame 0", { frame_index: 0, dropped: true, server: { cause: "overflow" } }],
  ]);
  assert.equal(stream.awaited, 1);
});

test("an answer to a frame that is not awaited is nobody's", () => {
  const { stream, socket, calls } = streaming(1);
  socket.says({ frame_index: 5, result: {} });
  socket.says({ frame_index: 0, result: {} });
  socket.says({ frame_index: 0, result: {} });
  assert.deepEqual(
    calls.answers.map(([kept]) => kept),
    ["frame 0"],
  );
  assert.equal(stream.awaited, 0);
});

test("a session goes on when every frame so far is answered", () => {
  const { stream, socket } = streaming(1);
  socket.says({ frame_index: 0, result: {} });
  assert.ok(stream.isOpen);
  assert.deepEqual(socket.closedWith, []);
});

test("a request to slow down is handed on, and what is not known is passed over", () => {
  const { socket, calls } = streaming(1);
  socket.says({ warning: "slow_down", target_fps: 7.5 });
  socket.says({ warning: "something_new", target_fps: 3 });
  socket.says({ hello: 1 });
  assert.deepEqual(calls.slowDowns, [7.5]);
  assert.deepEqual(calls.answers, []);
});

test("an error is the answer of the first frame that has none; the rest have none", () => {
  const { stream, socket, calls } = streaming(4);
  socket.says({ frame_index: 0, result: {} });
  socket.says({ frame_index: 2, result: {} });
  socket.says({ error: "invalid_frame", detail: "no JPEG" });
  assert.ok(!stream.isOpen, "nothing more is sent");
  assert.deepEqual(calls.endings, [], "it has ended when the socket is closed");
  socket.closes(1007, "invalid_frame");
  assert.deepEqual(calls.endings, [
    {
      ending: {
        error: "invalid_frame",
        detail: "no JPEG",
        closeCode: 1007,
        wasOpen: true,
        asked: false,
      },
      first: "frame 1",
      rest: ["frame 3"],
    },
  ]);
});

test("an error before any frame has no first one", () => {
  const { socket, calls } = made();
  socket.opens();
  socket.says({ error: "session_limit", detail: "3 sessions are live" });
  socket.closes(1013);
  assert.equal(calls.endings[0].ending.error, "session_limit");
  assert.equal(calls.endings[0].first, undefined);
  assert.deepEqual(calls.endings[0].rest, []);
});

test("a server that goes away without a word leaves every frame without an answer", () => {
  const { socket, calls } = streaming(2);
  socket.closes(1006, "gone");
  const [{ ending, first, rest }] = calls.endings;
  assert.deepEqual(ending, {
    error: null,
    detail: "gone",
    closeCode: 1006,
    wasOpen: true,
    asked: false,
  });
  assert.deepEqual([first, rest], [undefined, ["frame 0", "frame 1"]]);
});

test("a server that never accepts was never open", () => {
  const { socket, calls } = made();
  socket.closes(1006);
  assert.equal(calls.endings[0].ending.wasOpen, false);
  assert.equal(calls.opened, 0);
});

test("a connection that is given up is lost at once, once, with all that was awaited", () => {
  const { stream, socket, calls } = streaming(2);
  socket.says({ frame_index: 0, result: {} });
  stream.abandon();
  const { onclose } = socket;
  assert.equal(onclose, null, "nothing is heard of it any more");
  stream.abandon();
  assert.equal(calls.endings.length, 1);
  const [{ ending, rest }] = calls.endings;
  assert.deepEqual([ending.error, ending.closeCode, ending.asked], [null, 1006, false]);
  assert.deepEqual(rest, ["frame 1"]);
  assert.equal(socket.closedWith.length, 2);
});

test("a server that neither accepts nor refuses is given up after a while", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { calls } = made();
    mock.timers.tick(14_999);
    assert.equal(calls.endings.length, 0);
    mock.timers.tick(1);
    assert.equal(calls.endings.length, 1);
    assert.equal(calls.endings[0].ending.wasOpen, false);
    const accepted = made();
    accepted.socket.opens();
    mock.timers.tick(60_000);
    assert.equal(accepted.calls.endings.length, 0);
  } finally {
    mock.timers.reset();
  }
});

test("a stop waits for the answers that are due, and closes at the last", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { stream, socket, calls } = streaming(2);
    stream.stop();
    assert.ok(!stream.isOpen, "nothing more is sent");
    assert.deepEqual(socket.closedWith, []);
    socket.says({ frame_index: 1, result: {} });
    assert.deepEqual(socket.closedWith, []);
    socket.says({ frame_index: 0, dropped: true });
    assert.deepEqual(socket.closedWith, [1000]);
    socket.closes(1000);
    mock.timers.tick(60_000);
    assert.deepEqual(socket.closedWith, [1000], "and does not close again");
    assert.deepEqual(
      calls.answers.map(([kept]) => kept),
      ["frame 1", "frame 0"],
    );
    assert.equal(calls.endings.length, 1);
    assert.equal(calls.endings[0].ending.asked, true);
  } finally {
    mock.timers.reset();
  }
});

test("a stop does not wait for ever", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { stream, socket, calls } = streaming(2);
    stream.stop();
    socket.says({ frame_index: 0, result: {} });
    mock.timers.tick(2999);
    assert.deepEqual(socket.closedWith, []);
    mock.timers.tick(1);
    assert.deepEqual(socket.closedWith, [1000]);
    socket.closes(1000);
    assert.deepEqual(calls.endings[0].rest, ["frame 1"]);
  } finally {
    mock.timers.reset();
  }
});

test("a stop with nothing to wait for closes at once", () => {
  const { stream, socket } = streaming(0);
  stream.stop();
  assert.deepEqual(socket.closedWith, [1000]);
});

test("a stop before the server has accepted closes, and nothing is opened", () => {
  const { stream, socket, calls } = made();
  stream.stop();
  assert.deepEqual(socket.closedWith, [1000]);
  socket.onopen();
  assert.equal(calls.opened, 0);
  socket.closes(1006);
  assert.equal(calls.endings[0].ending.asked, true);
});

test("a close does not wait, and is not done twice", () => {
  const { stream, socket, calls } = streaming(1);
  stream.close();
  stream.close();
  stream.stop();
  assert.deepEqual(socket.closedWith, [1000]);
  socket.closes(1000);
  assert.deepEqual(calls.endings[0].rest, ["frame 0"]);
});

test("every frame comes back exactly once, whatever is said in whatever order", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    for (const seed of SEEDS) {
      const random = new Seeded(seed);
      const { stream, socket, calls } = made();
      if (random.next() < 0.95) socket.opens();
      let sent = 0;
      let isError = false;
      for (let step = 0; step < 60; step += 1) {
        const what = random.next();
        if (what < 0.45) {
          if (stream.isOpen) {
            const index = stream.send(new ArrayBuffer(1), `frame ${sent}`);
            assert.equal(index, sent);
            sent += 1;
          }
        } else if (what < 0.9) {
          const frame_index = random.below(sent + 2);
          socket.says(
            random.next() < 0.3 ? { frame_index, dropped: true } : { frame_index, result: {} },
          );
        } else if (what < 0.95) {
          socket.says({ warning: "slow_down", target_fps: 5 });
        } else if (what < 0.97) {
          isError = true;
          socket.says({ error: "pipeline_failure", detail: "no" });
        } else if (what < 0.985) {
          stream.stop();
        }
      }
      const unanswered = sent - calls.answers.length;
      assert.equal(stream.awaited, unanswered);
      socket.closes(1006);
      const [{ ending, first, rest }] = calls.endings;
      assert.equal(calls.endings.length, 1);
      assert.equal(ending.error, isError ? "pipeline_failure" : null);
      assert.equal(first !== undefined, isError && unanswered > 0, `seed ${seed}`);
      for (const [kept, { frame_index }] of calls.answers)
        assert.equal(kept, `frame ${frame_index}`);
      const left = first === undefined ? rest : [first, ...rest];
      const back = [...calls.answers.map(([kept]) => kept), ...left];
      const number = (/** @type {string} */ kept) => Number(kept.split(" ")[1]);
      assert.deepEqual(
        back.map(number).sort((a, b) => a - b),
        Array.from({ length: sent }, (_, frame) => frame),
        `seed ${seed}`,
      );
      assert.deepEqual(
        left.map(number),
        left.map(number).sort((a, b) => a - b),
        "oldest first",
      );
    }
  } finally {
    mock.timers.reset();
  }
});

test("a session's address asks for all details, and leaves what is null to the server", () => {
  const server = { base: "http://localhost:8888/", token: "" };
  const given = {
    pipeline_id: "yolo",
    drop_threshold: null,
    window_s: undefined,
    waiting_frames: 0,
  };
  assert.equal(
    streamUrl(server, given),
    "ws://localhost:8888/ws/video/stream?pipeline_id=yolo&waiting_frames=0&detail=full",
  );
});

for (const [base, address] of [
  ["http://localhost:8888/", "ws://localhost:8888/a/b"],
  ["https://lab.example/", "wss://lab.example/a/b"],
  ["https://hub.example:8443/user/ann/", "wss://hub.example:8443/user/ann/a/b"],
  ["http://[::1]:8000/x/", "ws://[::1]:8000/x/a/b"],
]) {
  test(`the socket of ${base} is below it, and as safe`, () => {
    assert.equal(socketUrl({ base, token: "" }, "a/b", {}), address);
  });
}

test("a token goes along where there is one, whatever is in it", () => {
  const parametersOf = (/** @type {string} */ token) =>
    new URL(socketUrl({ base: "http://x/", token }, "p", { name: "a&b=c d" })).searchParams;
  assert.equal(parametersOf("s&e c+r=t#").get("token"), "s&e c+r=t#");
  assert.equal(parametersOf("s").get("name"), "a&b=c d");
  assert.ok(!parametersOf("").has("token"));
});

test("each attempt to come back waits longer, up to a limit, and never much less than its share", () => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoff(attempt, 0));
  assert.deepEqual(waits, [0.5, 1, 2, 4, 8, 8, 8]);
  for (const seed of SEEDS) {
    const random = new Seeded(seed);
    const attempt = random.below(12);
    const wait = backoff(attempt, random.next());
    const most = backoff(attempt, 0);
    assert.ok(wait <= most && wait >= 0.7 * most, `attempt ${attempt}: ${wait}`);
  }
  assert.notEqual(
    backoff(3, 0.2),
    backoff(3, 0.8),
    "pages that were lost together come back apart",
  );
});
