// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";

/** @typedef {import("../shared/feed.js").Captions} Captions */
/** @typedef {import("../shared/feed.js").Suggestion} Suggestion */

const PATH = "/api/v1/captions/edits";

/**
 * Offers the words that may have been meant, one button each, and an undo; where a word was read with a language, what
 * was spelled is the first of them. What is offered changes nothing until somebody presses it.
 */
export class Suggestions {
  #list = element("suggestions");
  #undo = /** @type {HTMLButtonElement} */ (element("undo"));
  #hint = element("no-suggestions");
  #note = element("edit-note");
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();
  /** @type {string | null} the suggestion that comes back when the newest choice is undone */
  #chosen = null;

  constructor() {
    this.#undo.addEventListener("click", () => this.#edit({ edit: "undo" }));
  }

  /** @param {Captions} captions */
  show({ suggestions, canUndo }) {
    const focused = document.activeElement;
    const wasInside = this.#list.contains(focused) || focused === this.#undo;
    const wanted = new Map(suggestions.map((suggestion) => [keyOf(suggestion), suggestion]));
    for (const [key, item] of this.#shown) {
      if (!wanted.has(key)) {
        item.remove();
        this.#shown.delete(key);
      }
    }
    // Buttons that stay are left as they are: somebody may be about to press one.
    let place = 0;
    for (const [key, suggestion] of wanted) {
      const item = this.#shown.get(key) ?? this.#item(suggestion);
      if (this.#list.children[place] !== item) {
        this.#list.insertBefore(item, this.#list.children[place] ?? null);
        if (!this.#shown.has(key) && !wasInside) {
          this.#list.scrollTop = this.#list.scrollHeight;
        }
      }
      this.#shown.set(key, item);
      place += 1;
    }
    this.#undo.hidden = !canUndo;
    this.#hint.hidden = canUndo || wanted.size > 0;
    if (wasInside && focused instanceof HTMLElement && (!focused.isConnected || focused.hidden)) {
      this.#refocus();
    }
  }

  /** The button that was pressed is gone: go on where the next press is likely, so that keyboards lose nothing. */
  #refocus() {
    const back = this.#chosen === null ? undefined : this.#shown.get(this.#chosen);
    const next = this.#undo.hidden ? (back ?? this.#list).querySelector("button") : this.#undo;
    next?.focus();
  }

  /** @param {Suggestion} suggestion */
  #item(suggestion) {
    const { caption, word, read, words, assisted } = suggestion;
    return make(
      "li",
      {},
      make("span", { class: assisted ? "read assisted" : "read" }, read),
      make("span", { class: "arrow", "aria-hidden": "true" }, "→"),
      ...words.map((chosen, place) => {
        const label = assisted && place === 0 ? `Put back ${chosen}, as it was spelled` : `Replace ${read} by ${chosen}`;
        const button = make("button", { type: "button", class: "plain", "aria-label": label }, chosen);
        button.addEventListener("click", () => {
          this.#chosen = keyOf(suggestion);
          this.#edit({ edit: "choose", caption, word, read, chosen });
        });
        return button;
      }),
    );
  }

  /** @param {Record<string, string | number>} edit */
  async #edit(edit) {
    try {
      await call("POST", PATH, edit);
      setText(this.#note, "");
    } catch (error) {
      setText(this.#note, error instanceof Refusal ? error.message : "That did not reach Signcap. Please try again.");
    }
  }
}

/** @param {Suggestion} suggestion */
function keyOf({ caption, word, read, words }) {
  return [caption, word, read, ...words].join(" ");
}
