/** The settings of a view, as the server describes them: names, labels, ranges of the sliders. */

import { addDefaults } from "./model.js";
import { setTunable } from "./session_settings.js";

/**
 * @typedef {object} Setting
 * @property {string} label
 * @property {string} unit
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {number[]} [choices]
 * @property {any} default null for one that is left to the server
 * @property {string} help
 * @property {boolean} tunable whether a session decides by it, so that the view has a slider for it
 *
 * @typedef {Record<string, Setting>} Settings
 */

/** @type {Promise<Settings> | undefined} */
let loading;

/** The settings, which are loaded once: before a model has their defaults, and a `Live` follows them. */
export function loadSettings() {
  loading ??= fetch(new URL("../settings.json", import.meta.url)).then(async (answer) => {
    /** @type {Settings} */
    const settings = await answer.json();
    setTunable(Object.keys(settings).filter((name) => settings[name].tunable));
    addDefaults(defaultsOf(settings));
    return settings;
  });
  return loading;
}

/**
 * What a view begins with.
 *
 * @param {Settings} settings
 * @returns {Record<string, any>}
 */
export function defaultsOf(settings) {
  return Object.fromEntries(Object.entries(settings).map(([name, each]) => [name, each.default]));
}
