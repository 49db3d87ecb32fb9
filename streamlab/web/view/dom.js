/** Making elements. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties] `class`, `on…` listeners, attributes with a dash, `text`;
 *   all else is set as a property
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role" || name === "for")
      element.setAttribute(name, value);
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}

/**
 * Change a text only where it is another one: what is set again is laid out again.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Change what is said of an element to those who do not see it.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setLabel(element, text) {
  if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
}

let made = 0;

/** An id that no other element of the page has. */
export function freshId() {
  made += 1;
  return `streamlab-${made}`;
}

/**
 * Hand a file to the user.
 *
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  // a fast browser holds the blob by the next task; a minute is for slow ones
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
