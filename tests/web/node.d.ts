// the tests' own modules are checked; of Node's it is enough that they are there
declare module "node:assert/strict";
declare module "node:fs";
declare module "node:fs/promises";
declare module "node:path";
declare module "node:test";
declare module "node:url";
declare module "node:zlib";
declare const process: { argv: string[] };
