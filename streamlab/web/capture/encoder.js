/** Frames as JPEG: in a worker where there can be one, else beside the page's other work. */

/**
 * @typedef {{bitmap: ImageBitmap, jpeg: ArrayBuffer}} Encoded the bitmap comes back with its JPEG
 */

/** The page's policy lets no text become code but by a policy of this name. */
const trusted = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("streamlab-worker", {
  createScriptURL: (/** @type {string} */ url) => url,
});

export class Encoder {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Map<number, {resolve: (encoded: Encoded) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #next = 0;

  constructor() {
    try {
      const url = new URL("encode_worker.js", import.meta.url).href;
      this.#worker = new Worker(trusted?.createScriptURL(url) ?? url, { type: "module" });
    } catch {
      return; // modules of another origin make no workers
    }
    this.#worker.onmessage = ({ data }) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.problem === undefined) waiting?.resolve(data);
      else waiting?.reject(new Error(data.problem));
    };
    this.#worker.onerror = () => {
      this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(new Error("the encoder ended"));
      this.#waiting.clear();
    };
  }

  /** Frames that are being encoded. */
  get busy() {
    return this.#waiting.size;
  }

  /**
   * @param {ImageBitmap} bitmap is taken over, and handed back
   * @param {number} quality 0 to 1
   * @returns {Promise<Encoded>}
   */
  encode(bitmap, quality) {
    const worker = this.#worker;
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      if (worker) {
        worker.postMessage({ id, bitmap, quality }, [bitmap]);
        return;
      }
      encodeHere(bitmap, quality)
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(id));
    });
  }

  /** End the worker. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new Error("the encoder ended"));
    this.#waiting.clear();
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {number} quality
 * @returns {Promise<Encoded>}
 */
async function encodeHere(bitmap, quality) {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d", { alpha: false })?.drawImage(bitmap, 0, 0);
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  if (!blob) throw new Error("the browser cannot encode JPEG");
  return { bitmap, jpeg: await blob.arrayBuffer() };
}
