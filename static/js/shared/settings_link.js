// @ts-check
import { Refusal, call } from "./api.js";
import { element, setText } from "./caption_view.js";

/** @typedef {import("./live.js").SettingsEvent} SettingsEvent */
/** @typedef {{shape: string, change: object, answer: Promise<SettingsEvent>}} Waiting */

const PATH = "/api/v1/settings";

/**
 * Changes settings, and hears of them.
 *
 * Changes are sent one after the other: a browser would send them over several connections, and the last might come
 * first. News that is older than what the page has seen is dropped, or a slider would jump back under the hand.
 */
export class SettingsLink {
  #show;
  #note;
  #unanswered = 0;
  /** @type {SettingsEvent | null} */
  #known = null;
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();
  /** @type {Waiting | null} the last that is not sent yet */
  #waiting = null;

  /**
   * @param {(event: SettingsEvent) => void} show called with the newest settings
   * @param {HTMLElement} note where it is told that a change cannot be done
   */
  constructor(show, note = element("trouble")) {
    this.#show = show;
    this.#note = note;
  }

  /** What was heard last; null before anything was. */
  get known() {
    return this.#known;
  }

  /** Whether every change is answered; until then fields stay where the hand has put them. */
  get settled() {
    return this.#unanswered === 0;
  }

  /** There is a new stream, perhaps of a server that counts from the beginning. */
  opened() {
    this.#known = null;
  }

  /** @param {SettingsEvent} event from the stream */
  hear(event) {
    if (this.#isNews(event)) {
      this.#known = event;
      this.#show(event);
    }
  }

  /**
   * @param {object} change
   * @param {HTMLElement | null} [note] another place for that; null for none
   * @returns {Promise<string>} why it cannot be done; "" when it is
   */
  change(change, note) {
    return this.#attempt(() => this.#patch(change), note);
  }

  /** @param {string} what "reset", or "presets/NAME" */
  take(what) {
    this.#waiting = null;
    return this.#attempt(() => this.#inTurn(() => call("POST", `${PATH}/${what}`)));
  }

  /**
   * @param {() => Promise<SettingsEvent>} work
   * @param {HTMLElement | null} note
   */
  async #attempt(work, note = this.#note) {
    if (note) {
      setText(note, "");
    }
    this.#unanswered += 1;
    let refused = "";
    try {
      const event = await work();
      if (this.#isNews(event)) {
        this.#known = event;
      }
    } catch (error) {
      refused = error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?";
    }
    this.#unanswered -= 1;
    if (this.#known) {
      this.#show(this.#known);
    }
    if (refused && note) {
      setText(note, refused);
    }
    return refused;
  }

  /**
   * @param {object} change
   * @returns {Promise<SettingsEvent>}
   */
  #patch(change) {
    const shape = shapeOf(change);
    if (this.#waiting?.shape === shape) {
      this.#waiting.change = change; // of a key that is held down, the newest is enough
      return this.#waiting.answer;
    }
    /** @type {Waiting} */
    const waiting = { shape, change, answer: this.#inTurn(() => this.#send(waiting)) };
    this.#waiting = waiting;
    return waiting.answer;
  }

  /** @param {Waiting} waiting */
  #send(waiting) {
    if (this.#waiting === waiting) {
      this.#waiting = null;
    }
    return call("PATCH", PATH, waiting.change);
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** @param {SettingsEvent} event */
  #isNews(event) {
    return this.#known === null || event.revision >= this.#known.revision;
  }
}

/**
 * Which settings a change is about, whatever their values.
 *
 * @param {object} change
 */
function shapeOf(change) {
  return JSON.stringify(change, (_, value) => (value?.constructor === Object ? value : 0));
}
