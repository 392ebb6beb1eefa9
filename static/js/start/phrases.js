// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";

/** @typedef {import("../shared/live.js").SettingsEvent} SettingsEvent */

const BY_KEY = 9;

/** Sentences that one click, or Alt and a digit, puts out; and the panel where they are changed. */
export class Phrases {
  #list = element("phrase-list");
  #rows = element("phrase-rows");
  #new = /** @type {HTMLInputElement} */ (element("phrase-new"));
  #note = element("phrase-note");
  #fields = /** @type {HTMLFieldSetElement} */ (element("phrase-fields"));
  /** @type {string[]} */
  #texts = [];
  #putOut;
  #link;

  /**
   * @param {(text: string) => void} putOut makes a finished caption of it
   * @param {import("../shared/settings_link.js").SettingsLink} link
   */
  constructor(putOut, link) {
    this.#putOut = putOut;
    this.#link = link;
    document.addEventListener("keydown", (event) => {
      // The key's place: with Alt, some keyboards write another sign.
      const digit = /^Digit([1-9])$/.exec(event.code);
      const text = digit && event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey ? this.#texts[Number(digit[1]) - 1] : null;
      if (text) {
        event.preventDefault(); // some browsers would go to another tab
        if (!event.repeat) putOut(text);
      }
    });
    element("phrase-add").addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = this.#new.value.trim();
      if (text) {
        this.#new.value = "";
        if (!(await this.#change([...this.#texts, text])) && !this.#new.value) {
          this.#new.value = text;
        }
      }
    });
  }

  /** @param {SettingsEvent} event */
  showSettings({ settings }) {
    this.#fields.disabled = false; // before it, a new phrase would take the place of all others
    this.#show(settings.phrases.texts);
  }

  /** @param {string[]} texts */
  #show(texts) {
    if (texts.join("\n") !== this.#texts.join("\n") || this.#list.childElementCount !== texts.length) {
      this.#texts = texts;
      this.#list.replaceChildren(...texts.map((text, place) => this.#chip(text, place)));
      this.#showRows();
    }
  }

  /**
   * @param {string} text
   * @param {number} place
   */
  #chip(text, place) {
    const key = place < BY_KEY ? `Alt+${place + 1}` : null;
    const title = key ? `${text} (${key})` : text;
    const button = make("button", { type: "button", title, "aria-keyshortcuts": key }, make("span", {}, text), key && make("kbd", { "aria-hidden": "true" }, place + 1));
    button.addEventListener("click", () => this.#putOut(text));
    return make("li", {}, button);
  }

  #showRows() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.phrase;
    this.#rows.replaceChildren(...this.#texts.map((text, place) => this.#row(text, place)));
    if (focused) {
      const again = /** @type {HTMLElement | null} */ (this.#rows.querySelector(`[data-phrase="${focused}"]:enabled`));
      (again ?? this.#new).focus();
    }
  }

  /**
   * @param {string} text
   * @param {number} place
   */
  #row(text, place) {
    const number = place + 1;
    const input = make("input", { type: "text", class: "entry", maxlength: 200, autocomplete: "off", "aria-label": `Phrase ${number}`, "data-phrase": `text ${place}` });
    input.value = text;
    input.addEventListener("change", async () => {
      const changed = input.value.trim();
      if (!changed || !(await this.#change(this.#texts.map((other, at) => (at === place ? changed : other))))) {
        input.value = text;
      }
    });
    const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => void} */ act, disabled = false) => {
      const made = make("button", { type: "button", "aria-label": label, title: label, disabled, "data-phrase": `${sign} ${place}` }, sign);
      made.addEventListener("click", act);
      return made;
    };
    return make(
      "li",
      {},
      input,
      button("↑", `Move phrase ${number} up`, () => this.#move(place, place - 1), place === 0),
      button("↓", `Move phrase ${number} down`, () => this.#move(place, place + 1), number === this.#texts.length),
      button("✕", `Remove phrase ${number}`, () => this.#change(this.#texts.filter((_, at) => at !== place))),
    );
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  async #move(from, to) {
    const texts = [...this.#texts];
    texts.splice(to, 0, ...texts.splice(from, 1));
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    if (focused?.dataset.phrase) {
      focused.dataset.phrase = focused.dataset.phrase.replace(/\d+$/, String(to)); // it goes along with its phrase
    }
    await this.#change(texts);
  }

  /** @param {string[]} texts */
  async #change(texts) {
    this.#show(texts); // what is changed next begins from here
    return (await this.#link.change({ phrases: { texts } }, this.#note)) === "";
  }
}
