/** An address that pages, notebooks and the JupyterLab extension load: the view of a stream. */

export { mount } from "./view/view.js";
