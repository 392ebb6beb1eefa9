// @ts-check
import { Refusal } from "../shared/api.js";

/**
 * @typedef {{text: string, speed: number, signer: number | null, left_handed: boolean}} Asked
 * @typedef {{letter: string, word: number, start: number, end: number}} SpelledLetter
 * @typedef {{letters: SpelledLetter[], duration: number, remarks: string[]}} Plan
 * @typedef {"loading" | "ready" | "playing" | "ended" | "cut"} State
 */

const PICTURES = "/api/v1/spell/pictures";
const TYPE = 'video/webm; codecs="vp8"';
const EARLY = 0.12; // seconds before its sign is reached in which a letter is already the current one
const MOVED = "JZ"; // signs that are movements: seen only while they play
const BEFORE = 0.05;
const ENOUGH = 0.1; // seconds that have come from a moment on, so that it can be shown
const FAR = 0.1; // seconds beyond the end of a letter from which a browser that was busy goes back to it
const AHEAD = 0.5; // seconds that have come before it plays: so that it does not stop at once

/** Whether this browser shows pictures while they come. */
export function canShow() {
  return typeof MediaSource !== "undefined" && MediaSource.isTypeSupported(TYPE);
}

/** Plays the signer while he is drawn; all that has come can be gone back to. */
export class Player {
  /** @type {SpelledLetter[]} */
  letters = [];
  #video;
  #onLetter;
  #onState;
  #onTrouble;
  /** @type {Asked | null} */
  #asked = null;
  #duration = 0;
  #letter = -1;
  /** @type {State} */
  #state = "loading";
  #coming = new AbortController();
  /** @type {number | null} where a single letter that moves ends */
  #until = null;
  #pending = false; // it plays as soon as enough has come
  /** @type {number | null} the letter that is gone to, until its picture is there */
  #goal = null;

  /**
   * @param {HTMLVideoElement} video
   * @param {{letter: (index: number) => void, state: (state: State) => void, trouble: (sentence: string) => void}} on
   */
  constructor(video, on) {
    this.#video = video;
    this.#onLetter = on.letter;
    this.#onState = on.state;
    this.#onTrouble = on.trouble;
    for (const name of ["playing", "pause", "ended", "waiting", "seeking", "seeked", "canplay"]) {
      video.addEventListener(name, () => this.#look());
    }
    const follow = () => {
      if (!video.paused) this.#look();
      requestAnimationFrame(follow);
    };
    follow();
  }

  /** Number of the letter that is being made; -1 before the first. */
  get letter() {
    return this.#letter;
  }

  get playing() {
    return this.#pending || (!this.#video.paused && !this.#video.ended);
  }

  /**
   * Another text, or the same signed in another way.
   *
   * @param {Asked} asked
   * @param {Plan} plan of it
   * @param {number} letter to begin with
   * @param {boolean} play
   */
  show(asked, plan, letter, play) {
    this.#asked = asked;
    this.letters = plan.letters;
    this.#duration = plan.duration;
    this.#letter = -2; // whatever comes is told
    this.#goal = null;
    if (letter > 0) {
      this.jump(letter, play, true);
    } else {
      this.#open(0, play ? 0 : middle(plan.letters[0]), play);
    }
  }

  toggle() {
    if (this.#state === "cut") {
      this.#open(Math.max(0, this.#letter), this.#video.currentTime, true);
    } else if (this.playing) {
      this.#pending = false;
      this.#video.pause();
      this.#look();
    } else if (this.#video.ended || this.#video.currentTime >= this.#duration - ENOUGH) {
      this.again();
    } else {
      this.#until = null;
      this.#play();
    }
  }

  again() {
    this.#goal = null;
    this.#go(0, 0, true);
  }

  /**
   * @param {number} by letters, forwards or back
   * @returns {number} the letter that is gone to
   */
  step(by) {
    const to = Math.min(Math.max(this.#letter + by, 0), this.letters.length - 1);
    this.jump(to, false);
    return to;
  }

  /**
   * @param {number} index of a letter
   * @param {boolean} play on from there; otherwise it alone is shown
   * @param {boolean} [anew] what has come is of no use
   */
  jump(index, play, anew = false) {
    const letter = this.letters[index];
    if (!letter) return;
    this.#goal = index;
    if (play) {
      this.#go(index, letter.start - BEFORE, true, anew);
    } else if (MOVED.includes(letter.letter)) {
      this.#go(index, letter.start - BEFORE, true, anew);
      this.#until = letter.end;
    } else {
      this.#go(index, middle(letter), false, anew);
    }
    this.#look();
  }

  /** Nothing is shown any longer. */
  close() {
    this.#coming.abort();
  }

  /**
   * @param {number} index of the letter
   * @param {number} at seconds
   * @param {boolean} play
   * @param {boolean} [anew]
   */
  #go(index, at, play, anew = false) {
    if (anew || this.#state === "cut" || !this.#has(at)) {
      this.#open(index, at, play);
      return;
    }
    this.#until = null;
    this.#pending = false;
    this.#video.pause();
    this.#video.currentTime = at;
    if (play) this.#play();
  }

  /** @param {number} at */
  #has(at) {
    const { buffered } = this.#video;
    for (let part = 0; part < buffered.length; part++) {
      const near = at + Math.min(ENOUGH, Math.max(0, this.#duration - at - ENOUGH));
      if (buffered.start(part) <= at && near <= buffered.end(part)) return true;
    }
    return false;
  }

  /**
   * Have it drawn from a letter on.
   *
   * @param {number} first
   * @param {number} at
   * @param {boolean} play
   */
  #open(first, at, play) {
    this.#coming.abort();
    const coming = (this.#coming = new AbortController());
    const source = new MediaSource();
    const url = URL.createObjectURL(source);
    this.#until = null;
    this.#set("loading");
    this.#onTrouble("");
    source.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(url);
      if (coming.signal.aborted) return;
      source.duration = this.#duration;
      this.#fill(source, first, coming).catch((error) => {
        if (coming.signal.aborted) return;
        this.#set("cut");
        this.#onTrouble(error instanceof Refusal ? error.message : "The pictures stopped. Press play to continue.");
      });
    }, { once: true });
    this.#video.pause();
    this.#video.src = url;
    this.#video.currentTime = at;
    this.#pending = play;
  }

  /**
   * @param {MediaSource} source
   * @param {number} first
   * @param {AbortController} coming
   */
  async #fill(source, first, coming) {
    const buffer = source.addSourceBuffer(TYPE);
    const response = await fetch(PICTURES, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Signcap": "1" },
      body: JSON.stringify({ ...this.#asked, first }),
      signal: coming.signal,
    });
    if (!response.ok || !response.body) {
      throw new Refusal(response.status, (await response.json()).error);
    }
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (coming.signal.aborted || source.readyState !== "open") return;
      if (done) break;
      buffer.appendBuffer(value);
      await new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true }));
      const { buffered } = buffer;
      if (buffered.length && buffered.end(buffered.length - 1) >= this.#video.currentTime + AHEAD) this.#begin();
    }
    source.endOfStream();
    this.#begin();
  }

  #begin() {
    if (this.#pending) {
      this.#pending = false;
      this.#play();
    }
  }

  #play() {
    // Refused where another seek or text came in between: that one plays or not.
    this.#video.play().catch(() => {});
  }

  #look() {
    const at = this.#video.currentTime;
    if (this.#until !== null && at >= this.#until && this.playing) {
      this.#video.pause();
      if (at > this.#until + FAR) this.#video.currentTime = this.#until;
      this.#until = null;
    }
    if (!this.#video.seeking && this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) this.#goal = null;
    const letter = this.#goal ?? this.letters.findLastIndex(({ start }) => start - EARLY <= at);
    if (letter !== this.#letter) {
      this.#letter = letter;
      this.#onLetter(letter);
    }
    if (this.#state !== "cut") this.#set(this.#stateNow());
  }

  /** @returns {State} */
  #stateNow() {
    const { ended, readyState, paused, seeking } = this.#video;
    if (ended) return "ended";
    if (this.#pending || readyState < HTMLMediaElement.HAVE_CURRENT_DATA || (seeking && this.#state === "loading")) return "loading";
    if (!paused) return readyState < HTMLMediaElement.HAVE_FUTURE_DATA ? "loading" : "playing";
    return "ready";
  }

  /** @param {State} state */
  #set(state) {
    if (state !== this.#state) {
      this.#state = state;
      this.#onState(state);
    }
  }
}

/** @param {SpelledLetter} letter */
function middle({ start, end }) {
  return (start + end) / 2;
}
