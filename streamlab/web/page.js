/** The page of a server: its live view and its live sessions. */

import { Live } from "./live/live.js";
import { LocalModel } from "./live/model.js";
import { loadSettings } from "./live/view_settings.js";
import { Problem } from "./protocol/problems.js";
import { ask } from "./protocol/server.js";
import { watchSessions } from "./view/session_table.js";
import { mount } from "./view/view.js";

const NOT_LOADED = "The live view could not be loaded. Reload the page to try again.";
const TOKEN = "streamlab-token";

/** @param {string} id */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The server that this page comes from: modules are served under its `streamlab/web/`. */
const server = {
  base: new URL("../../", import.meta.url).href,
  token: knownToken(),
  hasLogin: document.body.dataset.access === "login",
};

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

/** @type {Live | null} */
let live = null;

async function begin() {
  const settings = await loadSettings().catch(() => null);
  if (!settings) {
    find("live").textContent = NOT_LOADED;
    return;
  }
  const shown = new Live(new LocalModel(), server);
  live = shown;
  addEventListener("pagehide", () => shown.close());
  shown.addEventListener("changed", () => {
    // a server that was started again may have another token
    if (shown.problem?.code === "not_allowed" && find("token").hidden) askForToken("");
  });
  try {
    await mount(find("live"), shown);
  } catch {
    find("live").textContent = NOT_LOADED;
    return;
  }
  const sessions = find("sessions");
  sessions.hidden = false;
  watchSessions(sessions, server, () => shown.model.get("session_id"));
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
    if (live) live.retry();
    else await open("That is not its token.");
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
