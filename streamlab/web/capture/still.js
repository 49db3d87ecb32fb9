/** A video of a single frame: browsers cannot play it again, and would seek its beginning for ever. */

/** How often its frame is shown. */
export const STILL_FPS = 5;
/** How long nothing is shown until a video is looked at. */
const STUCK_MS = 1000;

/**
 * Watch over a video that is played again and again: where it turns out to have one frame, that frame is
 * shown again and again. Returns a function that ends it.
 *
 * @param {HTMLVideoElement} video
 * @param {() => number} shownAt when its last frame was shown, milliseconds of `performance.now()`
 * @param {() => void} show is called for each time that the frame is shown again
 */
export function watchStill(video, shownAt, show) {
  let isStill = false;
  /** @type {ReturnType<typeof setInterval>} */
  let repeating;
  const checking = setInterval(() => {
    const isStuck = video.loop && video.seeking && performance.now() - shownAt() > STUCK_MS;
    if (isStill || !isStuck) return;
    isStill = true;
    clearInterval(checking);
    video.loop = false;
    video.onloadeddata = () => {
      repeating = setInterval(show, 1e3 / STILL_FPS);
    };
    video.load();
  }, STUCK_MS / 2);
  return () => {
    video.onloadeddata = null;
    clearInterval(checking);
    clearInterval(repeating);
  };
}
