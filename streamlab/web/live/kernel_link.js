/**
 * A notebook's kernel, as the page reports to it: every frame, the figures, and a picture now and then.
 * A page without a notebook has none to report to, and none to lose.
 */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("../metrics/metrics.js").Metrics} Metrics
 * @typedef {import("./run.js").Drawn} Drawn
 */

/** The event of ipywidgets when a widget's comm is closed, as when the kernel is started again. */
const COMM_EVENT = "comm_live_update";

export class KernelLink {
  #model;
  #onLost;
  #isGone = false;
  /** Id of the run: one kernel may have several pages. */
  #run = "";
  #isPictureAwaited = false;
  #pictureSent = -1;
  #fail = () => this.#lose();
  /** @type {(content: any) => void} */
  #take = (content) => {
    if (content?.kind === "picture_taken") this.#isPictureAwaited = false;
  };

  /**
   * @param {Model} model
   * @param {() => void} onLost is called once, when the kernel has gone
   */
  constructor(model, onLost) {
    this.#model = model;
    this.#onLost = onLost;
    model.on(COMM_EVENT, this.#fail);
    model.on("msg:custom", this.#take);
  }

  /** Whether the kernel has gone; for good, as a new one does not know of this view. */
  get isGone() {
    const manager = this.#model.widget_manager;
    // of a kernel that is shut down no event tells
    if (manager && "kernel" in manager && !manager.kernel) this.#lose();
    return this.#isGone;
  }

  /** Listen to the kernel no longer. */
  close() {
    this.#model.off(COMM_EVENT, this.#fail);
    this.#model.off("msg:custom", this.#take);
  }

  /** Begin to report a run; returns what takes its blocks, once `describeRun` was called. */
  beginRun() {
    const run = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.#run = run;
    this.#isPictureAwaited = false;
    this.#pictureSent = -1;
    return (/** @type {Uint8Array<ArrayBuffer>} */ block) =>
      this.#send({ kind: "block", run }, [block]);
  }

  /** @param {Record<string, any>} info of the run's recording */
  describeRun(info) {
    this.#send({ kind: "begin", run: this.#run, info });
  }

  /**
   * Send the picture that is on show, once the one before was taken: a busy kernel gets no heap of
   * them.
   *
   * @param {Drawn | null} shown
   * @param {Record<string, any>} result what is drawn of its answer
   */
  sendPicture(shown, result) {
    if (!shown || this.#isPictureAwaited || shown.row.frame_index === this.#pictureSent) return;
    const { session, frame_index } = shown.row;
    const content = { kind: "picture", run: this.#run, session, frame_index, result };
    this.#pictureSent = frame_index;
    this.#isPictureAwaited = true;
    this.#send(content, [shown.jpeg.slice(0)]);
  }

  /**
   * Share the figures as JSON can have them: null for one that is not known.
   *
   * @param {Metrics} metrics
   */
  shareFigures(metrics) {
    const figures = Object.entries(metrics.figures(performance.now())).map(([name, value]) => [
      name,
      Number.isFinite(value) ? Math.round(value * 1e3) / 1e3 : null,
    ]);
    const { totals, causes, state } = metrics;
    const shared = { ...Object.fromEntries(figures), ...totals, causes: { ...causes } };
    this.share({ metrics: shared, state });
  }

  /**
   * Set values of the model, which the kernel shares.
   *
   * @param {Record<string, any>} values
   */
  share(values) {
    for (const [name, value] of Object.entries(values)) this.#model.set(name, value);
    try {
      this.#model.save_changes();
    } catch {
      // the stream goes on
      this.#lose();
    }
  }

  /**
   * @param {Record<string, any>} content
   * @param {(ArrayBuffer | ArrayBufferView)[]} [buffers]
   */
  #send(content, buffers) {
    try {
      this.#model.send(content, undefined, buffers);
    } catch {
      this.#isPictureAwaited = false;
      this.#lose();
    }
  }

  #lose() {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#onLost();
  }
}
