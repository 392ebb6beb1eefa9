// @ts-check
import { Refusal, call } from "./api.js";
import { element, setText } from "./caption_view.js";

const PATH = "/api/v1/captions/edits";

/** The keys below the text, and the line to type into. */
export class Typing {
  #input = /** @type {HTMLInputElement} */ (element("type-text"));
  #note = element("edit-note");

  constructor() {
    for (const button of document.querySelectorAll("[data-edit]")) {
      button.addEventListener("click", () => this.#edit({ edit: /** @type {HTMLElement} */ (button).dataset.edit }));
    }
    element("type").addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = this.#input.value.trim();
      if (text && (await this.#edit({ edit: "type", text, end: true }))) {
        this.#input.value = "";
      }
    });
  }

  /** @param {Record<string, unknown>} edit */
  async #edit(edit) {
    try {
      await call("POST", PATH, edit);
      setText(this.#note, "");
      return true;
    } catch (error) {
      setText(this.#note, error instanceof Refusal ? error.message : "Signcap does not answer: is it still running?");
      return false;
    }
  }
}
