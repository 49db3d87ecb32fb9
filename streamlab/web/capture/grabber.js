/** Frames of a playing video, each as a bitmap with its JPEG. */

import { Encoder } from "./encoder.js";

/** Frames that may be encoded at once. */
const MAX_ENCODING = 2;

export class Grabber {
  #encoder = new Encoder();
  #isGrabbing = false;

  /** Whether no other frame can be grabbed now. */
  get isBusy() {
    return this.#isGrabbing || this.#encoder.busy >= MAX_ENCODING;
  }

  /**
   * Grab the frame that a video shows; raises if it shows none.
   *
   * @param {HTMLVideoElement} video
   * @param {{width: number, height: number}} size of the picture, pixels
   * @param {number} quality of the JPEG, 0 to 1
   */
  async grab(video, { width, height }, quality) {
    this.#isGrabbing = true;
    const grabbing = createImageBitmap(video, {
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: "medium",
    });
    const whole = await grabbing.finally(() => {
      this.#isGrabbing = false;
    });
    return this.#encoder.encode(whole, quality);
  }

  /** End the encoder. */
  close() {
    this.#encoder.close();
  }
}
