/** An address that pages, notebooks and the JupyterLab extension load: a stream's life cycle. */

import { loadSettings } from "./live/view_settings.js";

// a `Live` follows all settings that there are
await loadSettings();

export { Live } from "./live/live.js";
