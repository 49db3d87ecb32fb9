import assert from "node:assert/strict";
import test from "node:test";

import { LocalModel } from "../../../streamlab/web/live/model.js";
import { Notebook } from "../../../streamlab/web/live/notebook.js";

/** A model whose kernel can be taken away in each of the ways in which notebooks do. */
class NotebookModel extends LocalModel {
  isCut = false;
  /** @type {{kernel?: unknown} | undefined} */
  widget_manager = { kernel: {} };
  /** @type {(() => void)[]} */
  heard = [];

  send() {
    if (this.isCut) throw new Error("Cannot send");
  }

  /**
   * @param {string} event
   * @param {() => void} callback
   */
  on(event, callback) {
    if (event === "comm_live_update") this.heard.push(callback);
    else super.on(event, callback);
  }
}

/** @param {Record<string, any>} info */
const about = (info) => /** @type {any} */ (info);

for (const [
  how,
  cut,
] of /** @type {[string, (model: NotebookModel, notebook: Notebook) => void][]} */ ([
  [
    "cannot be told anything",
    (model, notebook) => {
      model.isCut = true;
      notebook.describe(about({}));
    },
  ],
  [
    "is started again",
    (model) => {
      for (const hear of model.heard) hear();
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
    const notebook = new Notebook(model, () => (lost += 1));
    notebook.describe(about({}));
    notebook.link.check();
    assert.deepEqual([notebook.link.isGone, lost], [false, 0]);
    cut(model, notebook);
    notebook.link.check();
    notebook.describe(about({}));
    assert.deepEqual([notebook.link.isGone, lost], [true, 1]);
  });
}

test("a page alone has no kernel to lose", () => {
  const notebook = new Notebook(new LocalModel(), () => assert.fail());
  notebook.describe(about({}));
  notebook.link.check();
  assert.equal(notebook.link.isGone, false);
});
