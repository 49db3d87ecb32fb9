import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { DEFAULTS, LocalModel } from "../../../streamlab/web/live/model.js";

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
  assert.deepEqual([one.get("fps"), other.get("fps")], [20, DEFAULTS.fps]);
  one.set("quality", 1);
  assert.equal(other.get("quality"), DEFAULTS.quality);
});

test("the defaults of a page alone are those of the settings", () => {
  const file = new URL("../../../streamlab/web/settings.json", import.meta.url);
  /** @type {[string, {default: any}][]} */
  const settings = Object.entries(JSON.parse(readFileSync(file, "utf8")));
  assert.ok(settings.length);
  for (const [name, setting] of settings) {
    assert.equal(/** @type {Record<string, any>} */ (DEFAULTS)[name], setting.default, name);
  }
});
