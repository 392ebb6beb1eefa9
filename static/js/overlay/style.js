// @ts-check

/**
 * How the overlay looks, out of the address: `/overlay?size=64&colour=ffd75e`. A number out of bounds is brought
 * within them; whatever cannot be understood is left as it is by default. docs/second-screen.md lists all.
 *
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

const GENERIC = ["serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui"];
const OWN_FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

/**
 * @param {URLSearchParams} query
 * @returns {Style}
 */
export function readStyle(query) {
  return {
    size: number(query, "size", 48, 12, 300),
    font: font(query.get("font")),
    weight: number(query, "weight", 600, 100, 900),
    colour: colour(query.get("colour") ?? query.get("color"), "#ffffff"),
    partial: colour(query.get("partial"), "#ffd75e"),
    box: colour(query.get("box"), "#000000"),
    opacity: number(query, "opacity", 0.72, 0, 1),
    lines: Math.round(number(query, "lines", 2, 1, 4)),
    columns: Math.round(number(query, "columns", 34, 16, 60)),
    place: choice(query.get("place"), ["bottom", "middle", "top"]),
    align: choice(query.get("align"), ["center", "left", "right"]),
    margin: number(query, "margin", 32, 0, 400),
    hide: number(query, "hide", 6, 1, 60),
    sample: query.get("sample") === "1",
  };
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
  return /^-?\d{1,6}(\.\d{1,6})?$/.test(text) ? Math.min(most, Math.max(least, Number(text))) : usual;
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

/** @param {string | null} text */
function font(text) {
  const name = text?.trim() ?? "";
  if (GENERIC.includes(name.toLowerCase())) {
    return name.toLowerCase();
  }
  return /^[\p{L}\p{N} _-]{1,40}$/u.test(name) ? `"${name}", ${OWN_FONT}` : OWN_FONT;
}

/**
 * @param {string | null} text
 * @param {string[]} choices the first is the usual one
 */
function choice(text, choices) {
  const wanted = text?.trim().toLowerCase().replace("centre", "center") ?? "";
  return choices.includes(wanted) ? wanted : choices[0];
}

/**
 * @param {string} hex
 * @param {number} opacity
 */
function translucent(hex, opacity) {
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}
