/** A playing video and its frames, whatever it comes from. */

import { quantile } from "../metrics/ring.js";
import { watchStill } from "./still.js";

export const CAMERA = "camera";
export const FILE = "file";
/** A capture time of the browser's is believed up to this age, milliseconds. */
const BELIEVED_MS = 2000;
/** Frames from which the rate of a file is measured, and how long it may take to see them. */
const MEASURE_FRAMES = 12;
const MEASURE_MS = 1500;

/**
 * @typedef {import("../protocol/problems.js").Problem} Problem
 *
 * @typedef {object} Shown a frame as the source shows it
 * @property {number} at when it was captured, or shown; milliseconds of `performance.now()`
 * @property {number} videoFrame which frame of the video it is, from 0
 */

/** A playing video, whatever it comes from. */
export class Source {
  #release;
  #callback = 0;
  #stopped = false;
  #first = -1;
  #lastTime = -1;
  #count = 0;
  #shownAt = 0;
  #forgetStill = () => {};

  /**
   * @param {HTMLVideoElement} video
   * @param {object} about
   * @param {string} about.name
   * @param {number | null} about.fps
   * @param {number | null} about.frames
   * @param {() => void} release closes what the video plays
   */
  constructor(video, about, release) {
    this.video = video;
    this.name = about.name;
    this.fps = about.fps;
    this.frames = about.frames;
    this.#release = release;
    /** @type {(problem: Problem) => void} */
    this.onlost = () => {};
  }

  get width() {
    return this.video.videoWidth;
  }

  get height() {
    return this.video.videoHeight;
  }

  /**
   * Call back for each frame that the browser shows, at its own time, until `stop`.
   *
   * @param {(shown: Shown) => void} callback
   */
  watch(callback) {
    const video = this.video;
    const shownAt = () => this.#shownAt;
    this.#shownAt = performance.now();
    this.#forgetStill = watchStill(video, shownAt, () =>
      callback({ at: performance.now(), videoFrame: 0 }),
    );
    if (typeof video.requestVideoFrameCallback === "function") {
      /** @type {VideoFrameRequestCallback} */
      const shown = (now, metadata) => {
        if (this.#stopped) return;
        this.#shownAt = performance.now();
        this.#callback = video.requestVideoFrameCallback(shown);
        callback({ at: captureTime(now, metadata), videoFrame: this.#place(metadata) });
      };
      this.#callback = video.requestVideoFrameCallback(shown);
      return;
    }
    const looked = (/** @type {number} */ now) => {
      if (this.#stopped) return;
      this.#callback = requestAnimationFrame(looked);
      if (video.currentTime === this.#lastTime) return;
      this.#lastTime = video.currentTime;
      this.#shownAt = performance.now();
      const place = this.fps ? Math.floor(video.currentTime * this.fps + 1e-3) : this.#count;
      this.#count += 1;
      callback({ at: now, videoFrame: place });
    };
    this.#callback = requestAnimationFrame(looked);
  }

  /** @param {VideoFrameCallbackMetadata} metadata */
  #place(metadata) {
    if (this.fps !== null && this.name !== CAMERA) {
      return Math.min(Math.round(metadata.mediaTime * this.fps), (this.frames ?? Infinity) - 1);
    }
    if (this.#first < 0) this.#first = metadata.presentedFrames;
    return metadata.presentedFrames - this.#first;
  }

  /** Find out the rate of a video, by which its frames are counted, and begin it again. */
  async measure() {
    const { video } = this;
    if (typeof video.requestVideoFrameCallback !== "function") return;
    /** @type {VideoFrameCallbackMetadata[]} */
    const seen = [];
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, MEASURE_MS);
      const look = (
        /** @type {number} */ _,
        /** @type {VideoFrameCallbackMetadata} */ metadata,
      ) => {
        seen.push(metadata);
        if (seen.length < MEASURE_FRAMES) video.requestVideoFrameCallback(look);
        else resolve(clearTimeout(timer));
      };
      video.requestVideoFrameCallback(look);
    });
    this.fps = rateOf(seen);
    if (this.fps === null) return;
    const { duration } = video;
    if (Number.isFinite(duration)) this.frames = Math.max(1, Math.round(duration * this.fps));
    video.currentTime = 0;
  }

  /** Close the camera or the video. */
  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#forgetStill();
    if (typeof this.video.cancelVideoFrameCallback === "function") {
      this.video.cancelVideoFrameCallback(this.#callback);
    } else {
      cancelAnimationFrame(this.#callback);
    }
    this.video.pause();
    this.#release();
  }
}

/**
 * The frames a second of a video, from some that it has shown; null where it cannot be measured.
 *
 * @param {{mediaTime: number, presentedFrames: number}[]} seen in order
 */
export function rateOf(seen) {
  const steps = [];
  for (let at = 1; at < seen.length; at += 1) {
    const time = seen[at].mediaTime - seen[at - 1].mediaTime;
    const frames = seen[at].presentedFrames - seen[at - 1].presentedFrames;
    if (time > 0 && frames > 0) steps.push(time / frames);
  }
  const step = quantile(steps, 0.5);
  return Number.isFinite(step) ? Math.round(1e3 / step) / 1e3 : null;
}

/**
 * When a frame was captured, or else submitted to be shown.
 *
 * @param {number} now
 * @param {VideoFrameCallbackMetadata} metadata
 */
function captureTime(now, metadata) {
  const captured = metadata.captureTime;
  if (captured !== undefined && captured <= now && now - captured < BELIEVED_MS) return captured;
  return Math.min(metadata.presentationTime, now);
}
