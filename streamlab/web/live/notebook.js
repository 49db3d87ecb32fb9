/** What a notebook's kernel is told of a run: every frame, the figures, and a picture now and then. */

import { KernelLink } from "./kernel_link.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../metrics/metrics.js").Metrics} Metrics
 * @typedef {import("./run.js").Drawn} Drawn
 */

export class Notebook {
  #model;
  /** Of the run: one kernel may have several pages. */
  #run = "";
  #isPictureAwaited = false;
  #pictureSent = -1;
  /** @type {(content: any) => void} */
  #hear = (content) => {
    if (content?.kind === "picture_taken") this.#isPictureAwaited = false;
  };

  /**
   * @param {Model} model
   * @param {() => void} lost is called once, when there is no kernel to tell any more
   */
  constructor(model, lost) {
    this.#model = model;
    this.link = new KernelLink(model, lost);
    model.on("msg:custom", this.#hear);
  }

  /** Tell it nothing more. */
  close() {
    this.link.close();
    this.#model.off("msg:custom", this.#hear);
  }

  /** A run begins: returns what takes its blocks, once it is described. */
  begin() {
    const run = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.#run = run;
    this.#isPictureAwaited = false;
    this.#pictureSent = -1;
    return (/** @type {Uint8Array<ArrayBuffer>} */ block) =>
      this.#post({ kind: "block", run }, [block]);
  }

  /** @param {Record<string, any>} info what was asked for */
  describe(info) {
    this.#post({ kind: "begin", run: this.#run, info });
  }

  /**
   * Send the picture that is on show, when the one before was taken: a busy kernel gets no heap of
   * them.
   *
   * @param {Drawn | null} shown
   * @param {Record<string, any>} result what is drawn of its answer
   */
  picture(shown, result) {
    if (!shown || this.#isPictureAwaited || shown.row.frame_index === this.#pictureSent) return;
    const { session, frame_index } = shown.row;
    const content = { kind: "picture", run: this.#run, session, frame_index, result };
    this.#pictureSent = frame_index;
    this.#isPictureAwaited = true;
    this.#post(content, [shown.jpeg.slice(0)]);
  }

  /**
   * Share the figures, plainly: what is not known is null.
   *
   * @param {Metrics} metrics
   */
  figures(metrics) {
    const figures = Object.entries(metrics.figures(performance.now())).map(([name, value]) => [
      name,
      Number.isFinite(value) ? Math.round(value * 1e3) / 1e3 : null,
    ]);
    const { totals, causes, state } = metrics;
    const shared = { ...Object.fromEntries(figures), ...totals, causes: { ...causes } };
    this.share({ metrics: shared, state });
  }

  /** @param {Record<string, any>} values */
  share(values) {
    for (const [name, value] of Object.entries(values)) this.#model.set(name, value);
    try {
      this.#model.save_changes();
    } catch {
      // the stream goes on
      this.link.failed();
    }
  }

  /**
   * @param {Record<string, any>} content
   * @param {(ArrayBuffer | ArrayBufferView)[]} [buffers]
   */
  #post(content, buffers) {
    try {
      this.#model.send(content, undefined, buffers);
    } catch {
      this.#isPictureAwaited = false;
      this.link.failed();
    }
  }
}
