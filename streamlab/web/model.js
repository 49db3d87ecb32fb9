/** An address that pages and the JupyterLab extension load: the settings of a view without a kernel. */

import { loadSettings } from "./live/view_settings.js";

// a model begins with the defaults of all settings
await loadSettings();

export { LocalModel } from "./live/model.js";
