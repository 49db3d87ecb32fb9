import assert from "node:assert/strict";
import test from "node:test";

import { Problem, WORDS } from "../../../streamlab/web/protocol/problems.js";

test("a problem has one line, with what it is about where that is known", () => {
  assert.equal(new Problem("no_camera").line, WORDS.no_camera.title);
  assert.equal(new Problem("no_sample", "gate").line, `${WORDS.no_sample.title}: gate`);
});

test("a code of a newer server has words all the same", () => {
  assert.equal(new Problem("something_new", "17").words, WORDS.internal_error);
});

test("whatever is thrown becomes a problem, and a problem stays what it is", () => {
  const problem = new Problem("lost");
  assert.equal(Problem.of(problem), problem);
  const fault = Problem.of(new TypeError("x is null"));
  assert.deepEqual([fault.code, fault.detail], ["page_fault", "x is null"]);
  assert.equal(Problem.of("odd").detail, "odd");
});
