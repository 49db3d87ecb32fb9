/**
 * The live view as a notebook's widget. A notebook gets this file alone, with its widget; all else
 * comes from the server that it streams to, or from the one that the notebook's page is from.
 */

/** @param {{get: (name: string) => any}} model */
function serverAddress(model) {
  const url = model.get("server_url");
  if (url) return url.endsWith("/") ? url : `${url}/`;
  const config = document.getElementById("jupyter-config-data")?.textContent;
  const base = config ? JSON.parse(config).baseUrl : document.body.dataset.baseUrl;
  return base === undefined ? "" : new URL(base, location.href).href;
}

/**
 * The token of a lab's own server. It is asked for rather than shared, because what a widget shares may
 * be saved with the notebook. The page's own server knows the page by its cookie.
 *
 * @param {any} model
 * @returns {Promise<string>}
 */
function serverToken(model) {
  if (!model.get("server_url")) return Promise.resolve("");
  return new Promise((resolve) => {
    const take = (/** @type {any} */ content) => {
      if (content?.kind !== "token") return;
      model.off("msg:custom", take);
      resolve(content.token);
    };
    model.on("msg:custom", take);
    model.send({ kind: "hello" });
  });
}

/**
 * @param {HTMLElement} el
 * @param {string} title
 * @param {string} advice
 */
function explain(el, title, advice) {
  const strong = document.createElement("strong");
  strong.textContent = title;
  const text = document.createElement("p");
  text.textContent = advice;
  el.setAttribute("role", "alert");
  el.replaceChildren(strong, text);
}

const OTHER_FRONT_END =
  "This front end's page does not come from a Jupyter server. Give the view a server of its own: " +
  'streamlab.LiveView(streamlab.connect(where="process")).';
const NO_STREAMLAB =
  "The live view comes from the server. Install streamlab into the environment that it runs in " +
  "(for JupyterLab, the one that JupyterLab runs in), start it again, and reload this page.";

export default () => {
  /** @type {any} */
  let live = null;
  /** @type {any} */
  let modules = null;
  /** @type {Promise<void> | null} */
  let loading = null;

  /** @param {any} model */
  function load(model) {
    loading ??= (async () => {
      const base = serverAddress(model);
      if (!base) return;
      const web = new URL("streamlab/web/", base);
      const [run, view] = await Promise.all([
        import(new URL("live.js", web).href),
        import(new URL("view.js", web).href),
      ]);
      modules = view;
      const hasLogin = !model.get("server_url");
      live = new run.Live(model, { base, token: await serverToken(model), hasLogin });
    })();
    return loading;
  }

  return {
    /** @param {{model: any}} context */
    initialize({ model }) {
      load(model).catch(() => {});
      return () => live?.close();
    },
    /** @param {{model: any, el: HTMLElement}} context */
    async render({ model, el }) {
      try {
        await load(model);
      } catch {
        explain(el, `There is no streamlab at ${serverAddress(model)}`, NO_STREAMLAB);
        return;
      }
      if (!live) {
        explain(el, "There is no server to stream to", OTHER_FRONT_END);
        return;
      }
      return modules.mount(el, live);
    },
  };
};
