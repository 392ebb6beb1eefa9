// @ts-check

/** @typedef {"open" | "read" | "skipped"} Letter whether it was read, or the ones after it were */

/** How far a word has been signed. Letters come as they are read; what is no letter, such as a space, needs none. */
export class Progress {
  /** @type {string} */
  word;
  /** @type {Letter[]} */
  states;
  /** What was read last in the place of the letter that is due; "" where that is well. */
  mistaken = "";

  /** @param {string} word */
  constructor(word) {
    this.word = word.toUpperCase();
    this.states = [...this.word].map((letter) => (isLetter(letter) ? "open" : "read"));
  }

  /** Place of the letter that is due; the length of the word when there is none. */
  get due() {
    const next = this.states.indexOf("open");
    return next < 0 ? this.word.length : next;
  }

  get done() {
    return !this.states.includes("open");
  }

  /** Letters that were passed over: those after them were read. */
  get skipped() {
    return [...this.word].filter((_, place) => this.states[place] === "skipped");
  }

  /** @param {string} letter that was read */
  accept(letter) {
    if (this.done) {
      return;
    }
    const { due } = this;
    const next = this.#after(due);
    this.mistaken = "";
    if (letter === this.word[due]) {
      this.states[due] = "read";
    } else if (next < this.word.length && letter === this.word[next]) {
      this.states[due] = "skipped";
      this.states[next] = "read";
    } else if (letter !== this.#before(due)) {
      this.mistaken = letter; // one that was held on is no mistake
    }
  }

  /** @param {number} place */
  #after(place) {
    const found = this.states.indexOf("open", place + 1);
    return found < 0 ? this.word.length : found;
  }

  /** @param {number} place */
  #before(place) {
    return [...this.word.slice(0, place)].reverse().find(isLetter) ?? "";
  }
}

/**
 * The letters that came since the text was another, whatever was corrected before them.
 *
 * @param {string} before
 * @param {string} now
 */
export function newLetters(before, now) {
  return now.startsWith(before) ? [...now.slice(before.length)].filter(isLetter) : [];
}

/**
 * Words from what somebody typed: parted by commas or lines, in capitals, without what cannot be fingerspelled.
 *
 * @param {string} text
 */
export function wordsOf(text) {
  const words = text.split(/[,\n]+/).map((word) => word.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase().replace(/[^A-Z' -]/g, "").trim());
  return words.filter((word) => [...word].some(isLetter));
}

/** @param {string} letter */
function isLetter(letter) {
  return letter >= "A" && letter <= "Z";
}
