// @ts-check
import { SettledWords, withoutWords } from "./settled_words.js";
import { spoken } from "./spoken.js";

/** @typedef {import("./feed.js").Captions} Captions */
/** @typedef {import("./feed.js").Line} Line */

const KEPT = { on: "signcap.captions.speak", voice: "signcap.captions.voice", rate: "signcap.captions.rate" };
const MOST = 5; // captions, or parts of them, that wait for their turn, or until the browser lets the page speak
const OLDEST_MS = 15_000; // after which one that waits is left out
const LOCK = "signcap.speaks"; // one page speaks, however many are open
const LATE_MS = 5000; // and 250 a letter: browsers do not always tell that they have ended

export const RATE = { least: 0.5, most: 2, step: 0.1, usual: 1 };

/** @typedef {{key: string, text: string, at: number, sample: boolean, skip: number}} Waiting skip: words spoken before */

/**
 * Speaks captions, each word once and one after the other, with a voice of this machine's own: when a caption is
 * finished, or some seconds after the end of a word where it goes on.
 *
 * Captions that were there when the page opened are not spoken, nor those that come while it is off or muted; one that
 * is corrected before its turn is spoken as corrected, and is not repeated after it. Voices that send text to a server
 * of their maker's are left out.
 */
export class Speaker {
  #synthesis;
  #onChange;
  /** @type {Set<string>} */
  #heard = new Set();
  /** @type {Line[]} */
  #seen = [];
  #begun = false;
  #open = new SettledWords(); // of the caption that is being signed
  #due = 0;
  /** @type {{utterance: SpeechSynthesisUtterance, text: string, late: number} | null} */
  #now = null; // held, as browsers forget utterances, and their events, that nobody holds
  /** @type {Waiting[]} */
  #waiting = [];
  #on = localStorage.getItem(KEPT.on) === "on";
  #muted = false;
  #rate = clampedRate(Number(localStorage.getItem(KEPT.rate) ?? RATE.usual));
  /** @type {(() => void) | null} lets go of the lock */
  #release = null;
  #asking = false;
  #elsewhere = false;

  /**
   * @param {SpeechSynthesis | undefined} synthesis
   * @param {() => void} onChange told when voices come or go, what is spoken changes, or the page may speak
   */
  constructor(synthesis, onChange) {
    this.#synthesis = synthesis;
    this.#onChange = onChange;
    synthesis?.addEventListener?.("voiceschanged", () => onChange());
    for (const event of ["pointerup", "keyup"]) {
      addEventListener(event, () => {
        this.#next();
        onChange();
      });
    }
    addEventListener("pagehide", () => synthesis?.cancel());
    addEventListener("storage", ({ key, newValue }) => key === KEPT.on && this.#turn(newValue === "on"));
    if (this.#on) {
      this.#ask();
    }
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
    localStorage.setItem(KEPT.on, on ? "on" : "off");
    this.#turn(on);
  }

  get muted() {
    return this.#muted;
  }

  /** Silent at once, until it is taken back or the page is loaded anew. */
  set muted(muted) {
    this.#muted = muted;
    if (muted) {
      this.#beSilent();
    }
    this.#onChange();
  }

  /** What is being said, or null. */
  get speaking() {
    return this.#now?.text ?? null;
  }

  /** Whether another page of this browser speaks in this one's place. */
  get elsewhere() {
    return this.#on && this.#elsewhere;
  }

  /** Browsers let a page speak only after somebody has used it. */
  get mayNotYet() {
    return navigator.userActivation?.hasBeenActive === false;
  }

  /** @param {Captions} captions */
  accept({ cues, committed }) {
    if (cues !== this.#seen) {
      this.#seen = cues;
      for (const { key, text } of cues) {
        const waiting = this.#waiting.find((one) => one.key === key);
        if (waiting) {
          waiting.text = withoutWords(text, waiting.skip);
        } else if (!this.#heard.has(key)) {
          this.#heard.add(key);
          this.#take(key, text, this.#open.finish());
        }
      }
    }
    this.#open.accept(committed, performance.now() / 1000);
    this.#begun = true;
    this.#takeSettled();
  }

  /** Take the words that are settled now, and look again when others may be. */
  #takeSettled() {
    const now = performance.now() / 1000;
    const words = this.#open.due(now);
    if (words) {
      this.#take(`open ${now}`, words, 0);
    }
    clearTimeout(this.#due);
    const rest = this.#open.rest(now);
    if (rest < Infinity) {
      this.#due = setTimeout(() => this.#takeSettled(), rest * 1000 + 10);
    }
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} skip so many of its words were taken before
   */
  #take(key, text, skip) {
    const left = withoutWords(text, skip);
    if (left && this.#begun && this.#on && !this.#muted && !this.#elsewhere) {
      this.#put(key, left, skip);
    }
  }

  /**
   * Say a sample, also while it is off.
   *
   * @param {string} text
   */
  say(text) {
    this.#put("", text);
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} skip
   */
  #put(key, text, skip = 0) {
    this.#waiting = [...this.#waiting, { key, text, at: performance.now(), sample: key === "", skip }].slice(-MOST);
    this.#next();
  }

  #next() {
    const { voice } = this;
    this.#waiting = this.#waiting.filter(({ at }) => performance.now() - at < OLDEST_MS);
    const next = this.#waiting[0];
    if (!this.#synthesis || !voice || !next || this.#now || this.mayNotYet || (!next.sample && this.#asking && !this.#release)) {
      return;
    }
    this.#waiting.shift();
    const utterance = new SpeechSynthesisUtterance(spoken(next.text, isEnglish(voice)));
    utterance.voice = voice; // never left to the browser, whose own choice may be a voice elsewhere
    utterance.lang = voice.lang;
    utterance.rate = this.#rate;
    const over = () => this.#over(utterance);
    this.#now = { utterance, text: next.text, late: setTimeout(over, LATE_MS + (next.text.length * 250) / this.#rate) };
    utterance.addEventListener("end", over);
    utterance.addEventListener("error", over);
    this.#synthesis.speak(utterance);
    this.#onChange();
  }

  /** @param {SpeechSynthesisUtterance} utterance */
  #over(utterance) {
    if (this.#now?.utterance === utterance) {
      clearTimeout(this.#now.late);
      this.#now = null;
      this.#next();
      this.#onChange();
    }
  }

  #beSilent() {
    this.#waiting = [];
    clearTimeout(this.#now?.late);
    this.#now = null;
    this.#synthesis?.cancel();
  }

  /** @param {boolean} on */
  #turn(on) {
    const was = this.#on;
    this.#on = on;
    if (on) {
      this.#ask();
    } else {
      if (was) {
        this.#beSilent();
      }
      this.#release?.();
    }
    this.#onChange();
  }

  /** Be the page that speaks, once no other does; what comes until then, that one speaks. */
  async #ask() {
    if (this.#asking || !("locks" in navigator)) {
      return;
    }
    this.#asking = true;
    while (this.#on) {
      await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? this.#hold() : this.#yield()));
      if (this.#elsewhere) {
        await navigator.locks.request(LOCK, () => this.#hold());
      }
    }
    this.#asking = false;
  }

  #yield() {
    this.#elsewhere = true;
    this.#waiting = [];
    this.#onChange();
  }

  async #hold() {
    this.#elsewhere = false;
    if (this.#on) {
      const released = new Promise((release) => {
        this.#release = () => release(undefined);
      });
      this.#next();
      this.#onChange();
      await released;
    }
    this.#release = null;
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
