/** What can go wrong, in plain words: what happened, and what to do about it. */

/** @typedef {{title: string, advice: string}} Words */

/** @type {Record<string, Words>} */
export const WORDS = {
  // the codes of the protocol
  invalid_pipeline: {
    title: "The server does not have this pipeline",
    advice: "Choose another one from the list.",
  },
  invalid_parameter: {
    title: "The server does not take one of these settings",
    advice: "Change it and try again.",
  },
  invalid_message: {
    title: "The server was sent something that is no frame",
    advice: "This is a fault of the page. Reload it: it may be older than the server.",
  },
  invalid_frame: {
    title: "The server could not read a frame",
    advice: "Choose a smaller picture, or another source.",
  },
  frame_too_large: {
    title: "A frame was larger than the server takes",
    advice: "Choose a smaller picture or a lower quality.",
  },
  pipeline_failure: {
    title: "The pipeline failed",
    advice: "The server's log has more. Try again, or choose another pipeline.",
  },
  session_limit: {
    title: "The server is full",
    advice: "Try again when another session has ended.",
  },
  slow_consumer: {
    title: "This page did not read its answers in time",
    advice: "The network or this computer is too slow for them. Choose a lower rate.",
  },
  idle_timeout: {
    title: "No frame was sent for a while",
    advice: "The server ends sessions that are silent for so long. Start again.",
  },
  internal_error: {
    title: "Something went wrong in the server",
    advice: "Its log has more. Try again.",
  },
  // the way to the server
  lost: {
    title: "The server cannot be reached",
    advice: "It is tried again until it answers.",
  },
  not_allowed: {
    title: "The server does not let this page in",
    advice: "Its token is missing, wrong or no longer valid.",
  },
  not_logged_in: {
    title: "The server does not let this page in",
    advice: "Reload the page to log in again.",
  },
  no_streamlab: {
    title: "There is no streamlab at this server",
    advice: "Install streamlab into the environment that the server runs in, and start it again.",
  },
  refused: {
    title: "The server refused",
    advice: "",
  },
  // sources
  camera_refused: {
    title: "The camera is not allowed",
    advice: "Allow it for this page, by the camera sign beside the address, and try again.",
  },
  no_camera: {
    title: "There is no camera",
    advice: "Connect one and try again, or choose a sample or a file.",
  },
  camera_busy: {
    title: "The camera gives no picture",
    advice: "Another program may be using it. Close that one and try again.",
  },
  camera_lost: {
    title: "The camera has gone",
    advice: "Connect it again and try again.",
  },
  camera_insecure: {
    title: "Browsers give the camera to secure pages only",
    advice: "Open this page by https://, or by localhost on the server's own machine.",
  },
  no_file: {
    title: "No file is chosen",
    advice: "Choose a video file first.",
  },
  no_sample: {
    title: "The server does not have this sample",
    advice: "Choose another source from the list.",
  },
  video_unplayable: {
    title: "This browser cannot play the video",
    advice: "H.264 in MP4 and VP9 in WebM can be played nearly everywhere.",
  },
  page_fault: {
    title: "Something went wrong in this page",
    advice: "Try again, or reload the page.",
  },
};

/** What went wrong, with plain words for it. */
export class Problem extends Error {
  /**
   * @param {string} code a key of `WORDS`
   * @param {string} [detail] the values that it is about
   */
  constructor(code, detail = "") {
    super(code);
    this.code = code;
    this.detail = detail;
  }

  /** @returns {Words} */
  get words() {
    return WORDS[this.code] ?? WORDS.internal_error;
  }

  /** One line. */
  get line() {
    const { title } = this.words;
    return this.detail ? `${title}: ${this.detail}` : title;
  }

  /**
   * @param {unknown} error
   * @returns {Problem}
   */
  static of(error) {
    if (error instanceof Problem) return error;
    return new Problem("page_fault", error instanceof Error ? error.message : String(error));
  }
}
