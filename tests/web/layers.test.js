/** Each folder of streamlab/web imports only the folders that stand here, types included. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, normalize, relative, sep } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../streamlab/web", import.meta.url));
const LAYERS = /** @type {Record<string, string[]>} */ ({
  protocol: [],
  metrics: [],
  overlay: [],
  recording: [],
  charts: ["metrics"],
  capture: ["protocol", "metrics"],
  live: ["protocol", "metrics", "overlay", "recording", "capture"],
  view: ["protocol", "metrics", "overlay", "recording", "capture", "live", "charts"],
});
const IMPORT = /(?:from|import\(|import) ?"(\.[^"]+)"/g;

/** @type {string[]} */
const modules = readdirSync(WEB, { recursive: true }).filter((/** @type {string} */ name) =>
  name.endsWith(".js"),
);

/**
 * The folder of a module, "" for what hosts load by its address.
 *
 * @param {string} path from the root of the modules
 */
const folderOf = (path) => (path.includes(sep) ? path.split(sep)[0] : "");

/**
 * The modules that a module imports, or has types of.
 *
 * @param {string} path
 */
function importsOf(path) {
  const text = readFileSync(join(WEB, path), "utf8");
  return [...text.matchAll(IMPORT)].map(([, name]) =>
    relative(WEB, normalize(join(WEB, path, "..", name))),
  );
}

test("every folder has its place in the layers", () => {
  const folders = new Set(modules.map(folderOf).filter(Boolean));
  assert.deepEqual([...folders].sort(), Object.keys(LAYERS).sort());
});

for (const path of modules.filter(folderOf)) {
  test(`${path} imports only layers below its own`, () => {
    const folder = folderOf(path);
    for (const name of importsOf(path)) {
      assert.ok([folder, ...LAYERS[folder]].includes(folderOf(name)), `${path} imports ${name}`);
    }
  });
}

test("no module imports itself, by way of others either", () => {
  /** @type {Set<string>} */
  const done = new Set();
  /**
   * @param {string} path
   * @param {string[]} way
   */
  const follow = (path, way) => {
    assert.ok(!way.includes(path), `a cycle: ${[...way, path].join(" > ")}`);
    if (done.has(path)) return;
    for (const name of importsOf(path)) follow(name, [...way, path]);
    done.add(path);
  };
  for (const path of modules) follow(path, []);
});
