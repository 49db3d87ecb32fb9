import assert from "node:assert/strict";
import test from "node:test";
import { KernelLink } from "../../../streamlab/web/live/kernel_link.js";
import { LocalModel } from "../../../streamlab/web/live/model.js";

/** A model whose kernel can be taken away in each of the ways in which notebooks do. */
class NotebookModel extends LocalModel {
  isCut = false;
  /** @type {{kernel?: unknown} | undefined} */
  widget_manager = { kernel: {} };
  /** @type {(() => void)[]} */
  listeners = [];

  send() {
    if (this.isCut) throw new Error("Cannot send");
  }

  /**
   * @param {string} event
   * @param {() => void} callback
   */
  on(event, callback) {
    if (event === "comm_live_update") this.listeners.push(callback);
    else super.on(event, callback);
  }
}

for (const [
  how,
  cut,
] of /** @type {[string, (model: NotebookModel, link: KernelLink) => void][]} */ ([
  [
    "cannot be sent anything",
    (model, link) => {
      model.isCut = true;
      link.describeRun({});
    },
  ],
  [
    "is started again",
    (model) => {
      for (const listener of model.listeners) listener();
    },
  ],
  [
    "is shut down",
    (model) => {
      model.widget_manager = { kernel: null };
    },
  ],
])) {
  test(`a kernel that ${how} has gone, once and for good`, () => {
    const model = new NotebookModel();
    let lost = 0;
    const link = new KernelLink(model, () => (lost += 1));
    link.describeRun({});
    assert.deepEqual([link.isGone, lost], [false, 0]);
    cut(model, link);
    link.describeRun({});
    assert.deepEqual([link.isGone, lost], [true, 1]);
  });
}

test("a page alone has no kernel to lose", () => {
  const link = new KernelLink(new LocalModel(), () => assert.fail());
  link.describeRun({});
  assert.equal(link.isGone, false);
});
