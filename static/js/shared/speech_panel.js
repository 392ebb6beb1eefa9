// @ts-check
import { element, setText } from "./caption_view.js";
import { make } from "./dom.js";
import { RATE, Speaker, isEnglish } from "./speaker.js";

/** @typedef {import("./feed.js").Captions} Captions */

const NO_SPEECH = "This browser cannot speak. Use another one, such as Chrome, Edge, Firefox or Safari.";
const NO_VOICE =
  "This browser has no voice on this computer. Install one in the system's settings, then open this page again.";
const NOT_YET = "Press any key or click once. Browsers let a page speak only after that.";
const ELSEWHERE = "Another page of Signcap is already speaking. Close it, and this page continues.";
const SAMPLE = "This is how captions sound.";

/** The panel where speaking aloud is switched on. */
export class SpeechPanel {
  #button = document.getElementById("speak"); // of the second screen
  #onChange;
  #controls = element("speech-controls");
  #note = element("speech-note");
  #on = /** @type {HTMLInputElement} */ (element("speak-on"));
  #voice = /** @type {HTMLSelectElement} */ (element("voice"));
  #rate = /** @type {HTMLInputElement} */ (element("rate"));
  #rateShown = element("rate-shown");
  #synthesis = /** @type {SpeechSynthesis | undefined} */ (globalThis.speechSynthesis);
  #speaker = new Speaker(this.#synthesis, () => this.#show());

  /** @param {() => void} onChange told when it is switched or what is spoken changes */
  constructor(onChange = () => {}) {
    this.#onChange = onChange;
    this.#rate.min = String(RATE.least);
    this.#rate.max = String(RATE.most);
    this.#rate.step = String(RATE.step);
    this.#on.addEventListener("change", () => {
      this.#speaker.on = this.#on.checked;
      this.#show();
    });
    this.#voice.addEventListener("change", () => this.#speaker.chooseVoice(this.#voice.value));
    this.#rate.addEventListener("input", () => {
      this.#speaker.rate = Number(this.#rate.value);
      this.#show();
    });
    element("hear").addEventListener("click", () => this.#speaker.say(SAMPLE));
    this.#show();
  }

  /** @param {Captions} captions */
  accept(captions) {
    this.#speaker.accept(captions);
  }

  /** Whether captions are spoken here. */
  get on() {
    return this.#speaker.on && this.#speaker.voices.length > 0;
  }

  get muted() {
    return this.#speaker.muted;
  }

  set muted(muted) {
    this.#speaker.muted = muted;
  }

  /** What is being said, or null. */
  get speaking() {
    return this.#speaker.speaking;
  }

  #show() {
    const { voices, on, rate, voice } = this.#speaker;
    const able = voices.length > 0;
    this.#controls.hidden = !able;
    setText(this.#note, able ? (on ? this.#hindrance() : "") : this.#synthesis ? NO_VOICE : NO_SPEECH);
    const speaking = able && on;
    if (this.#button) {
      this.#button.dataset.on = String(speaking);
      this.#button.ariaLabel = speaking ? "Speak aloud: on" : "Speak aloud";
    }
    this.#on.checked = on;
    this.#rate.value = String(rate);
    setText(this.#rateShown, `${rate.toFixed(1)} ×`);
    this.#rate.setAttribute("aria-valuetext", `${rate.toFixed(1)} times`);
    if (voices.map((one) => one.voiceURI).join("\n") !== [...this.#voice.options].map((one) => one.value).join("\n")) {
      this.#voice.replaceChildren(...groups(voices));
    }
    this.#voice.value = voice?.voiceURI ?? "";
    this.#onChange();
  }

  #hindrance() {
    return this.#speaker.mayNotYet ? NOT_YET : this.#speaker.elsewhere ? ELSEWHERE : "";
  }
}

/** @param {SpeechSynthesisVoice[]} voices */
function groups(voices) {
  /** @param {SpeechSynthesisVoice[]} some */
  const options = (some) => some.map((voice) => make("option", { value: voice.voiceURI }, `${voice.name} (${voice.lang})`));
  const english = voices.filter(isEnglish);
  const others = voices.filter((voice) => !isEnglish(voice));
  if (english.length === 0 || others.length === 0) {
    return options(voices);
  }
  return [
    make("optgroup", { label: "English" }, ...options(english)),
    make("optgroup", { label: "Other languages" }, ...options(others)),
  ];
}
