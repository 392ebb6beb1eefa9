// @ts-check
import { call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";

/** @typedef {{state: "here" | "fetching" | "failed", sentence: string | null}} HandModelState */

const AGAIN_MS = 3000; // a failure that comes sooner changes nothing of the state that pages are told

/** Says above the captions why none come yet, and lets the hand model be fetched again where that has failed. */
export class HandModelNotice {
  #said = make("p");
  #button = make("button", { type: "button", class: "button", id: "fetch-again", hidden: true }, "Try again");
  #place = make("div", { class: "fetching", id: "hand-model", role: "status", hidden: true }, this.#button, this.#said);

  constructor() {
    element("scroll").prepend(this.#place); // what is below it stays where it is
    this.#button.addEventListener("click", () => this.#again());
    addEventListener("online", () => this.#button.hidden || this.#again());
  }

  /** What is said here, and need not be said among the notices. */
  get sentence() {
    return this.#said.textContent;
  }

  /** @param {HandModelState | null} state */
  show(state) {
    this.#place.hidden = !state?.sentence;
    this.#place.ariaLive = state?.state === "fetching" ? "off" : "polite"; // each per cent need not be read out
    this.#button.hidden = state?.state !== "failed";
    setText(this.#said, state?.sentence ?? "");
  }

  async #again() {
    this.#button.disabled = true;
    setText(this.#button, "Trying …");
    await call("POST", "/api/v1/hand-model/again").catch(() => {}); // the notices say when Signcap is gone
    setTimeout(() => this.#ready(), AGAIN_MS);
  }

  #ready() {
    this.#button.disabled = false;
    setText(this.#button, "Try again");
  }
}
