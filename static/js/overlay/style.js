// @ts-check

/**
 * How the overlay looks: as the settings say (page Style), unless the address says otherwise:
 * `/overlay?size=64&colour=ffd75e`. A number out of bounds is brought within them; whatever cannot be understood is
 * left as the settings have it. docs/second-screen.md lists all.
 *
 * @typedef {import("../shared/feed.js").Look} Look
 * @typedef {{
 *   size: number,
 *   font: string,
 *   weight: number,
 *   colour: string,
 *   partial: string,
 *   box: string,
 *   opacity: number,
 *   lines: number,
 *   columns: number,
 *   place: string,
 *   align: string,
 *   margin: number,
 *   hide: number,
 *   sample: boolean,
 * }} Style
 */

/** @type {Look} those of overlay/core/settings.py */
const DEFAULTS = {
  place: "bottom",
  align: "centre",
  font: "",
  size: 0.065,
  lines: 2,
  columns: 34,
  colour: "#ffffff",
  partial_colour: "#ffd75e",
  box_colour: "#000000",
  box_opacity: 0.72,
  margin: 0.05,
  shown_after: 6,
};

const GENERIC = ["serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui"];
const SIZE = { usual: 48, setting: 0.065 }; // in pixels, for the setting's default
const MARGIN = { usual: 32, setting: 0.05 };
const OWN_FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

/**
 * @param {URLSearchParams} query
 * @param {Look | null} look as in the settings; null for the defaults
 * @returns {Style}
 */
export function readStyle(query, look = null) {
  const usual = look ?? DEFAULTS;
  return {
    size: number(query, "size", within(scaled(usual.size, SIZE), 12, 300), 12, 300),
    font: fontOf(query.get("font") ?? usual.font),
    weight: number(query, "weight", 600, 100, 900),
    colour: colour(query.get("colour") ?? query.get("color"), usual.colour),
    partial: colour(query.get("partial"), usual.partial_colour),
    box: colour(query.get("box"), usual.box_colour),
    opacity: number(query, "opacity", usual.box_opacity, 0, 1),
    lines: Math.round(number(query, "lines", usual.lines, 1, 4)),
    columns: Math.round(number(query, "columns", usual.columns, 16, 60)),
    place: choice(query.get("place"), ["bottom", "middle", "top"], usual.place),
    align: choice(query.get("align"), ["center", "left", "right"], usual.align.replace("centre", "center")),
    margin: number(query, "margin", within(scaled(usual.margin, MARGIN), 0, 400), 0, 400),
    hide: number(query, "hide", usual.shown_after, 1, 60),
    sample: query.get("sample") === "1",
  };
}

/**
 * Pixels for a setting that is a fraction of the picture.
 *
 * @param {number} share
 * @param {{usual: number, setting: number}} scale
 */
function scaled(share, { usual, setting }) {
  return Math.round((usual * share) / setting);
}

/**
 * Put a style into the page: as properties of its own, as no inline style is allowed.
 *
 * @param {Style} style
 * @param {HTMLElement} target
 */
export function applyStyle(style, target) {
  /** @type {Record<string, string>} */
  const properties = {
    "--size": `${style.size}px`,
    "--font": style.font,
    "--weight": String(style.weight),
    "--colour": style.colour,
    "--partial": style.partial,
    "--edge": style.box,
    "--box": translucent(style.box, style.opacity),
    "--lines": String(style.lines),
    "--margin": `${style.margin}px`,
  };
  for (const [name, value] of Object.entries(properties)) {
    target.style.setProperty(name, value);
  }
  target.dataset.place = style.place;
  target.dataset.align = style.align;
}

/**
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {number} usual
 * @param {number} least
 * @param {number} most
 */
function number(query, name, usual, least, most) {
  const text = query.get(name)?.trim() ?? "";
  return /^-?\d{1,6}(\.\d{1,6})?$/.test(text) ? within(Number(text), least, most) : usual;
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function within(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

/**
 * `#rrggbb` for a colour in hexadecimal, with or without #, or by its name.
 *
 * @param {string | null} text
 * @param {string} usual
 */
function colour(text, usual) {
  const wanted = text?.trim().toLowerCase() ?? "";
  const hex = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/.exec(wanted)?.[1];
  if (hex) {
    return `#${hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex}`;
  }
  // A canvas turns names into #rrggbb, and leaves its colour as it is where it does not know one.
  const context = document.createElement("canvas").getContext("2d");
  if (!context || !/^[a-z]{3,24}$/.test(wanted)) {
    return usual;
  }
  context.fillStyle = usual;
  context.fillStyle = wanted;
  const found = String(context.fillStyle);
  return /^#[0-9a-f]{6}$/.test(found) ? found : usual;
}

/**
 * What CSS takes for the name of a font: it, and behind it those of the system.
 *
 * @param {string} text
 */
export function fontOf(text) {
  const name = text.trim();
  if (GENERIC.includes(name.toLowerCase())) {
    return name.toLowerCase();
  }
  return /^[\p{L}\p{N} _-]{1,40}$/u.test(name) ? `"${name}", ${OWN_FONT}` : OWN_FONT;
}

/**
 * @param {string | null} text
 * @param {string[]} choices
 * @param {string} usual one of them, or else the first is
 */
function choice(text, choices, usual) {
  const wanted = text?.trim().toLowerCase().replace("centre", "center") ?? "";
  return choices.find((each) => each === wanted) ?? choices.find((each) => each === usual) ?? choices[0];
}

/**
 * @param {string} hex
 * @param {number} opacity
 */
function translucent(hex, opacity) {
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}
