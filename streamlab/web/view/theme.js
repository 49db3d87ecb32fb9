/** Light or dark, as the page around a view is, and the colours that charts draw with. */

/** @typedef {import("../charts/chart.js").Ink} Ink */

/**
 * Mark an element with the theme of its page, for as long as it is watched.
 *
 * @param {HTMLElement} element
 * @param {() => void} changed
 */
export function watchTheme(element, changed) {
  const preference = matchMedia("(prefers-color-scheme: dark)");
  const watched = {
    ink: /** @type {Ink} */ ({
      text: "#000",
      faint: "#888",
      line: "#ccc",
      accent: "#0072b2",
      second: "#999",
      bands: [],
    }),
    /** Take the colours as they are now. */
    apply,
    close() {
      preference.removeEventListener("change", apply);
      marks.disconnect();
    },
  };
  const marks = new MutationObserver(apply);
  marks.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "class"],
  });
  preference.addEventListener("change", apply);
  return watched;

  /** Mark it, and take the colours; without its style sheet it has none. */
  function apply() {
    element.dataset.theme = isDark(preference.matches) ? "dark" : "light";
    const style = getComputedStyle(element);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
    const bands = ["transparent", colour("warning-band"), colour("critical-band")];
    const ink = { text: colour("ink"), faint: colour("faint"), line: colour("line") };
    watched.ink = { ...ink, accent: colour("accent"), second: colour("second"), bands };
    changed();
  }
}

/** @param {boolean} preferred what the browser prefers, for pages that say nothing */
function isDark(preferred) {
  const { jpThemeLight } = document.body.dataset; // JupyterLab and Notebook
  if (jpThemeLight !== undefined) return jpThemeLight === "false";
  if (document.body.classList.contains("vscode-dark")) return true;
  if (document.body.classList.contains("vscode-light")) return false;
  return preferred;
}
