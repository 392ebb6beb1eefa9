// @ts-check
import { wordsOf } from "./differences.js";

/** @typedef {import("../shared/live.js").Moment} Moment */
/** @typedef {import("../shared/live.js").Letter} Letter */

const MOST_SECONDS = 20;
const SECOND = 40; // pixels that a second has at least: letters must not lie over each other
const ROWS = 2; // of letters above the curves: what came out, what would
const ROW = 26; // pixels
const HEIGHT = 250;
const GAP = 0.12; // seconds between two moments from which on a curve is broken

/** Draws posteriors, threshold and letters of the last 20 seconds. */
export class StripView {
  #canvas;
  /** @type {Moment[]} */
  #moments = [];
  /** @type {Letter[]} */
  #letters = [];
  /** @type {{moments: Moment[], letters: Letter[]} | null} */
  #draft = null;
  #threshold = 0.6;
  #due = false;
  #seconds = MOST_SECONDS;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#later()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#later());
  }

  /**
   * What came out in the seconds that are shown, and what would have.
   *
   * @param {number} pause seconds that end a word
   * @param {number} otherPause the same, as it would be
   * @returns {[came: string, would: string]}
   */
  words(pause, otherPause) {
    const since = this.#newest - this.#seconds;
    return [wordsOf(this.#letters, since, pause), wordsOf(this.#draft?.letters ?? this.#letters, since, otherPause)];
  }

  /** @param {{moments: Moment[], letters: Letter[]}} news */
  add({ moments, letters }) {
    this.#moments.push(...moments);
    this.#letters.push(...letters);
    const since = this.#newest - MOST_SECONDS;
    this.#moments = this.#moments.filter(([at]) => at >= since);
    this.#letters = this.#letters.filter(({ end }) => end >= since);
    this.#later();
  }

  /** Begin anew, as after a new connection. */
  clear() {
    this.#moments = [];
    this.#letters = [];
    this.#draft = null;
  }

  /** @param {number} threshold */
  setThreshold(threshold) {
    this.#threshold = threshold;
    this.#later();
  }

  /** @param {{moments: Moment[], letters: Letter[]} | null} draft what would have come out */
  setDraft(draft) {
    this.#draft = draft;
    this.#later();
  }

  get #newest() {
    return this.#moments.at(-1)?.[0] ?? 0;
  }

  #later() {
    if (!this.#due) {
      this.#due = true;
      requestAnimationFrame(() => {
        this.#due = false;
        this.#draw();
      });
    }
  }

  #draw() {
    const width = this.#canvas.clientWidth;
    const scale = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * scale) || this.#canvas.height !== Math.round(HEIGHT * scale)) {
      this.#canvas.width = Math.round(width * scale);
      this.#canvas.height = Math.round(HEIGHT * scale);
    }
    const context = this.#canvas.getContext("2d");
    if (!context || width === 0) {
      return;
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const colours = coloursOf(this.#canvas);
    const top = ROWS * ROW + 8;
    const bottom = HEIGHT - 22;
    const end = this.#newest;
    this.#seconds = Math.min(MOST_SECONDS, width / SECOND);
    const x = (/** @type {number} */ at) => width - ((end - at) / this.#seconds) * width;
    const y = (/** @type {number} */ share) => bottom - share * (bottom - top);
    context.clearRect(0, 0, width, HEIGHT);
    drawGrid(context, colours, width, top, bottom, end, x, y);
    drawCurves(context, colours, this.#draft?.moments ?? this.#moments, x, y);
    context.strokeStyle = colours.warn;
    context.lineWidth = 2;
    context.setLineDash([7, 5]);
    line(context, 0, y(this.#threshold), width, y(this.#threshold));
    context.setLineDash([]);
    drawLetters(context, colours.ink, this.#letters, ROW - 8, x);
    if (this.#draft) {
      drawLetters(context, colours.accent, this.#draft.letters, 2 * ROW - 6, x);
    }
  }
}

/** @typedef {{ink: string, quiet: string, line: string, accent: string, warn: string, palette: string[]}} Colours */

/**
 * @param {HTMLElement} target
 * @returns {Colours}
 */
function coloursOf(target) {
  const get = (/** @type {string} */ name) => resolve(target, name);
  return {
    ink: get("--strip-ink"),
    quiet: get("--strip-quiet"),
    line: get("--strip-line"),
    accent: get("--strip-accent"),
    warn: get("--strip-warn"),
    palette: [0, 1, 2, 3, 4, 5].map((place) => get(`--strip-${place}`)),
  };
}

/**
 * A colour as a canvas takes it: a custom property keeps `light-dark()` as it is written.
 *
 * @param {HTMLElement} target
 * @param {string} name of the custom property
 */
export function resolve(target, name) {
  const before = target.style.color;
  target.style.color = `var(${name})`;
  const colour = getComputedStyle(target).color;
  target.style.color = before;
  return colour;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Colours} colours
 * @param {number} width
 * @param {number} top
 * @param {number} bottom
 * @param {number} end
 * @param {(at: number) => number} x
 * @param {(share: number) => number} y
 */
function drawGrid(context, colours, width, top, bottom, end, x, y) {
  context.lineWidth = 1;
  context.strokeStyle = colours.line;
  context.fillStyle = colours.quiet;
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const share of [0, 0.5, 1]) {
    line(context, 0, y(share), width, y(share));
    context.fillText(`${share * 100} %`, 2, y(share) - 8);
  }
  context.textAlign = "center";
  for (let second = Math.ceil((end - MOST_SECONDS) / 5) * 5; second <= end; second += 5) {
    const before = Math.round(end - second);
    if (x(second) > 24 && before > 0) {
      context.fillText(`−${before} s`, x(second), bottom + 14);
    }
  }
  context.textAlign = "right";
  context.fillText("now", width - 2, bottom + 14);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Colours} colours
 * @param {Moment[]} moments
 * @param {(at: number) => number} x
 * @param {(share: number) => number} y
 */
function drawCurves(context, colours, moments, x, y) {
  /** @type {Map<string, [number, number]>} */
  let before = new Map();
  let last = -Infinity;
  context.lineWidth = 2;
  for (const [at, , best] of moments) {
    /** @type {Map<string, [number, number]>} */
    const here = new Map(best.map(([letter, share]) => [letter, [x(at), y(share)]]));
    for (const [letter, [right, high]] of here) {
      const [left, low] = before.get(letter) ?? [x(Math.max(last, at - 1 / 30)), y(0)];
      if (at - last < GAP) {
        context.strokeStyle = colours.palette[(letter.charCodeAt(0) - 65) % colours.palette.length];
        line(context, left, low, right, high);
      }
    }
    for (const [letter, [left, low]] of before) {
      if (!here.has(letter) && at - last < GAP) {
        context.strokeStyle = colours.palette[(letter.charCodeAt(0) - 65) % colours.palette.length];
        line(context, left, low, x(at), y(0));
      }
    }
    before = here;
    last = at;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {Letter[]} letters
 * @param {number} baseline
 * @param {(at: number) => number} x
 */
function drawLetters(context, colour, letters, baseline, x) {
  context.fillStyle = colour;
  context.font = "600 16px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const { text, start, end } of letters) {
    context.fillText(text, x((start + end) / 2), baseline);
    context.fillRect(x(start), baseline + 4, Math.max(x(end) - x(start), 2), 2);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
