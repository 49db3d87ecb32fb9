/** Asking the server over HTTP: what there is, and changes to a session that runs. */

import { Problem } from "./problems.js";

/**
 * @typedef {import("./stream.js").Server} Server
 *
 * @typedef {object} Sample
 * @property {string} name
 * @property {number} fps
 * @property {string} [pipeline_id] what it is shown with where no pipeline is chosen
 * @property {number} frames
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Node a node of a pipeline, as the server describes it
 * @property {string} id
 * @property {string} tool
 * @property {string} [tool_title]
 * @property {string[]} [produces]
 *
 * @typedef {object} Health
 * @property {string} version
 * @property {boolean} warm
 * @property {number} workers
 * @property {number} cores
 * @property {string} [device]
 * @property {Record<string, number | string>} backpressure the defaults of sessions
 *
 * @typedef {object} Pipeline
 * @property {string} id
 * @property {string} title
 * @property {string[]} deferring
 * @property {Node[]} [nodes]
 * @property {boolean} [detects] whether its sessions take `min_score` and `labels`
 * @property {string[] | null} [labels] what its model knows, null where it does not tell
 * @property {number | null} [score_threshold] the least score that its detecting node answers
 *
 * @typedef {{health: Health, pipelines: Pipeline[], samples: Sample[]}} About
 */

const ANSWER_MS = 10_000;
const WARM_POLL_MS = 200;
const WARM_ANSWER_MS = 2000;
/** Questions without an answer after which a server is taken to be warm. */
const WARM_FAILURES = 3;
/** What a proxy answers for a server that it cannot reach, a hub for one that does not run. */
const UNREACHED = [424, 502, 503, 504];
/** What a server answers that lets nobody in. */
const REFUSED = [401, 403];

/**
 * The answer of a request; raises a `Problem` for one that is refused or not answered. To the page's own
 * server it brings the XSRF token of the page's cookie: a hub asks for it with a GET, too.
 *
 * @param {Server} server
 * @param {string} path
 * @param {RequestInit} [options]
 */
export async function request(server, path, options = {}) {
  const url = new URL(path, server.base);
  /** @type {Record<string, string>} */
  const headers = {};
  if (server.token) headers.Authorization = `token ${server.token}`;
  if (options.body) headers["Content-Type"] = "application/json";
  const send = () =>
    fetch(url, {
      credentials: "same-origin",
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
      ...options,
    }).catch(() => {
      throw new Problem("lost");
    });
  const [first, ...others] = url.origin === location.origin ? xsrfTokens(document.cookie) : [];
  if (first) headers["X-XSRFToken"] = first;
  let answer = await send();
  for (const other of others) {
    if (!REFUSED.includes(answer.status)) break;
    headers["X-XSRFToken"] = other;
    answer = await send();
  }
  if (answer.ok) return answer;
  throw await problemOf(answer, server);
}

/**
 * What an answer that refuses a request means.
 *
 * @param {Response} answer
 * @param {Server} server
 */
async function problemOf(answer, server) {
  // streamlab leads nowhere else: a hub does, to its own pages, from a server that does not run
  if (answer.type === "opaqueredirect") return new Problem("lost");
  if (UNREACHED.includes(answer.status)) return new Problem("lost");
  if (REFUSED.includes(answer.status)) {
    return server.hasLogin ? new Problem("not_logged_in") : new Problem("not_allowed");
  }
  const { detail } = await answer.json().catch(() => ({}));
  if (answer.status === 404 && !detail) {
    return new Problem("no_streamlab", new URL(server.base).origin);
  }
  return new Problem("refused", detail ?? `${answer.status} ${answer.statusText}`);
}

/**
 * How the server is, and what it has.
 *
 * @param {Server} server
 * @returns {Promise<About>}
 */
export async function about(server) {
  const [health, { pipelines }, { samples }] = await Promise.all([
    ask(server, "streamlab/health"),
    ask(server, "streamlab/pipelines"),
    ask(server, "streamlab/samples"),
  ]);
  return { health, pipelines, samples };
}

/**
 * Wait until a server's models are loaded, as long as that matters.
 *
 * @param {Server} server one that has just been reached
 * @param {() => boolean} isNeeded
 * @param {() => void} loading is called for each time that they are not
 */
export async function waitUntilWarm(server, isNeeded, loading) {
  let failures = 0;
  while (isNeeded() && failures <= WARM_FAILURES) {
    try {
      const signal = AbortSignal.timeout(WARM_ANSWER_MS);
      if ((await ask(server, "streamlab/health", { signal })).warm) return;
      if (isNeeded()) loading();
    } catch {
      failures += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, WARM_POLL_MS));
  }
}

/**
 * Change what a live session decides by.
 *
 * @param {Server} server
 * @param {string} session its id
 * @param {Record<string, any>} settings
 * @returns {Promise<Record<string, any>>} the session as it is then
 */
export function retune(server, session, settings) {
  return ask(server, sessionPath(session), { method: "PATCH", body: JSON.stringify(settings) });
}

/**
 * A live session's settings and figures.
 *
 * @param {Server} server
 * @param {string} session its id
 * @returns {Promise<Record<string, any>>}
 */
export function askSession(server, session) {
  return ask(server, sessionPath(session));
}

/** @param {string} session its id */
function sessionPath(session) {
  return `streamlab/sessions/${encodeURIComponent(session)}`;
}

/**
 * @param {Server} server
 * @param {string} path
 * @param {RequestInit} [options]
 */
export async function ask(server, path, options = {}) {
  const answer = await request(server, path, options);
  try {
    return await answer.json();
  } catch {
    throw new Problem("no_streamlab", new URL(server.base).origin);
  }
}

/**
 * The XSRF tokens that the server may have meant, the likeliest first: a hub and every Jupyter server of
 * this host may have set a cookie of that name. A browser lists the one of the longest path first, and
 * servers differ in which one they take.
 *
 * @param {string} cookies as `document.cookie` has them
 */
export function xsrfTokens(cookies) {
  const values = [...cookies.matchAll(/(?:^|; )_xsrf=([^;]*)/g)].map(([, value]) => value);
  return [...new Set(values.map((value) => value.replace(/^"(.*)"$/, "$1")))];
}
