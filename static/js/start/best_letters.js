// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { make, percent } from "../shared/dom.js";

/** @typedef {import("../shared/live.js").Live} Live */
/** @typedef {import("../shared/live.js").SettingsEvent} SettingsEvent */

const SHOWN = 5;

/** The five likeliest letters with their confidence as bars, and the threshold drawn through them. */
export class BestLetters {
  #rows = Array.from({ length: SHOWN }, () => new Row());
  #list = element("best");
  #hint = element("best-hint");
  /** @type {Record<string, any>} */
  #decoding = { letter_confidence: 0.6, letters: {} };
  /** @type {Live["best"]} */
  #best = [];

  constructor() {
    this.#list.replaceChildren(...this.#rows.map((row) => row.item));
  }

  /** @param {SettingsEvent} event */
  showSettings({ settings }) {
    this.#decoding = settings.decoding;
    this.#draw(); // a letter that is held sends no new figures
  }

  /** @param {Live} live */
  show({ hand, best }) {
    this.#best = best;
    this.#draw();
    setText(this.#hint, hand ? "Hand in view" : "No hand in view");
    this.#hint.dataset.state = hand ? "on" : "off";
  }

  #draw() {
    this.#rows.forEach((row, place) => {
      const [letter, confidence] = this.#best[place] ?? ["", 0];
      const own = this.#decoding.letters[letter]?.letter_confidence;
      row.show(letter, confidence, own ?? this.#decoding.letter_confidence);
    });
  }
}

class Row {
  #letter = make("span", { class: "letter" });
  #bar = make("span", { class: "fill" });
  #line = make("span", { class: "threshold" });
  #figure = make("span", { class: "figure" });
  item = make("li", {}, this.#letter, make("span", { class: "track" }, this.#bar, this.#line), this.#figure);

  /**
   * @param {string} letter
   * @param {number} confidence
   * @param {number} threshold
   */
  show(letter, confidence, threshold) {
    setText(this.#letter, letter || "–");
    setText(this.#figure, letter ? percent(confidence, 0) : "");
    this.#bar.style.setProperty("--share", String(confidence));
    this.#line.style.setProperty("--share", String(threshold));
    this.item.classList.toggle("above", confidence >= threshold);
  }
}
