// @ts-check
import { make } from "../shared/dom.js";

/** @typedef {import("../shared/live.js").Settings} Settings */
/** @typedef {{group: "decoding" | "endpointing", key: string, name: string, hint: string, low: number, high: number, step: number, unit: string, own?: boolean}} Knob */

/** @type {Knob[]} */
export const KNOBS = [
  { group: "decoding", key: "letter_confidence", name: "Letter confidence", hint: "How sure the recogniser must be before a letter counts.", low: 0.2, high: 0.99, step: 0.01, unit: "%", own: true },
  { group: "decoding", key: "release_confidence", name: "Release", hint: "A letter goes on until its confidence falls below this.", low: 0.05, high: 0.95, step: 0.01, unit: "%", own: true },
  { group: "decoding", key: "least_hold", name: "Least hold", hint: "Ignore anything held for less than this.", low: 0, high: 1.5, step: 0.01, unit: "s", own: true },
  { group: "decoding", key: "final_hold", name: "Final after", hint: "A letter held this long is written even before it ends.", low: 0.05, high: 2, step: 0.05, unit: "s" },
  { group: "decoding", key: "double_gap", name: "Double letter, gap", hint: "How long the hand must do something else between two of the same letter.", low: 0, high: 0.6, step: 0.01, unit: "s" },
  { group: "decoding", key: "double_slide", name: "Double letter, slide", hint: "How far your hand must slide for a double letter, in palm widths. At 0, reopening the hand counts.", low: 0, high: 1.5, step: 0.05, unit: "palms" },
  { group: "decoding", key: "smoothing", name: "Smoothing", hint: "Steadier letters, but slower.", low: 0, high: 0.5, step: 0.01, unit: "s" },
  { group: "decoding", key: "window", name: "Window", hint: "How far back the network looks.", low: 0.3, high: 1.05, step: 0.05, unit: "s" },
  { group: "endpointing", key: "word_pause", name: "Word pause", hint: "A word ends when nothing is signed for this long.", low: 0.1, high: 3, step: 0.05, unit: "s" },
  { group: "endpointing", key: "word_lowered", name: "Word, hand lowered", hint: "A word also ends when your hand is out of view this long.", low: 0.05, high: 2, step: 0.05, unit: "s" },
  { group: "endpointing", key: "caption_silence", name: "Caption pause", hint: "A caption ends when nothing is signed for this long.", low: 0.3, high: 10, step: 0.1, unit: "s" },
];

/** One slider for each threshold and pause. */
export class Sliders {
  /** @type {Map<string, Slider>} */
  #sliders = new Map();
  #letter = "";
  /** @type {Settings | null} */
  #settings = null;

  /**
   * @param {HTMLElement} place
   * @param {(change: Record<string, any>) => void} onMove while a slider moves
   * @param {(change: Record<string, any>) => void} onSet when it is let go
   */
  constructor(place, onMove, onSet) {
    for (const knob of KNOBS) {
      const change = (/** @type {number} */ value) =>
        this.#letter ? { decoding: { letters: { [this.#letter]: { [knob.key]: value } } } } : { [knob.group]: { [knob.key]: value } };
      const slider = new Slider(
        knob,
        (value) => onMove(change(value)),
        (value) => onSet(change(value)),
      );
      this.#sliders.set(knob.key, slider);
      place.append(slider.item);
    }
  }

  /** @param {string} letter whose own thresholds are shown; "" for those of all */
  setLetter(letter) {
    this.#letter = letter;
    for (const [, slider] of this.#sliders) {
      slider.item.hidden = letter !== "" && !slider.knob.own;
    }
    if (this.#settings) {
      this.show(this.#settings);
    }
  }

  /** @param {Settings} settings */
  show(settings) {
    this.#settings = settings;
    const own = settings.decoding.letters[this.#letter] ?? {};
    for (const [key, slider] of this.#sliders) {
      slider.show(own[key] ?? settings[slider.knob.group][key]);
    }
  }
}

class Slider {
  knob;
  item;
  #input;
  #output;
  #moving = false;

  /**
   * @param {Knob} knob
   * @param {(value: number) => void} onMove
   * @param {(value: number) => void} onSet
   */
  constructor(knob, onMove, onSet) {
    this.knob = knob;
    const id = `slider-${knob.key}`;
    this.#input = make("input", { id, type: "range", min: knob.low, max: knob.high, step: knob.step, "aria-describedby": `${id}-hint` });
    this.#output = make("output", { for: id });
    this.item = make(
      "div",
      { class: "setting" },
      make("label", { for: id }, knob.name),
      this.#output,
      this.#input,
      make("p", { class: "slider-hint", id: `${id}-hint` }, knob.hint),
    );
    this.#input.addEventListener("input", () => {
      this.#moving = true;
      this.#write();
      onMove(this.#input.valueAsNumber);
    });
    this.#input.addEventListener("change", () => {
      this.#moving = false;
      onSet(this.#input.valueAsNumber);
    });
  }

  /** @param {number} value */
  show(value) {
    if (!this.#moving) {
      this.#input.value = String(value);
      this.#write();
    }
  }

  #write() {
    const { unit, step } = this.knob;
    const value = this.#input.valueAsNumber;
    const text = unit === "%" ? `${Math.round(value * 100)} %` : `${value.toFixed(step < 0.05 ? 2 : step < 0.1 ? 2 : 1)} ${unit}`;
    this.#output.textContent = text;
    this.#input.setAttribute("aria-valuetext", text);
  }
}
