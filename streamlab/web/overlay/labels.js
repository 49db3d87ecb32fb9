/** Lines of text on a picture, and the colour of a label. */

/** @typedef {import("./shapes.js").Context} Context */

// Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), in the order of streamlab.media.painting
const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#f0e442"];
const BRIGHT_LUMA = 140;
const FONT_PX = 13;
const PAD_PX = 3;
/** Characters of a caption that are drawn. */
const MAX_CHARACTERS = 80;
const COLOR = /^#[0-9a-f]{6}$/i;

/**
 * The colour of a label: from its own bytes, so that it is the same in every video.
 *
 * @param {string} label
 */
export function colourOf(label) {
  let rest = 0;
  for (const byte of new TextEncoder().encode(String(label)))
    rest = (rest * 256 + byte) % PALETTE.length;
  return PALETTE[rest];
}

/**
 * The colour of a detection or shape: its own, else that of its label.
 *
 * @param {{label?: string | null, color?: any}} thing
 */
export function strokeColour({ label, color }) {
  return typeof color === "string" && COLOR.test(color) ? color : colourOf(label ?? "");
}

/**
 * Write a line on a ground of its own, within the picture.
 *
 * @param {Context} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} colour
 * @param {number} ratio
 */
export function drawLabel(context, text, x, y, colour, ratio) {
  const { width, height } = context.canvas;
  context.font = `600 ${FONT_PX * ratio}px system-ui, sans-serif`;
  context.textBaseline = "top";
  const pad = PAD_PX * ratio;
  const tall = labelHeight(ratio);
  const wide = context.measureText(text).width + 2 * pad;
  const left = Math.max(0, Math.min(x, width - wide));
  const top = Math.max(0, Math.min(y, height - tall));
  context.fillStyle = colour;
  context.fillRect(left, top, wide, tall);
  context.fillStyle = isBright(colour) ? "#000" : "#fff";
  context.fillText(text, left + pad, top + pad);
}

/**
 * The height of a line.
 *
 * @param {number} ratio pixels of the canvas for one of CSS
 */
export function labelHeight(ratio) {
  return (FONT_PX + 2 * PAD_PX) * ratio;
}

/**
 * A text, shortened where nobody would read it to its end.
 *
 * @param {string} text
 */
export function shortened(text) {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

/** @param {string} colour `#rrggbb` */
function isBright(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > BRIGHT_LUMA; // ITU-R BT.601
}
