/** Opening a source of frames: the webcam, a sample of the server, or a file of the user's. */

import { Problem } from "../protocol/problems.js";
import { request } from "../protocol/server.js";
import { CAMERA, FILE, Source } from "./source.js";

const CAMERA_FPS = 60;
/** For a sample, some megabytes, to come. */
const DOWNLOAD_MS = 120_000;

/**
 * @typedef {import("../protocol/stream.js").Server} Server
 * @typedef {import("../protocol/server.js").Sample} Sample
 */

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
  if (!sample)
    throw new Problem("no_sample", `${source}; there are ${samples.map((s) => s.name).join(", ")}`);
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
