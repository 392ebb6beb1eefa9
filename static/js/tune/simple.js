// @ts-check
import { element, setText } from "../shared/caption_view.js";

/** @typedef {Record<string, number>} Values */
/** @typedef {Record<string, Record<string, Values>>} Presets */
/** @typedef {import("../shared/live.js").Settings} Settings */

const ORDER = ["beginner", "normal", "fast"]; // from the most accurate to the fastest

/**
 * The thresholds at a place between the presets.
 *
 * @param {Presets} presets
 * @param {number} place 0: as accurate as can be, 1: as fast
 * @returns {Values}
 */
export function thresholdsAt(presets, place) {
  const along = Math.min(1, Math.max(0, place)) * (ORDER.length - 1);
  const before = Math.min(Math.floor(along), ORDER.length - 2);
  const [low, high] = [presets[ORDER[before]].decoding, presets[ORDER[before + 1]].decoding];
  const share = along - before;
  return Object.fromEntries(Object.keys(low).map((key) => [key, round(low[key] + (high[key] - low[key]) * share)]));
}

/**
 * The place whose thresholds are the nearest.
 *
 * @param {Presets} presets
 * @param {Values} decoding
 */
export function placeOf(presets, decoding) {
  let [best, least] = [0.5, Infinity];
  for (let step = 0; step <= 100; step++) {
    const at = thresholdsAt(presets, step / 100);
    // Each by how far the presets are apart in it.
    const far = Object.keys(at).reduce((sum, key) => {
      const values = ORDER.map((name) => presets[name].decoding[key]);
      const span = Math.max(...values) - Math.min(...values);
      return sum + (span ? ((decoding[key] - at[key]) / span) ** 2 : 0);
    }, 0);
    if (far < least - 1e-9) [best, least] = [step / 100, far];
  }
  return best;
}

/**
 * What the pause between words sets: the hand that is lowered ends a word sooner, and a caption never ends before a word.
 *
 * @param {number} pause seconds
 * @param {Values} endpointing as they are
 * @returns {Values}
 */
export function pausesAt(pause, endpointing) {
  return {
    word_pause: pause,
    word_lowered: round(0.15 + 0.15 * pause),
    ...(endpointing.caption_silence < pause + 0.5 ? { caption_silence: round(pause + 0.5) } : {}),
  };
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}

/** The two sliders that most people need. */
export class SimpleSliders {
  #speed = /** @type {HTMLInputElement} */ (element("speed"));
  #pause = /** @type {HTMLInputElement} */ (element("pause"));
  /** @type {Presets} */
  #presets = JSON.parse(element("simple").dataset.presets ?? "{}");
  /** @type {Settings | null} */
  #settings = null;
  #moving = false;

  /**
   * @param {(change: Record<string, any>) => void} onMove while a slider moves
   * @param {(change: Record<string, any>) => void} onSet when it is let go
   */
  constructor(onMove, onSet) {
    const changes = /** @type {[HTMLInputElement, () => Record<string, any>][]} */ ([
      [this.#speed, () => ({ decoding: thresholdsAt(this.#presets, this.#speed.valueAsNumber / 100) })],
      [this.#pause, () => ({ endpointing: pausesAt(this.#pause.valueAsNumber, this.#settings?.endpointing ?? {}) })],
    ]);
    for (const [slider, change] of changes) {
      slider.addEventListener("input", () => {
        this.#moving = true;
        this.#write();
        onMove(change());
      });
      slider.addEventListener("change", () => {
        this.#moving = false;
        onSet(change());
      });
    }
  }

  /** @param {Settings} settings */
  show(settings) {
    this.#settings = settings;
    if (!this.#moving) {
      this.#speed.value = String(Math.round(100 * placeOf(this.#presets, settings.decoding)));
      this.#pause.value = String(settings.endpointing.word_pause);
      this.#write();
    }
  }

  #write() {
    const place = this.#speed.valueAsNumber;
    const said = place < 20 ? "accurate" : place < 40 ? "rather accurate" : place <= 60 ? "balanced" : place <= 80 ? "rather fast" : "fast";
    setText(element("speed-out"), said);
    this.#speed.setAttribute("aria-valuetext", said);
    const pause = `${this.#pause.valueAsNumber.toFixed(2)} s`;
    setText(element("pause-out"), pause);
    this.#pause.setAttribute("aria-valuetext", pause);
  }
}
