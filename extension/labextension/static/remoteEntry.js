/**
 * The live view in JupyterLab and Notebook: a launcher card, menu items and a command that open it. It
 * is what a bundler would make of an extension, written by hand, so that nothing has to be built; the
 * view itself comes from the server.
 */

"use strict";

(() => {
  /**
   * @typedef {object} Shared a version of a package, as the front end's bundler shares it
   * @property {() => Promise<() => any>} get
   * @property {0 | 1 | boolean} [loaded]
   *
   * @typedef {Record<string, Record<string, Shared>>} Scope by package and version
   *
   * @typedef {object} Parts what the view's tab is made of
   * @property {new () => any} Widget
   * @property {new (options: {content: any}) => any} MainAreaWidget
   * @property {any} icon
   */

  const COMMAND = "streamlab:open-live-view";
  const LABEL = "Live View (streamlab)";
  const CAPTION =
    "Watch a camera, a video or a sample go through streamlab's pipelines, without a kernel";
  /** The button "New" over the files in Notebook, by its names in the registry of toolbars. */
  const FILES_TOOLBAR = "FileBrowser";
  const NEW_BUTTON = "new-dropdown";
  const ICON =
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 32 32">' +
    '<rect x="2" y="6" width="28" height="20" rx="4" fill="#0072b2"/>' +
    '<rect x="7" y="11" width="12" height="10" fill="none" stroke="#fff" stroke-width="2.4"/>' +
    '<circle cx="24.5" cy="16" r="2.6" fill="#e69f00"/></svg>';

  let opened = 0;

  /** @type {Scope} */
  let scope = {};

  /**
   * What a package of the front end exports, null where it has no such package.
   *
   * @param {string} name
   */
  async function shared(name) {
    const versions = Object.entries(scope[name] ?? {});
    if (!versions.length) return null;
    // its tokens are known by identity: a copy that is not in use would find no service
    const inUse = versions.filter(([, entry]) => entry.loaded);
    const [[, entry]] = (inUse.length ? inUse : versions).sort(([one], [other]) =>
      other.localeCompare(one, "en", { numeric: true }),
    );
    entry.loaded = 1;
    return (await entry.get())();
  }

  function serverBase() {
    const config = document.getElementById("jupyter-config-data")?.textContent;
    return new URL(JSON.parse(config || "{}").baseUrl ?? "/", location.href).href;
  }

  /**
   * Why the view could not be loaded, in plain words.
   *
   * @param {string} base
   * @param {unknown} error
   */
  async function reason(base, error) {
    const status = await fetch(new URL("streamlab/web/live.js", base)).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 0) {
      return ["The server cannot be reached", "Is it running? Close this tab and open it again."];
    }
    if ([424, 502, 503, 504].includes(status)) {
      return ["The server does not run", "Start it again, at a hub in its control panel."];
    }
    if (status === 403) {
      return ["The server does not let this page in", "Reload the page to log in again."];
    }
    if (status === 404) {
      return [
        `There is no streamlab at ${base}`,
        "The live view comes from the server. Install streamlab into the environment that " +
          "JupyterLab runs in, see that “jupyter server extension list” has streamlab_jupyter " +
          "enabled, start JupyterLab again, and reload this page.",
      ];
    }
    const detail = error instanceof Error ? error.message : String(error);
    return ["The live view could not be opened", `${detail}. Reload the page, and try again.`];
  }

  /**
   * @param {HTMLElement} element
   * @param {string[]} words a title and an advice
   */
  function explain(element, [title, advice]) {
    const strong = document.createElement("strong");
    strong.textContent = title;
    const text = document.createElement("p");
    text.textContent = advice;
    const box = document.createElement("div");
    box.setAttribute("role", "alert");
    Object.assign(box.style, {
      padding: "16px 20px",
      maxWidth: "60ch",
      color: "var(--jp-ui-font-color1)",
      font: "14px/1.5 var(--jp-ui-font-family)",
      overflowWrap: "anywhere",
    });
    box.append(strong, text);
    element.replaceChildren(box);
  }

  /**
   * Show the view in a widget, and end its session with it.
   *
   * @param {any} widget
   */
  async function show(widget) {
    const base = serverBase();
    const web = new URL("streamlab/web/", base).href;
    const element = document.createElement("div");
    // the view's background shall reach down to the end of the tab
    Object.assign(element.style, {
      display: "grid",
      gridTemplateColumns: "minmax(0, 1fr)",
      minHeight: "100%",
    });
    widget.node.append(element);
    try {
      const [{ Live }, { LocalModel }, { mount }] = await Promise.all(
        ["live.js", "model.js", "view.js"].map((name) => import(web + name)),
      );
      if (widget.isDisposed) return;
      const live = new Live(new LocalModel(), { base, token: "", hasLogin: true });
      widget.disposed.connect(() => live.close());
      const unmount = await mount(element, live);
      if (widget.isDisposed) unmount();
      else widget.disposed.connect(unmount);
    } catch (error) {
      const words = await reason(base, error);
      if (!widget.isDisposed) explain(widget.node, words);
    }
  }

  /**
   * Open another live view: two sources may well be watched side by side.
   *
   * @param {any} app
   * @param {Parts} parts
   */
  async function open(app, { Widget, MainAreaWidget, icon }) {
    await app.restored;
    const content = new Widget();
    content.node.style.overflow = "auto";
    const tab = new MainAreaWidget({ content });
    opened += 1;
    tab.id = `streamlab-live-view-${opened}`;
    Object.assign(tab.title, {
      label: opened === 1 ? "Live View" : `Live View ${opened}`,
      caption: CAPTION,
      icon,
      closable: true,
    });
    app.shell.add(tab, "main");
    if (!tab.isAttached) {
      // Notebook has room for one document only: the view has a page of its own
      tab.dispose();
      window.open(new URL("streamlab/live", serverBase()));
      return null;
    }
    app.shell.activateById(tab.id);
    show(content);
    return tab; // which the launcher gives its own place to
  }

  /**
   * Keep an item for the command in the menu of Notebook's button "New": the button is made by a factory,
   * and its menu is filled anew when the kernels change.
   *
   * @param {any} app
   * @param {any} toolbars the registry of such factories
   * @param {new () => any} Widget
   */
  function addToNewButton(app, toolbars, Widget) {
    /** @type {Set<any>} */
    const menus = new Set();
    const fill = () => {
      for (const menu of menus) {
        const isThere = menu.items.some((/** @type {any} */ item) => item.command === COMMAND);
        if (!isThere) menu.addItem({ command: COMMAND });
      }
    };
    let isAdding = false;
    const extend = () => {
      isAdding = true;
      // the registry tells which factory it had when it is given another
      const given = toolbars.addFactory(FILES_TOOLBAR, NEW_BUTTON, () => new Widget());
      if (given) {
        toolbars.addFactory(FILES_TOOLBAR, NEW_BUTTON, (/** @type {any} */ files) => {
          const button = given(files);
          for (const menu of button.menus ?? []) menus.add(menu);
          fill();
          return button;
        });
      }
      isAdding = false;
    };
    extend();
    toolbars.factoryAdded.connect((/** @type {any} */ _, /** @type {string} */ name) => {
      if (name === NEW_BUTTON && !isAdding) extend();
    });
    // Notebook fills the menu in the same turn
    app.serviceManager.kernelspecs?.specsChanged.connect(() => queueMicrotask(fill));
  }

  async function makePlugin() {
    const [{ Widget }, apputils, { LabIcon }, launching, menus, notebookTree] = await Promise.all([
      shared("@lumino/widgets"),
      shared("@jupyterlab/apputils"),
      shared("@jupyterlab/ui-components"),
      shared("@jupyterlab/launcher"),
      shared("@jupyterlab/mainmenu"),
      shared("@jupyter-notebook/tree"),
    ]);
    const { ICommandPalette, IToolbarWidgetRegistry, MainAreaWidget } = apputils;
    const tokens = [
      ICommandPalette,
      launching?.ILauncher,
      menus?.IMainMenu,
      notebookTree && IToolbarWidgetRegistry,
    ];
    return {
      id: "streamlab:live-view",
      description: "Opens streamlab's live view.",
      autoStart: true,
      optional: tokens.filter(Boolean),
      /**
       * @param {any} app
       * @param {any[]} services those of the tokens, null where the front end has none
       */
      activate(app, ...services) {
        const given = services.values();
        const [palette, launcher, menu, toolbars] = tokens.map((token) =>
          token ? given.next().value : null,
        );
        const icon = new LabIcon({ name: "streamlab:live-view", svgstr: ICON });
        app.commands.addCommand(COMMAND, {
          label: LABEL,
          caption: CAPTION,
          icon,
          execute: () => open(app, { Widget, MainAreaWidget, icon }),
        });
        palette?.addItem({ command: COMMAND, category: "Video" });
        // the first card of a category gives it its icon: that stays the terminal's
        launcher?.add({ command: COMMAND, category: "Other", rank: 1 });
        menu?.fileMenu.newMenu.addItem({ command: COMMAND });
        if (toolbars) addToNewButton(app, toolbars, Widget);
      },
    };
  }

  const page = /** @type {any} */ (window);
  page._JUPYTERLAB ??= {};
  page._JUPYTERLAB.streamlab = {
    /** @param {Scope} given what the packages of the front end are to be taken from */
    init(given) {
      scope = given;
    },
    /** @param {string} name */
    async get(name) {
      if (name !== "./extension") throw new Error(`streamlab has no ${name}`);
      const exports = { __esModule: true, default: await makePlugin() };
      return () => exports;
    },
  };
})();
