/** The sessions that are live at a server, as its observers receive them. */

import { backoff, socketUrl } from "../protocol/stream.js";
import { make, setText } from "./dom.js";

/**
 * @typedef {import("../protocol/stream.js").Server} Server
 * @typedef {{received: number, processed: number, dropped: Record<string, number>, rejected: number,
 *   failed: number, waiting: number, in_flight: number}} Ledger
 *
 * @typedef {object} Seen
 * @property {string} session_id
 * @property {string} [guest] name of a user with whom the server is shared
 * @property {string} pipeline_id
 * @property {string} state
 * @property {number} received_fps
 * @property {number} processed_fps
 * @property {number | null} p95_ms
 * @property {number} drop_rate
 * @property {number} connected_s
 * @property {Ledger} ledger
 */

const COLUMNS = [
  ["session", ""],
  ["pipeline", ""],
  ["state", ""],
  ["for", "number"],
  ["received", "number"],
  ["processed", "number"],
  ["p95", "number"],
  ["drop rate", "number"],
  ["ledger: received = processed + dropped + rejected + failed + waiting + in flight", ""],
];

/** A server shows its sessions every second: of one that is silent for so long, nothing is known. */
const SILENT_MS = 5000;

/**
 * Show the live sessions in an element; returns a function that ends it.
 *
 * @param {HTMLElement} element
 * @param {Server} server
 * @param {() => string} own the id of this page's session
 */
export function watchSessions(element, server, own) {
  const body = make("tbody");
  const head = make(
    "tr",
    {},
    ...COLUMNS.map(([text, kind]) => make("th", { text, class: kind, scope: "col" })),
  );
  const words = make("p", { class: "quiet", role: "status" });
  const table = make("div", { class: "scroll" }, make("table", {}, make("thead", {}, head), body));
  element.replaceChildren(make("h2", { text: "Live sessions of this server" }), words, table);
  /** @type {WebSocket} */
  let socket;
  /** @type {ReturnType<typeof setTimeout>} */
  let waiting;
  /** @type {ReturnType<typeof setTimeout>} */
  let listening;
  let attempt = 0;
  let isOver = false;

  const lost = () => {
    clearTimeout(listening);
    if (isOver) return;
    // what was seen last may have ended since
    body.replaceChildren();
    table.hidden = true;
    setText(words, "The server cannot be reached; trying again…");
    waiting = setTimeout(connect, backoff(attempt, Math.random()) * 1e3);
    attempt += 1;
  };
  const listen = () => {
    clearTimeout(listening);
    listening = setTimeout(() => {
      socket.onclose = null;
      socket.close();
      lost();
    }, SILENT_MS);
  };

  const connect = () => {
    socket = new WebSocket(socketUrl(server, "ws/events", { topic: "sessions" }));
    listen();
    socket.onmessage = ({ data }) => {
      attempt = 0;
      listen();
      /** @type {Seen[]} */
      const sessions = JSON.parse(data).sessions ?? [];
      setText(words, sessions.length ? "" : "Nobody streams.");
      table.hidden = !sessions.length;
      body.replaceChildren(
        ...sessions.map((session) => row(session, session.session_id === own())),
      );
    };
    socket.onclose = lost;
  };
  connect();
  return () => {
    isOver = true;
    clearTimeout(waiting);
    clearTimeout(listening);
    socket.close();
  };
}

/**
 * @param {Seen} session
 * @param {boolean} isOwn
 */
function row(session, isOwn) {
  const state = make("span", { class: "state", text: session.state });
  state.dataset.state = session.state;
  const cells = [
    session.session_id + who(session, isOwn),
    session.pipeline_id,
    state,
    duration(session.connected_s),
    `${session.received_fps.toFixed(1)} fps`,
    `${session.processed_fps.toFixed(1)} fps`,
    session.p95_ms === null ? "–" : `${session.p95_ms.toFixed(0)} ms`,
    `${(session.drop_rate * 100).toFixed(1)} %`,
    ledger(session.ledger),
  ];
  const element = make(
    "tr",
    { class: isOwn ? "own" : "" },
    ...cells.map((cell, place) => make("td", { class: COLUMNS[place][1] }, cell)),
  );
  element.dataset.session = session.session_id;
  return element;
}

/**
 * @param {Seen} session
 * @param {boolean} isOwn
 */
function who({ guest }, isOwn) {
  const notes = [isOwn && "this page", guest && `guest: ${guest}`].filter(Boolean);
  return notes.length ? ` (${notes.join(", ")})` : "";
}

/** @param {Ledger} ledger */
function ledger({ received, processed, dropped, rejected, failed, waiting, in_flight }) {
  const causes = Object.entries(dropped).filter(([, count]) => count);
  const drops = causes.reduce((sum, [, count]) => sum + count, 0);
  const byCause = causes.map(([cause, count]) => `${count} ${cause}`).join(", ");
  const sum = [processed, drops, rejected, failed, waiting, in_flight].join(" + ");
  return `${received} = ${sum}${byCause ? ` (${byCause})` : ""}`;
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
