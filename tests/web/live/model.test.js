import assert from "node:assert/strict";
import test from "node:test";

import { addDefaults, DEFAULTS, LocalModel } from "../../../streamlab/web/live/model.js";
import { defaultsOf } from "../../../streamlab/web/live/view_settings.js";

/** @param {Partial<import("../../../streamlab/web/live/view_settings.js").Setting>} about */
const setting = (about) => ({
  label: "",
  unit: "",
  help: "",
  default: null,
  tunable: false,
  ...about,
});

test("a model tells of a value that is another one, to those who listen", () => {
  const model = new LocalModel({ fps: 20 });
  /** @type {string[]} */
  const calls = [];
  const first = () => calls.push(`first ${model.get("fps")}`);
  const second = () => calls.push(`second ${model.get("fps")}`);
  model.on("change:fps", first);
  model.on("change:fps", second);
  model.set("fps", 20);
  model.set("width", 320);
  assert.deepEqual(calls, []);
  model.set("fps", 25);
  model.off("change:fps", first);
  model.off("change:width", first);
  model.set("fps", 30);
  assert.deepEqual(calls, ["first 25", "second 25", "second 30"]);
});

test("a model begins with the defaults, and two of them share nothing", () => {
  const [one, other] = [new LocalModel({ fps: 20 }), new LocalModel()];
  assert.deepEqual([one.get("fps"), other.get("fps")], [20, undefined]);
  one.set("status", "lost");
  assert.equal(other.get("status"), DEFAULTS.status);
});

test("a view begins with what the server says of its settings", () => {
  const settings = { fps: setting({ default: 15 }), window_s: setting({ tunable: true }) };
  const model = new LocalModel(defaultsOf(settings));
  const begun = ["fps", "window_s", "source"].map((name) => model.get(name));
  assert.deepEqual(begun, [15, null, "camera"]);
});

test("a model begins with the defaults that the server describes, and with what it is given", () => {
  addDefaults({ fps: 15, width: 640 });
  const model = new LocalModel({ width: 320 });
  assert.equal(model.get("fps"), 15);
  assert.equal(model.get("width"), 320);
});
