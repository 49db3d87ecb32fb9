/** What a run was asked for, as a recording's `info` has it. Pure. */

import { CAMERA } from "../capture/source.js";
import { FILTERING, TUNABLE } from "./session_settings.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../protocol/server.js").About} About
 * @typedef {import("../capture/source.js").Source} Source
 */

/**
 * @param {Model} model
 * @param {About} about
 * @param {Source} source
 */
export function describe(model, about, source) {
  const pipeline = about.pipelines.find(({ id }) => id === model.get("pipeline_id"));
  const tuned = TUNABLE.filter((name) => (model.get(name) ?? null) !== null);
  const chosen = FILTERING.filter((name) => model.get(name));
  const { width, height } = scaled(source, model.get("width"));
  return {
    source: "live",
    client: "browser",
    created: new Date().toISOString().replace(/\.\d+Z$/, "+00:00"),
    streamlab: about.health.version,
    video: source.name,
    video_fps: source.fps ?? model.get("fps"),
    video_width: source.width,
    video_height: source.height,
    video_frames: source.frames,
    ...about.health.backpressure,
    ...Object.fromEntries([...tuned, ...chosen].map((name) => [name, model.get(name)])),
    pipeline_id: model.get("pipeline_id"),
    policy: "realtime",
    adaptive: model.get("adaptive"),
    every_frame: false,
    loop: source.name !== CAMERA,
    sessions: 1,
    fps: model.get("fps"),
    width,
    height,
    quality: model.get("quality"),
    workers: about.health.workers,
    cores: about.health.cores,
    device: about.health.device,
    deferring: pipeline?.deferring ?? [],
  };
}

/**
 * The size at which a source's frames are sent: not wider than asked for, of the same shape.
 *
 * @param {{width: number, height: number}} source
 * @param {number} most
 */
export function scaled({ width, height }, most) {
  if (width <= most) return { width, height };
  return { width: most, height: Math.max(1, Math.round((height * most) / width)) };
}
