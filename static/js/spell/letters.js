// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";

/** @typedef {import("./player.js").SpelledLetter} SpelledLetter */

/** The text below the picture: the current letter marked and shown large, or all of it hidden. */
export class Letters {
  #list = element("letters");
  #now = element("now");
  /** @type {SpelledLetter[]} */
  #letters = [];
  /** @type {HTMLElement[]} */
  #marks = [];
  #current = -1;
  #hidden = false;

  /** @param {(index: number) => void} onChosen told which letter was pressed */
  constructor(onChosen) {
    this.#list.addEventListener("click", ({ target }) => {
      const index = this.#marks.indexOf(/** @type {HTMLElement} */ (target));
      if (index >= 0) onChosen(index);
    });
  }

  get hidden() {
    return this.#hidden;
  }

  /** All of it, its words parted by spaces. */
  get text() {
    return this.#letters
      .map(({ letter, word }, place) => (place > 0 && word !== this.#letters[place - 1].word ? ` ${letter}` : letter))
      .join("");
  }

  /** @param {SpelledLetter[]} letters */
  show(letters) {
    this.#letters = letters;
    this.#draw();
  }

  /** @param {boolean} hidden */
  hide(hidden) {
    this.#hidden = hidden;
    this.#draw();
  }

  /** @param {number} index of the current letter; -1 for none */
  mark(index) {
    this.#marks[this.#current]?.removeAttribute("aria-current");
    this.#current = index;
    this.#marks.forEach((mark, place) => mark.classList.toggle("past", place <= index));
    const mark = this.#marks[index];
    mark?.setAttribute("aria-current", "true");
    if (mark) this.#keepInSight(mark);
    setText(this.#now, index < 0 ? "" : this.#hidden ? "?" : this.#letters[index]?.letter ?? "");
  }

  /** @param {number} index @returns {string} the letter in words, for those who do not see it */
  describe(index) {
    const of = `${index + 1} of ${this.#letters.length}`;
    return this.#hidden ? `Letter ${of}` : `${this.#letters[index]?.letter ?? ""}, ${of}`;
  }

  #draw() {
    this.#marks = this.#letters.map(({ letter }) => make("span", {}, this.#hidden ? "•" : letter));
    /** @type {HTMLElement[]} */
    const words = [];
    this.#marks.forEach((mark, place) => {
      const { word } = this.#letters[place];
      (words[word] ??= make("span", { class: "word" })).append(mark);
    });
    this.#list.replaceChildren(...words.flatMap((word) => [word, " "]));
    this.mark(this.#current);
  }

  /** @param {HTMLElement} mark scrolled to within the list; the page itself stays */
  #keepInSight(mark) {
    const list = this.#list.getBoundingClientRect();
    const place = mark.getBoundingClientRect();
    if (place.bottom > list.bottom) this.#list.scrollTop += place.bottom - list.bottom + place.height;
    if (place.top < list.top) this.#list.scrollTop += place.top - list.top - place.height / 2;
  }
}
