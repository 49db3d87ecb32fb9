/** An address that pages, notebooks and the JupyterLab extension load: a stream's life cycle. */

export { Live } from "./live/live.js";
