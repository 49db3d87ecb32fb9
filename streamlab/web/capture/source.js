/** Where frames come from: the webcam, a sample of the server, or a file of the user's. */

import { quantile } from "../metrics/ring.js";
import { request } from "../protocol/server.js";
import { watchStill } from "./still.js";
import { Problem } from "../protocol/problems.js";

export const CAMERA = "camera";
export const FILE = "file";
const CAMERA_FPS = 60;
/** A capture time that the browser tells is believed up to this age, milliseconds. */
const BELIEVED_MS = 2000;
/** Frames by which the rate of a file is told, and how long it may take to see them. */
const MEASURE_FRAMES = 12;
const MEASURE_MS = 1500;
/** For a sample, some megabytes, to come. */
const DOWNLOAD_MS = 120_000;

/**
 * @typedef {import("../protocol/stream.js").Server} Server
 *
 * @typedef {object} Shown a frame as the source shows it
 * @property {number} at when it was captured, or shown; milliseconds of `performance.now()`
 * @property {number} videoFrame which frame of the video it is, from 0
 *
 * @typedef {object} Sample
 * @property {string} name
 * @property {number} fps
 * @property {string} [pipeline_id] what it is shown with where no pipeline is chosen
 * @property {number} frames
 * @property {number} width
 * @property {number} height
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
   * @param {() => void} release lets go of what the video plays
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
    this.#forgetStill = watchStill(video, shownAt, () => callback({ at: performance.now(), videoFrame: 0 }));
    if (typeof video.requestVideoFrameCallback === "function") {
      /** @type {VideoFrameRequestCallback} */
      const shown = (now, told) => {
        if (this.#stopped) return;
        this.#shownAt = performance.now();
        this.#callback = video.requestVideoFrameCallback(shown);
        callback({ at: captureTime(now, told), videoFrame: this.#place(told) });
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

  /** @param {VideoFrameCallbackMetadata} told */
  #place(told) {
    if (this.fps !== null && this.name !== CAMERA) {
      return Math.min(Math.round(told.mediaTime * this.fps), (this.frames ?? Infinity) - 1);
    }
    if (this.#first < 0) this.#first = told.presentedFrames;
    return told.presentedFrames - this.#first;
  }

  /** Find out the rate of a video, by which its frames are counted, and begin it again. */
  async measure() {
    const { video } = this;
    if (typeof video.requestVideoFrameCallback !== "function") return;
    /** @type {VideoFrameCallbackMetadata[]} */
    const seen = [];
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, MEASURE_MS);
      const look = (/** @type {number} */ _, /** @type {VideoFrameCallbackMetadata} */ told) => {
        seen.push(told);
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

  /** Let go of the camera or the video. */
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
 * The frames a second of a video, from some that it has shown; null where that cannot be told.
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
 * @param {VideoFrameCallbackMetadata} told
 */
function captureTime(now, told) {
  const captured = told.captureTime;
  if (captured !== undefined && captured <= now && now - captured < BELIEVED_MS) return captured;
  return Math.min(told.presentationTime, now);
}

/**
 * Open a source and play it; raises a `Problem`.
 *
 * @param {string} source `camera`, `file` or the name of a sample
 * @param {object} options
 * @param {number} options.width pixels that are asked of a camera
 * @param {File | null} options.file
 * @param {Sample[]} options.samples
 * @param {Server} options.server
 * @returns {Promise<Source>}
 */
export async function openSource(source, { width, file, samples, server }) {
  if (source === CAMERA) return openCamera(width);
  if (source === FILE) {
    if (!file) throw new Problem("no_file");
    return openVideo(URL.createObjectURL(file), { name: file.name, fps: null, frames: null });
  }
  const sample = samples.find(({ name }) => name === source);
  if (!sample) throw new Problem("no_sample", `${source}; there are ${samples.map((s) => s.name).join(", ")}`);
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  const answer = await request(server, `streamlab/samples/${sample.name}.mp4`, { signal });
  return openVideo(URL.createObjectURL(await answer.blob()), sample);
}

/** @param {number} width */
async function openCamera(width) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Problem("camera_insecure");
  /** @type {MediaStream} */
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { width: { ideal: width }, frameRate: { ideal: CAMERA_FPS } },
    });
  } catch (error) {
    throw cameraProblem(error);
  }
  const [track] = stream.getVideoTracks();
  const video = silentVideo();
  video.srcObject = stream;
  const release = () => {
    for (const each of stream.getTracks()) each.stop();
    video.srcObject = null;
  };
  const fps = track.getSettings().frameRate ?? null;
  const source = new Source(video, { name: CAMERA, fps, frames: null }, release);
  track.onended = () => source.onlost(new Problem("camera_lost"));
  await played(source, () => new Problem("camera_busy"));
  return source;
}

/** @param {unknown} error */
function cameraProblem(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return new Problem("camera_refused");
  if (name === "NotFoundError" || name === "OverconstrainedError") return new Problem("no_camera");
  return new Problem("camera_busy", error instanceof Error ? error.message : "");
}

/**
 * @param {string} url
 * @param {{name: string, fps: number | null, frames: number | null}} about
 */
async function openVideo(url, about) {
  const video = silentVideo();
  video.loop = true;
  video.src = url;
  const source = new Source(video, about, () => {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  });
  const unplayable = () => new Problem("video_unplayable", about.name);
  await played(source, unplayable);
  if (source.fps === null) await source.measure();
  video.onerror = () => source.onlost(unplayable());
  return source;
}

function silentVideo() {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  return video;
}

/**
 * Play a source until it has a picture.
 *
 * @param {Source} source
 * @param {() => Problem} problem what it means if it does not
 */
async function played(source, problem) {
  try {
    await source.video.play();
    if (!source.width) throw problem();
  } catch {
    source.stop();
    throw problem();
  }
}
