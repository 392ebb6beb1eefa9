// @ts-check
import { make } from "../shared/dom.js";

/** @typedef {import("../shared/live.js").Letter} Letter */

/**
 * Letters as a person reads them: those since a moment, with a space where the hand paused.
 *
 * @param {Letter[]} letters
 * @param {number} since seconds
 * @param {number} pause seconds that end a word
 */
export function wordsOf(letters, since, pause) {
  const shown = letters.filter(({ end }) => end >= since);
  return shown.map(({ text, start }, place) => (place > 0 && start - shown[place - 1].end >= pause ? ` ${text}` : text)).join("");
}

/**
 * Two texts in pieces, each with whether the other has it as well.
 *
 * @param {string} one
 * @param {string} other
 * @returns {[one: [text: string, shared: boolean][], other: [text: string, shared: boolean][]]}
 */
export function compared(one, other) {
  // The longest row of characters that both have, in the same order.
  const longest = Array.from({ length: one.length + 1 }, () => new Array(other.length + 1).fill(0));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      longest[i][j] = one[i] === other[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const [ones, others] = [new Array(one.length).fill(false), new Array(other.length).fill(false)];
  let [i, j] = [0, 0];
  while (i < one.length && j < other.length) {
    if (one[i] === other[j]) {
      ones[i++] = others[j++] = true;
    } else if (longest[i + 1][j] >= longest[i][j + 1]) {
      i++;
    } else {
      j++;
    }
  }
  return [pieces(one, ones), pieces(other, others)];
}

/**
 * @param {string} text
 * @param {boolean[]} shared
 * @returns {[string, boolean][]}
 */
function pieces(text, shared) {
  /** @type {[string, boolean][]} */
  const found = [];
  for (const [place, character] of [...text].entries()) {
    const last = found.at(-1);
    if (last && last[1] === shared[place]) {
      last[0] += character;
    } else {
      found.push([character, shared[place]]);
    }
  }
  return found;
}

/**
 * Show two texts, and mark where they differ.
 *
 * @param {HTMLElement} place
 * @param {string} text
 * @param {HTMLElement} otherPlace
 * @param {string} other
 */
export function showDifferences(place, text, otherPlace, other) {
  const [one, two] = compared(text, other);
  show(place, one);
  show(otherPlace, two);
}

/**
 * @param {HTMLElement} place
 * @param {[string, boolean][]} shown
 */
function show(place, shown) {
  const key = JSON.stringify(shown);
  if (place.dataset.shown !== key) {
    place.dataset.shown = key;
    place.replaceChildren(...(shown.length ? shown.map(([text, shared]) => (shared ? text : make("mark", {}, text))) : ["nothing"]));
  }
}
