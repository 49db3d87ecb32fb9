import assert from "node:assert/strict";
import test from "node:test";

import { xsrfTokens } from "../../../streamlab/web/protocol/server.js";

test("the XSRF tokens are those of the page's cookies, in the browser's order, each once", () => {
  assert.deepEqual(xsrfTokens(""), []);
  assert.deepEqual(xsrfTokens("my_xsrf=1; _xsrfs=2"), []);
  assert.deepEqual(xsrfTokens("_xsrf=2|a|b|3"), ["2|a|b|3"]);
  assert.deepEqual(xsrfTokens("a=b; _xsrf=bmVhcg; _xsrf=ZmFy; c=_xsrf=d; _xsrf=ZmFy"), [
    "bmVhcg",
    "ZmFy",
  ]);
  assert.deepEqual(xsrfTokens('_xsrf="quoted"; _xsrf='), ["quoted", ""]);
});
