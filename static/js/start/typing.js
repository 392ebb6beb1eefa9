// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";

const PATH = "/api/v1/captions/edits";
const CHARACTERS = "/api/v1/style/characters";
const IN_OWN_FONT = /^[\u0000-\u0161\u0164-\u017f\u2013\u2014\u2018-\u201a\u201c-\u201e\u2026]*$/; // all of these
const CHECK_MS = 200; // after the last key
const LONGEST = 500; // characters of a caption that is typed, as the server counts them
const KEPT = 50; // texts that the arrow keys bring back, until the page is left

/** The keys below the text, and the field to type into. */
export class Typing {
  #input = /** @type {HTMLTextAreaElement} */ (element("type-text"));
  #form = /** @type {HTMLFormElement} */ (element("type"));
  #note = element("edit-note");
  #missing = element("type-missing");
  #check = 0;
  /** @type {Promise<unknown>} one at a time, so that captions come in the order in which they were sent */
  #last = Promise.resolve();
  /** @type {string[]} */
  #sent = [];
  #back = 0; // how many texts ago
  #draft = "";

  constructor() {
    for (const button of document.querySelectorAll("[data-edit]")) {
      button.addEventListener("click", () => this.#edit({ edit: /** @type {HTMLElement} */ (button).dataset.edit }));
    }
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("input", () => {
      this.#back = 0;
      this.#fit();
    });
  }

  /**
   * Make text a finished caption of its own, or several where it is too long for one.
   *
   * @param {string} text
   * @returns {Promise<string>} what could not be put out: nothing, if all went well
   */
  putOut(text) {
    const made = this.#last.then(async () => {
      const pieces = captionsOf(text);
      while (pieces.length > 0 && (await this.#edit({ edit: "type", text: pieces[0], end: true, alone: true }))) {
        pieces.shift();
      }
      return pieces.join(" ");
    });
    this.#checkCharacters(text); // of a phrase, and of what was sent before a word could be said of it
    this.#last = made;
    return made;
  }

  async #send() {
    const text = this.#input.value;
    if (captionsOf(text).length === 0) {
      return;
    }
    // Emptied at once: who types on, or presses Enter twice, loses nothing and repeats nothing.
    this.#put("");
    this.#sent = [text, ...this.#sent.filter((other) => other !== text)].slice(0, KEPT);
    const left = await this.putOut(text);
    if (left) {
      this.#put([left, this.#input.value].filter(Boolean).join(" "));
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter and the arrows belong to an input method while it composes; Safari tells by the code alone.
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (!event.repeat) this.#send();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      this.#recall(event, event.key === "ArrowUp" ? 1 : -1);
    }
  }

  /**
   * Bring back what was sent; in a text of several lines, only where the arrow leads out of it.
   *
   * @param {KeyboardEvent} event
   * @param {1 | -1} step
   */
  #recall(event, step) {
    const { selectionStart, selectionEnd, value } = this.#input;
    const atEdge = this.#back > 0 || value === "" || (step === 1 ? selectionEnd === 0 : selectionStart === value.length);
    const wanted = this.#back + step;
    if (!atEdge || wanted < 0 || wanted > this.#sent.length) {
      return;
    }
    event.preventDefault();
    if (this.#back === 0) {
      this.#draft = value;
    }
    this.#put(wanted === 0 ? this.#draft : this.#sent[wanted - 1]);
    this.#back = wanted;
    this.#input.setSelectionRange(this.#input.value.length, this.#input.value.length);
  }

  /** @param {string} text */
  #put(text) {
    this.#input.value = text;
    this.#back = 0;
    this.#fit();
  }

  /** Say at once what the picture cannot show: the others would see an empty box in its place. */
  #checkCharacters(text = this.#input.value) {
    clearTimeout(this.#check);
    const composed = text.normalize("NFC");
    if (IN_OWN_FONT.test(composed)) {
      setText(this.#missing, "");
      return;
    }
    const check = window.setTimeout(async () => {
      const unusual = [...new Set(composed)].slice(0, LONGEST).join("");
      const answer = await call("POST", CHARACTERS, { text: unusual }).catch(() => ({ warning: "" }));
      if (this.#check === check) {
        setText(this.#missing, answer.warning);
      }
    }, CHECK_MS);
    this.#check = check;
  }

  /** As high as the text, up to what the style allows. */
  #fit() {
    this.#checkCharacters();
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + 2}px`; // with its borders
  }

  /** @param {Record<string, unknown>} edit */
  async #edit(edit) {
    try {
      await call("POST", PATH, edit);
      setText(this.#note, "");
      return true;
    } catch (error) {
      setText(this.#note, error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?");
      return false;
    }
  }
}

/**
 * Text as captions can hold it: line breaks and other signs that nobody sees are spaces, and what is too long for one is
 * divided between words.
 *
 * @param {string} text
 */
export function captionsOf(text) {
  /** @type {string[]} */
  const captions = [];
  let left = Array.from(text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, " ").trim()); // an emoji is one character
  while (left.length > 0) {
    const space = left.length > LONGEST ? left.lastIndexOf(" ", LONGEST) : LONGEST;
    const end = space > 0 ? space : LONGEST;
    captions.push(left.slice(0, end).join("").trim());
    left = Array.from(left.slice(end).join("").trim());
  }
  return captions;
}
