/** The notice over the picture: what is wrong, and what to do about it. */

import { make, setText } from "./dom.js";

/** @typedef {import("../live/live.js").Live} Live */

export class Notice {
  #live;
  #title = make("strong");
  #text = make("p");
  #trace = make("pre", { tabIndex: 0, "aria-label": "Traceback" });
  #retry = make("button", { type: "button" });
  element = make("div", { class: "notice", role: "alert", hidden: true });

  /** @param {Live} live */
  constructor(live) {
    this.#live = live;
    this.#retry.onclick = () => live.retry();
    this.element.append(this.#title, this.#text, this.#trace, this.#retry);
  }

  /** Show what is wrong now, if anything is. */
  update() {
    const { problem, status, model } = this.#live;
    this.element.hidden = !problem;
    if (!problem) return;
    setText(this.#title, problem.line);
    // of a tool of one's own; only the notebook that runs its server knows it
    const trace = model.get("traceback") ?? "";
    setText(this.#trace, trace);
    this.#trace.hidden = !trace;
    const lines = [trace ? "" : problem.words.advice, this.#nextAttempt()];
    setText(this.#text, lines.filter(Boolean).join(" "));
    setText(this.#retry, status === "lost" ? "Try now" : "Try again");
    // what is being tried needs no button
    this.#retry.hidden = ["starting", "loading"].includes(status);
    this.element.dataset.code = problem.code;
  }

  /** When a lost server is tried again, in words. */
  #nextAttempt() {
    const { problem, nextAttempt, status } = this.#live;
    if (status !== "lost" && problem?.code !== "lost") return "";
    const seconds = Math.max(0, Math.ceil((nextAttempt - performance.now()) / 1e3));
    return seconds ? `Next attempt in ${seconds} s.` : "Trying now…";
  }
}
