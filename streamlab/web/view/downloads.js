/** What a user saves of a view: the frame on show, and the recording of its run. */

import { snapshot } from "../overlay/stage.js";
import { download } from "./dom.js";

/** @typedef {import("../live/run_state.js").RunState} RunState */

/**
 * Save the frame on show, with what is drawn on it, as PNG.
 *
 * @param {RunState} current
 */
export async function saveSnapshot({ shown, visible }) {
  if (!shown) return;
  const { frame_index } = shown.row;
  const png = await snapshot(shown.bitmap, visible, `frame ${frame_index}`);
  download(png, `streamlab_frame_${frame_index}.png`);
}

/**
 * Save the recording, for `Recording.load`.
 *
 * @param {RunState} current
 */
export async function saveRecording({ recorder }) {
  if (!recorder) return;
  const file = new Blob([await recorder.file()], { type: "application/gzip" });
  const stamp = recorder.info.created.slice(0, 19).replace(/[-:]/g, "").replace("T", "_");
  download(file, `streamlab_${stamp}.jsonl.gz`);
}
