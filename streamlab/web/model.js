/** An address that pages and the JupyterLab extension load: the settings of a view without a kernel. */

export { LocalModel } from "./live/model.js";
