/** Whether the kernel that a notebook's view belongs to is still there. A page alone has none to lose. */

/** @typedef {import("./model.js").Model} Model */

/** What ipywidgets says where a widget's way to its kernel is cut, as when the kernel is started again. */
const CUT = "comm_live_update";

export class KernelLink {
  #isGone = false;
  #cut = () => this.failed();

  /**
   * @param {Model} model
   * @param {() => void} lost is called once, when it has gone
   */
  constructor(model, lost) {
    this.model = model;
    this.lost = lost;
    model.on(CUT, this.#cut);
  }

  /** Whether it has gone; for good, as a new kernel does not know of this view. */
  get isGone() {
    return this.#isGone;
  }

  /** Look after it: of a kernel that is shut down nothing is said. */
  check() {
    const manager = this.model.widget_manager;
    if (manager && "kernel" in manager && !manager.kernel) this.failed();
  }

  /** It could not be told something. */
  failed() {
    if (this.#isGone) return;
    this.#isGone = true;
    this.lost();
  }

  /** Look no longer. */
  close() {
    this.model.off(CUT, this.#cut);
  }
}
