/** Bitmaps of the frames that wait for their answers: as many as memory allows. */

/** Behind a slow network the newest frames are sent without keeping their pictures. */
export const MAX_KEPT = 90;

export class BitmapStore {
  #count = 0;

  /**
   * Keep a bitmap until it is taken; null, and it is closed, where there are too many.
   *
   * @param {ImageBitmap} bitmap
   */
  keep(bitmap) {
    if (this.#count >= MAX_KEPT) {
      bitmap.close();
      return null;
    }
    this.#count += 1;
    return bitmap;
  }

  /**
   * Take a bitmap out; null for one that was not kept.
   *
   * @param {ImageBitmap | null} bitmap
   */
  take(bitmap) {
    if (bitmap) this.#count -= 1;
    return bitmap;
  }
}
