/** The state of backpressure as a badge, and the status of the stream in words. */

import { make, setText } from "./dom.js";

/** @typedef {import("../live/live.js").Live} Live */

const STATUS_WORDS = {
  stopped: "stopped",
  starting: "starting…",
  loading: "loading the models…",
  streaming: "streaming",
  stopping: "waiting for the last answers…",
  lost: "server lost",
  failed: "failed",
};
const SILENT_SOURCE = "the source gives no new frames";
const STATE_WORDS = {
  normal: ["normal", "Every frame is taken; short bursts wait."],
  warning: ["warning", "The server falls behind: newer frames replace those that wait."],
  critical: ["critical", "Far too many frames: the server has asked for a lower rate."],
};

export class StatusLine {
  #live;
  #badge = make("span", { class: "badge", role: "status" });
  #status = make("span", { class: "status", role: "status" });
  element = make("span", { class: "list state" }, this.#badge, this.#status);

  /** @param {Live} live */
  constructor(live) {
    this.#live = live;
  }

  /** Show both as they are now. */
  update() {
    const { status, isSourceSilent, current } = this.#live;
    const { state } = current.metrics;
    const [word, meaning] = STATE_WORDS[state];
    const isLive = status === "streaming" || status === "stopping";
    setText(this.#status, isSourceSilent ? SILENT_SOURCE : STATUS_WORDS[status]);
    setText(this.#badge, word);
    this.#badge.dataset.state = isLive ? state : "";
    this.#badge.hidden = !isLive;
    this.#badge.title = meaning;
  }
}
