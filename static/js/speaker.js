// @ts-check

/** @typedef {import("./feed.js").Captions} Captions */
/** @typedef {import("./feed.js").Line} Line */

const KEPT = { on: "signcap.captions.speak", voice: "signcap.captions.voice", rate: "signcap.captions.rate" };
const WAITING = 3; // captions that are kept until the browser lets the page speak

export const RATE = { least: 0.5, most: 2, step: 0.1, usual: 1 };

/**
 * Speaks finished captions, each once, with a voice of this machine's own.
 *
 * Captions that were there when the page opened are not spoken, nor those that come while it is off; one that is
 * corrected is not repeated. Voices that send text to a server of their maker's are left out.
 */
export class Speaker {
  #synthesis;
  #onChange;
  /** @type {Set<string>} */
  #heard = new Set();
  /** @type {Line[]} */
  #seen = [];
  #begun = false;
  /** @type {Set<SpeechSynthesisUtterance>} browsers forget utterances, and their events, that nobody holds */
  #speaking = new Set();
  /** @type {string[]} */
  #waiting = [];
  #on = localStorage.getItem(KEPT.on) === "on";
  #rate = clampedRate(Number(localStorage.getItem(KEPT.rate) ?? RATE.usual));

  /**
   * @param {SpeechSynthesis | undefined} synthesis
   * @param {() => void} onChange told when voices come or go, or the browser begins to let the page speak
   */
  constructor(synthesis, onChange) {
    this.#synthesis = synthesis;
    this.#onChange = onChange;
    synthesis?.addEventListener?.("voiceschanged", () => onChange());
    for (const event of ["pointerup", "keyup"]) {
      addEventListener(event, () => this.#sayWaiting());
    }
    addEventListener("pagehide", () => synthesis?.cancel());
  }

  /** Those of this machine's own, English ones first. */
  get voices() {
    const own = (this.#synthesis?.getVoices() ?? []).filter((voice) => voice.localService);
    return [...own.filter(isEnglish), ...own.filter((voice) => !isEnglish(voice))];
  }

  /** @returns {SpeechSynthesisVoice | undefined} the one that was chosen, if it is still there */
  get voice() {
    const { voices } = this;
    const kept = localStorage.getItem(KEPT.voice);
    return (
      voices.find((voice) => voice.voiceURI === kept) ??
      voices.find((voice) => voice.default && isEnglish(voice)) ??
      voices[0]
    );
  }

  /** @param {string} uri */
  chooseVoice(uri) {
    localStorage.setItem(KEPT.voice, uri);
  }

  get rate() {
    return this.#rate;
  }

  set rate(rate) {
    this.#rate = clampedRate(rate);
    localStorage.setItem(KEPT.rate, String(this.#rate));
  }

  get on() {
    return this.#on;
  }

  set on(on) {
    this.#on = on;
    localStorage.setItem(KEPT.on, on ? "on" : "off");
    if (!on) {
      this.#waiting = [];
      this.#synthesis?.cancel();
    }
  }

  /** Browsers let a page speak only after somebody has used it. */
  get mayNotYet() {
    return navigator.userActivation?.hasBeenActive === false;
  }

  /** @param {Captions} captions */
  accept({ cues }) {
    if (cues !== this.#seen) {
      this.#seen = cues;
      for (const cue of cues) {
        if (!this.#heard.has(cue.key)) {
          this.#heard.add(cue.key);
          if (this.#begun && this.#on) {
            this.say(cue.text);
          }
        }
      }
    }
    this.#begun = true;
  }

  /** @param {string} text */
  say(text) {
    const { voice } = this;
    if (!this.#synthesis || !voice) {
      return;
    }
    if (this.mayNotYet) {
      this.#waiting = [...this.#waiting, text].slice(-WAITING);
      return;
    }
    // Voices take capitals for initials and spell them.
    const utterance = new SpeechSynthesisUtterance(text.toLocaleLowerCase("en"));
    utterance.voice = voice; // never left to the browser, whose own choice may be a voice elsewhere
    utterance.lang = voice.lang;
    utterance.rate = this.#rate;
    this.#speaking.add(utterance);
    for (const event of ["end", "error"]) {
      utterance.addEventListener(event, () => this.#speaking.delete(utterance));
    }
    this.#synthesis.speak(utterance);
  }

  #sayWaiting() {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const text of waiting) {
      this.say(text);
    }
    this.#onChange();
  }
}

/** @param {SpeechSynthesisVoice} voice */
export function isEnglish(voice) {
  return /^en\b/i.test(voice.lang);
}

/** @param {number} rate */
function clampedRate(rate) {
  const valid = Number.isFinite(rate) ? rate : RATE.usual;
  return Math.min(RATE.most, Math.max(RATE.least, valid));
}
