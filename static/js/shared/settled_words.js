// @ts-check

const SETTLED = 2; // seconds after a word's end, as in overlay/pipeline/caption_parts.py
const LATEST = 4;

/**
 * The words of the caption that is being signed that are settled: they need not wait until it is finished. Each is given
 * out once; a word that is put in the place of one that was taken back is given out as well. Times in seconds.
 */
export class SettledWords {
  /** @type {string[]} of the caption */
  #words = [];
  /** @type {number[]} when each word ended of those that have */
  #ended = [];
  /** @type {string[]} that were given out */
  #given = [];

  /**
   * Take the caption as it stands now.
   *
   * @param {string} committed
   * @param {number} now
   */
  accept(committed, now) {
    this.#words = wordsOf(committed);
    const count = /\s$/.test(committed) ? this.#words.length : Math.max(0, this.#words.length - 1);
    this.#ended.length = Math.min(this.#ended.length, count);
    while (this.#ended.length < count) {
      this.#ended.push(now);
    }
    if (this.#words.length < this.#given.length || (this.#words.length === this.#given.length && this.#isCut())) {
      this.#given.length = this.#words.length;
      if (this.#isCut()) {
        this.#given.pop();
      }
    }
  }

  /**
   * The words that are to be given out now; none mostly.
   *
   * @param {number} now
   */
  due(now) {
    const first = this.#given.length;
    if (first >= this.#ended.length || now - this.#ended[first] < LATEST) {
      return "";
    }
    const words = this.#words.slice(first, this.#ended.findLastIndex((since) => now - since >= SETTLED) + 1);
    this.#given.push(...words);
    return words.join(" ");
  }

  /**
   * The seconds until some are due, if no more come.
   *
   * @param {number} now
   */
  rest(now) {
    const since = this.#ended[this.#given.length];
    return since === undefined ? Infinity : Math.max(0, since + LATEST - now);
  }

  /**
   * The caption has ended: how many of its words were given out. The next one begins.
   */
  finish() {
    const count = this.#given.length;
    this.#words = [];
    this.#ended = [];
    this.#given = [];
    return count;
  }

  /** Whether the last word that was given out is no longer there, or not whole. */
  #isCut() {
    const last = this.#given.length - 1;
    return last >= 0 && this.#given[last] !== this.#words[last] && this.#given[last].startsWith(this.#words[last] ?? "");
  }
}

/**
 * A text without so many of its first words.
 *
 * @param {string} text
 * @param {number} count
 */
export function withoutWords(text, count) {
  return count > 0 ? wordsOf(text).slice(count).join(" ") : text;
}

/** @param {string} text */
function wordsOf(text) {
  return text.split(/\s+/).filter(Boolean);
}
