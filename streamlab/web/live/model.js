/**
 * The state that a view shares with others: that of a notebook's widget, or of a page alone.
 *
 * @typedef {object} Model what a view needs of an anywidget model
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...args: any[]) => void) => void} on
 * @property {(event: string, callback: (...args: any[]) => void) => void} off
 * @property {{kernel?: unknown}} [widget_manager] of a notebook
 * @property {(content: any, callbacks?: any, buffers?: (ArrayBuffer | ArrayBufferView)[]) => void} send
 */

/**
 * What a view begins with where no notebook says otherwise; `addDefaults` adds its settings.
 *
 * @type {Record<string, any>}
 */
export const DEFAULTS = {
  source: "camera",
  pipeline_id: "everyday",
  pipeline_chosen: false,
  adaptive: true,
  running: false,
  status: "stopped",
  state: "normal",
  error: "",
  traceback: "",
  session_id: "",
  metrics: {},
};

/** @param {Record<string, any>} values what models begin with from now on, too */
export function addDefaults(values) {
  Object.assign(DEFAULTS, values);
}

/**
 * Call back when a value of a model changes; returns a function that ends it.
 *
 * @param {Model} model
 * @param {string[]} names
 * @param {() => void} callback
 */
export function subscribe(model, names, callback) {
  for (const name of names) model.on(`change:${name}`, callback);
  return () => {
    for (const name of names) model.off(`change:${name}`, callback);
  };
}

/**
 * A model of a page alone.
 *
 * @implements {Model}
 */
export class LocalModel {
  /** @type {Record<string, any>} */
  #values;
  /** @type {Map<string, Set<(...args: any[]) => void>>} */
  #callbacks = new Map();

  /** @param {Record<string, any>} [values] */
  constructor(values = {}) {
    this.#values = { ...DEFAULTS, ...values };
  }

  /** @param {string} name */
  get(name) {
    return this.#values[name];
  }

  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    if (this.#values[name] === value) return;
    this.#values[name] = value;
    for (const callback of this.#callbacks.get(`change:${name}`) ?? []) callback();
  }

  save_changes() {}

  /**
   * @param {string} event
   * @param {(...args: any[]) => void} callback
   */
  on(event, callback) {
    const callbacks = this.#callbacks.get(event) ?? new Set();
    this.#callbacks.set(event, callbacks.add(callback));
  }

  /**
   * @param {string} event
   * @param {(...args: any[]) => void} callback
   */
  off(event, callback) {
    this.#callbacks.get(event)?.delete(callback);
  }

  send() {}
}
