/** The page of a server: its live view and its live sessions. */

import { Live } from "./live.js";
import { LocalModel } from "./model.js";
import { ask } from "./server.js";
import { watchSessions } from "./sessions.js";
import { mount } from "./view.js";
import { Problem } from "./words.js";

const TOKEN = "streamlab-token";

/** @param {string} id */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The server that this page comes from: modules are served under its `streamlab/web/`. */
const server = { base: new URL("../../", import.meta.url).href, token: knownToken() };

/** A token of the address is taken out of it, so that it is neither shown nor sent along. */
function knownToken() {
  const url = new URL(location.href);
  const given = url.searchParams.get("token");
  if (given !== null) {
    sessionStorage.setItem(TOKEN, given);
    url.searchParams.delete("token");
    history.replaceState(null, "", url);
  }
  return sessionStorage.getItem(TOKEN) ?? "";
}

async function begin() {
  const live = new Live(new LocalModel(), server);
  addEventListener("pagehide", () => live.close());
  await mount(find("live"), live);
  const sessions = find("sessions");
  sessions.hidden = false;
  watchSessions(sessions, server, () => live.model.get("session_id"));
}

/** @param {string} problem */
function askForToken(problem) {
  const form = /** @type {HTMLFormElement} */ (find("token"));
  const text = /** @type {HTMLInputElement} */ (find("token-text"));
  find("token-problem").textContent = problem;
  form.hidden = false;
  text.focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    server.token = text.value.trim();
    sessionStorage.setItem(TOKEN, server.token);
    form.hidden = true;
    await open("That is not its token.");
  };
}

/** @param {string} refused what to say where the token is not the right one */
async function open(refused) {
  try {
    await ask(server, "streamlab/health");
  } catch (error) {
    if (Problem.of(error).code === "not_allowed") {
      sessionStorage.removeItem(TOKEN);
      askForToken(refused);
      return;
    }
  }
  await begin();
}

open(server.token ? "The token is not valid any more." : "");
