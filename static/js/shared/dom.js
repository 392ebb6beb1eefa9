// @ts-check

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with attributes and children; text is always text.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] false, null: left out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      made.append(typeof child === "number" ? String(child) : child);
    }
  }
  return made;
}

/**
 * @param {number | null | undefined} share from 0 to 1
 * @param {number} [digits] after the point
 */
export function percent(share, digits = 1) {
  return typeof share === "number" ? `${(share * 100).toFixed(digits)}\u00a0%` : "–";
}

/**
 * @param {number | null | undefined} value
 * @param {number} [digits] after the point
 */
export function number(value, digits = 3) {
  return typeof value === "number" ? value.toFixed(digits) : "–";
}

/** @param {number | null | undefined} seconds */
export function duration(seconds) {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) {
    return "–";
  }
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  }
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** @param {string | null | undefined} iso */
export function dateTime(iso) {
  const date = new Date(iso ?? "");
  if (Number.isNaN(date.getTime())) {
    return "–";
  }
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleString(undefined, { year, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
