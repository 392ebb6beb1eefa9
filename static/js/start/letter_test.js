// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { mark } from "./setup.js";

/** @typedef {import("../shared/live.js").Live} Live */
/** @typedef {import("../shared/live.js").Status} Status */
/** @typedef {{letter: string, seconds: number | null, best: number}} Reading */
/** @typedef {{text: string, well: boolean}} Finding */
/** @typedef {{findings: Finding[], passed: boolean, preset: "beginner" | "fast" | null, enrol: boolean}} Verdict */

const PAIRS = ["BL", "CY", "LV", "OB", "YL"]; // letters that differ in every finger
const LONGEST_MS = 12_000; // for a letter
const HELD_MS = 300; // a letter on the way to another is not held
const DARK = 0.22; // mean light of the picture, from 0 to 1
const SMALL = 0.16; // height of the hand, of the picture's
const QUICK = 1.2; // seconds from when the hand is up until the letter is held
const SLOW = 4;
const FEW = 18; // pictures a second
const PASSED = "signcap.setup.tested";

/** Two letters, signed before a call: says what light, size and speed are like, and what would help. */
export class LetterTest {
  #go = element("letter-test-go");
  #preset = element("take-preset");
  /** @type {string[]} */
  #left = [];
  /** @type {Reading[]} */
  #readings = [];
  #began = 0;
  #up = 0;
  #since = 0;
  #best = 0;
  /** @type {number[]} */
  #heights = [];
  /** @type {Status | null} */
  #status = null;
  #threshold = 0.6;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #light;

  /**
   * @param {() => number} light of the picture, from 0 to 1
   * @param {import("../shared/settings_link.js").SettingsLink} link
   */
  constructor(light, link) {
    this.#light = light;
    this.#go.addEventListener("click", () => this.#start());
    this.#preset.addEventListener("click", async () => {
      if (!(await link.take(`presets/${this.#preset.dataset.preset}`))) {
        setText(this.#preset, "Chosen");
      }
    });
    element("letter-test").addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed") this.#stop();
    });
    if (localStorage.getItem(PASSED)) this.#pass();
  }

  /** @param {Status} status */
  showStatus(status) {
    this.#status = status;
  }

  /** @param {import("../shared/live.js").SettingsEvent} event */
  showSettings({ settings }) {
    this.#threshold = settings.decoding.letter_confidence;
  }

  /** @param {Live} live */
  show({ hand, hand_height, best }) {
    const letter = this.#left[0];
    if (!letter) {
      return;
    }
    const now = performance.now();
    if (!hand) {
      this.#up = this.#since = 0;
      setText(element("asked-how"), "No hand in view.");
      return;
    }
    this.#up ||= now;
    if (hand_height) {
      this.#heights.push(hand_height);
    }
    const share = best.find(([name]) => name === letter)?.[1] ?? 0;
    this.#best = Math.max(this.#best, share);
    setText(element("asked-how"), best[0] ? `Signcap reads ${best[0][0]}.` : "");
    this.#since = best[0]?.[0] === letter && share >= this.#threshold ? this.#since || now : 0;
    this.#look();
  }

  #start() {
    this.#stop();
    this.#readings = [];
    this.#heights = [];
    this.#left = [...PAIRS[Math.floor(Math.random() * PAIRS.length)]];
    element("judged").replaceChildren();
    this.#preset.hidden = element("go-enrol").hidden = true;
    setText(this.#go, "Start again");
    this.#timer = setInterval(() => this.#look(), 100); // a letter that is held sends no new figures
    this.#ask();
  }

  #ask() {
    const letter = this.#left[0];
    [this.#began, this.#up, this.#since, this.#best] = [performance.now(), 0, 0, 0];
    element("asked-letter").hidden = !letter;
    if (letter) {
      setText(element("letter-test-say"), `Sign this letter and hold it (${this.#readings.length + 1} of 2).`);
      setText(element("asked-glyph"), letter);
      /** @type {HTMLImageElement} */ (element("asked-picture")).src = `/api/v1/collect/letter/${letter}.jpg`;
      setText(element("asked-how"), "");
    } else {
      this.#stop();
      this.#judge();
    }
  }

  #look() {
    const now = performance.now();
    const held = this.#since > 0 && now - this.#since >= HELD_MS;
    if (this.#left.length && (held || now - this.#began > LONGEST_MS)) {
      const letter = this.#left.shift() ?? "";
      this.#readings.push({ letter, seconds: held ? (now - this.#up) / 1000 : null, best: this.#best });
      this.#ask();
    }
  }

  #judge() {
    const height = this.#status?.camera_facts?.size[1] ?? pictureHeight();
    const heights = [...this.#heights].sort((one, other) => one - other);
    const verdict = judge(this.#readings, {
      light: this.#light(),
      size: heights.length ? heights[heights.length >> 1] / (height || heights[0]) : null,
      rate: this.#status?.stages.recognise?.rate ?? null,
    });
    setText(element("letter-test-say"), verdict.passed ? "Signcap can read you." : "Signcap missed something.");
    element("judged").replaceChildren(
      ...verdict.findings.map(({ text, well }) => make("li", { "data-well": well ? "yes" : "no" }, make("span", {}, text))),
    );
    this.#preset.hidden = verdict.preset === null;
    this.#preset.dataset.preset = verdict.preset ?? "";
    setText(this.#preset, verdict.preset === "beginner" ? "Use the preset for slow signing" : "Use the preset for fast signing");
    element("go-enrol").hidden = !verdict.enrol;
    if (verdict.passed) {
      localStorage.setItem(PASSED, "1");
      this.#pass();
    } else {
      mark("step-test", "trouble");
      setText(element("test-step-state"), "Try again");
    }
  }

  #pass() {
    mark("step-test", "done");
    setText(element("test-step-state"), "Signcap can read you");
  }

  #stop() {
    this.#left = [];
    clearInterval(this.#timer);
    element("asked-letter").hidden = true;
  }
}

/**
 * What two letters tell of light, size and speed, and what to do about it.
 *
 * @param {Reading[]} readings seconds: from when the hand was up until the letter was held; null where it never was
 * @param {{light: number, size: number | null, rate: number | null}} picture light from 0 to 1; size of the hand in
 *   heights of the picture; pictures that are read a second
 * @returns {Verdict}
 */
export function judge(readings, { light, size, rate }) {
  /** @type {Finding[]} */
  const findings = [];
  const say = (/** @type {boolean} */ well, /** @type {string} */ text) => findings.push({ well, text });
  const missed = readings.filter(({ seconds }) => seconds === null);
  const times = readings.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  const dark = light > 0 && light < DARK;
  const small = size !== null && size < SMALL;
  if (dark) say(false, "It is dark: put a lamp in front of you.");
  else say(true, "The light is good.");
  if (size === null) say(false, "No hand was seen: hold it up inside the frame.");
  else if (small) say(false, "Your hand is small in the picture: move closer to the camera.");
  else say(true, "Your hand is large enough.");
  if (rate !== null && rate < FEW) say(false, `Signcap reads only ${Math.round(rate)} frames a second. Spell a little more slowly, or close other programs.`);
  if (missed.length) say(false, `${missed.map(({ letter }) => letter).join(" and ")} ${missed.length > 1 ? "were" : "was"} not read.`);
  else say(true, `Both letters were read, after ${times.map((time) => time.toFixed(1)).join(" and ")} s.`);
  const passed = missed.length === 0;
  const slow = passed && Math.max(...times) > SLOW;
  const quick = passed && Math.max(...times) < QUICK && !(rate !== null && rate < FEW);
  if (slow) say(true, "You sign slowly. The preset for slow signing ignores movements between letters.");
  // Light and size first: enrolment cannot make up for a hand that is not seen.
  const enrol = !passed && !dark && !small && size !== null;
  if (enrol) say(true, "Let Signcap learn your hand: it takes two minutes.");
  return { findings, passed, preset: slow ? "beginner" : quick ? "fast" : null, enrol };
}

function pictureHeight() {
  const video = /** @type {HTMLVideoElement} */ (element("preview"));
  return video.videoHeight || /** @type {HTMLImageElement} */ (element("stills")).naturalHeight;
}
