// @ts-check
import { make } from "../shared/dom.js";

/**
 * @typedef {[text: string, sought: boolean]} Piece
 * @typedef {{index: number, start: number, end: number, text: string, typed: boolean, edited: boolean, pieces: Piece[]}} Cue
 * @typedef {{
 *   name: string, began: string, seconds: number, captions: number, words: number, first_words: string, whole: boolean,
 * }} Session
 */

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const SECOND = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** @param {Session} session */
export function dayOf({ began }) {
  const day = DAY.format(new Date(began));
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  return day === DAY.format(today) ? "Today" : day === DAY.format(yesterday) ? "Yesterday" : day;
}

/** @param {Session} session */
export function startOf({ began }) {
  return HOUR.format(new Date(began));
}

/** @param {Session} session */
export function titleOf({ began }) {
  return `${SHORT_DAY.format(new Date(began))}, ${HOUR.format(new Date(began))}`;
}

/**
 * The time of day of a caption.
 *
 * @param {Session} session
 * @param {Cue} cue
 */
export function timeOf({ began }, { start }) {
  return SECOND.format(new Date(new Date(began).getTime() + start * 1000));
}

/**
 * How long it was and how much was said.
 *
 * @param {Session} session
 */
export function factsOf({ seconds, words }) {
  return `${lengthOf(seconds)} · ${count(words, "word")}`;
}

/**
 * @param {number} number
 * @param {string} noun
 */
export function count(number, noun) {
  return `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;
}

/** @param {number} seconds */
function lengthOf(seconds) {
  if (seconds < 60) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/**
 * Text in which what was sought is marked.
 *
 * @param {Piece[]} pieces
 */
export function marked(pieces) {
  return pieces.map(([text, sought]) => (sought ? make("mark", {}, text) : text));
}
