/** The client's side of the protocol: frames out, one answer for each in, and how it ended. */

import { Pending } from "./pending.js";

export const STREAM_PATH = "ws/video/stream";
/** How long a session that is stopped waits for the answers that are due. */
const DRAIN_MS = 3000;
/** How long a server may take to answer a close. */
const CLOSE_MS = 1000;
/** How long a server may take to accept a session. */
const OPEN_MS = 15_000;
/** The close code of a connection that broke. */
const BROKEN = 1006;
const NORMAL = 1000;

/** Seconds before each attempt to reach a lost server; the last one goes on. */
const DELAYS_S = [0.5, 1, 2, 4, 8];
/** Share by which a delay is shortened at most, so that many pages do not come back at once. */
const JITTER = 0.3;

/**
 * @typedef {object} Server
 * @property {string} base its address, ending in a slash
 * @property {string} token "" where the page's own cookie, or nothing, is asked for
 * @property {boolean} [hasLogin] whether it knows its users by a login, and the page by its cookie
 *
 * @typedef {Record<string, string | number | string[] | null | undefined>} Parameters
 *
 * @typedef {object} ServerRecord what a session with `detail=full` adds to each answer
 * @property {number} received milliseconds since the session was opened
 * @property {"normal" | "warning" | "critical"} state
 * @property {string} session
 * @property {number} worker
 * @property {string} [cause]
 * @property {number} [threads] the most that a network ran with; absent where that is one
 * @property {number} [spared] what the frame would have taken longer with one, milliseconds
 *
 * @typedef {object} Answer
 * @property {number} frame_index
 * @property {boolean} [dropped]
 * @property {Record<string, any>} [result]
 * @property {{queued: number, decode: number, nodes: Record<string, number>, total: number}} [timing]
 * @property {ServerRecord} [server]
 *
 * @typedef {object} Ending how a session ended
 * @property {string | null} error the protocol's code; null where the server said none
 * @property {string} detail
 * @property {number} closeCode
 * @property {boolean} wasOpen whether the server had accepted the connection
 * @property {boolean} asked whether this side closed it
 */

/**
 * The address of a session.
 *
 * @param {Server} server
 * @param {Parameters} parameters those that are null are left to the server
 */
export function streamUrl(server, parameters) {
  return socketUrl(server, STREAM_PATH, { ...parameters, detail: "full" });
}

/**
 * @param {Server} server
 * @param {string} path
 * @param {Parameters} parameters a list is a parameter for each of its values
 */
export function socketUrl(server, path, parameters) {
  const url = new URL(path, server.base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const given = server.token ? { ...parameters, token: server.token } : parameters;
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    for (const each of [value].flat()) url.searchParams.append(name, String(each));
  }
  return url.href;
}

/**
 * Seconds to wait before an attempt, counted from 0.
 *
 * @param {number} attempt
 * @param {number} random 0 to 1
 */
export function backoff(attempt, random) {
  const delay = DELAYS_S[Math.min(attempt, DELAYS_S.length - 1)];
  return delay * (1 - JITTER * random);
}

/**
 * @template Kept
 * One session. What is sent with a frame is handed back with its answer.
 */
export class Stream {
  /** @type {Pending<Kept>} */
  #pending = new Pending();
  #socket;
  #wasOpen = false;
  #asked = false;
  /** @type {string | null} */
  #error = null;
  #detail = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} url
   * @param {object} callbacks
   * @param {() => void} callbacks.opened
   * @param {(kept: Kept, answer: Answer) => void} callbacks.answered
   * @param {(targetFps: number) => void} callbacks.slowDown
   * @param {(ending: Ending, first: Kept | undefined, rest: Kept[]) => void} callbacks.ended `first` is the
   *   frame that an error answers, `rest` are those without an answer
   * @param {typeof WebSocket} [Socket]
   */
  constructor(url, callbacks, Socket = WebSocket) {
    this.#socket = new Socket(url);
    this.#timer = setTimeout(() => this.abandon(), OPEN_MS);
    this.#socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#wasOpen = true;
      if (this.#asked) this.#socket.close(NORMAL);
      else callbacks.opened();
    };
    this.#socket.onmessage = (event) => this.#take(JSON.parse(event.data), callbacks);
    this.#socket.onclose = (event) => {
      clearTimeout(this.#timer);
      this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
      const first = this.#error === null ? undefined : this.#pending.takeOldest();
      callbacks.ended(
        {
          error: this.#error,
          detail: this.#detail || event.reason,
          closeCode: event.code,
          wasOpen: this.#wasOpen,
          asked: this.#asked,
        },
        first,
        this.#pending.takeAll(),
      );
    };
  }

  /** Whether a frame can be sent. */
  get isOpen() {
    return this.#socket.readyState === 1 && !this.#asked && this.#error === null;
  }

  /** Bytes that the network has not taken yet. */
  get unsentBytes() {
    return this.#socket.bufferedAmount;
  }

  /** Frames that were sent and not answered. */
  get awaited() {
    return this.#pending.size;
  }

  /**
   * Send a frame; returns the index that the server counts it by.
   *
   * @param {ArrayBuffer} jpeg
   * @param {Kept} kept
   */
  send(jpeg, kept) {
    this.#socket.send(jpeg);
    return this.#pending.add(kept);
  }

  /** Send no more, and close when every frame is answered, or after a while. */
  stop() {
    this.#asked = true;
    if (!this.#pending.size || this.#socket.readyState !== 1) this.close();
    else this.#timer = setTimeout(() => this.close(), DRAIN_MS);
  }

  /** Take a connection on which nothing comes any more for lost. */
  abandon() {
    const { onclose } = this.#socket;
    this.#socket.close();
    onclose?.call(this.#socket, /** @type {CloseEvent} */ ({ code: BROKEN, reason: "" }));
  }

  /** Close at once; a server that does not answer that is not waited for. */
  close() {
    this.#asked = true;
    if (this.#socket.readyState >= 2) return;
    this.#socket.close(NORMAL);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.abandon(), CLOSE_MS);
  }

  /**
   * @param {any} message
   * @param {{answered: (kept: Kept, answer: Answer) => void, slowDown: (targetFps: number) => void}} callbacks
   */
  #take(message, callbacks) {
    if ("frame_index" in message) {
      const kept = this.#pending.take(message.frame_index);
      if (kept !== undefined) callbacks.answered(kept, message);
      if (this.#asked && !this.#pending.size) this.close();
    } else if (message.warning === "slow_down") {
      callbacks.slowDown(message.target_fps);
    } else if ("error" in message) {
      this.#error = message.error;
      this.#detail = message.detail ?? "";
    }
  }
}
