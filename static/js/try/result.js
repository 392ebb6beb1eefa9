// @ts-check
import { Refusal, call } from "../shared/api.js";
import { make, percent } from "../shared/dom.js";

/**
 * @typedef {{letter: string, confidence: number}} Candidate
 * @typedef {{letter: string, confidence: number, start: number, end: number, picture: string | null}} ReadLetter
 * @typedef {{kind: "picture", files: string, name: string, width: number, height: number, picture: string,
 *   hand: {handedness: string, score: number} | null, crop: string, crop_size: number, text: string,
 *   best: Candidate[], nothing: number}} PictureResult
 * @typedef {{kind: "clip", files: string, name: string, width: number, height: number, seconds: number,
 *   frames: number, frames_with_hand: number, text: string, letters: ReadLetter[], poster: string}} ClipResult
 * @typedef {PictureResult | ClipResult} Result
 */

const ADVICE =
  "Show the whole hand with some room around it, facing the camera, in even light, and not too small in the picture.";

/** What was read from one picture or clip. */
export class ResultCard {
  root;
  #body = make("div", { class: "result-body" });
  #facts = make("p", { class: "aside" });
  #meter = make("progress", { max: 1, "aria-label": "Reading" });
  #weights;

  /**
   * @param {string} name
   * @param {string} weights
   */
  constructor(name, weights) {
    this.#weights = weights;
    this.#facts.textContent = "Waiting for its turn …";
    this.root = make(
      "article",
      { class: "panel result", "aria-label": name, "data-state": "waiting" },
      make("div", { class: "panel-head" }, make("h2", {}, name), this.#facts),
      this.#body,
    );
  }

  begin() {
    this.#facts.textContent = "Reading …";
    this.#body.replaceChildren(this.#meter);
  }

  /** @param {number} fraction */
  progress(fraction) {
    if (fraction > 0) {
      this.#meter.value = fraction;
    }
  }

  /** @param {string} sentence */
  fail(sentence) {
    this.root.dataset.state = "failed";
    this.#facts.textContent = this.#weights;
    this.#body.replaceChildren(make("p", { class: "trouble" }, sentence));
  }

  /**
   * @param {Result} result
   * @returns {string} in a few words
   */
  show(result) {
    this.root.dataset.state = "read";
    this.#body.dataset.kind = result.kind;
    const size = `${result.width} × ${result.height}`;
    if (result.kind === "clip") {
      this.#facts.textContent = [`${result.seconds.toFixed(1)} s`, size, this.#weights].join(" · ");
      this.#body.replaceChildren(...clip(result));
      return result.text || "nothing read";
    }
    this.#facts.textContent = [size, this.#weights].join(" · ");
    this.#body.replaceChildren(...picture(result));
    return result.hand ? result.text || "nothing read" : "no hand found";
  }
}

/**
 * @param {PictureResult} result
 * @returns {HTMLElement[]}
 */
function picture(result) {
  const { hand, best, text } = result;
  const whole = make("img", { class: "whole", src: result.files + result.picture, alt: hand ? "The picture with the hand drawn in" : "The picture" });
  if (!hand) {
    return [whole, make("div", { class: "read" }, make("p", { class: "no-hand" }, "No hand found"), make("p", { class: "aside" }, ADVICE))];
  }
  const sure = best.find(({ letter }) => letter === text)?.confidence;
  const side = hand.handedness === "left" ? "left hand, seen in the mirror" : "right hand";
  return [
    whole,
    make(
      "figure",
      { class: "crop" },
      make("img", { src: result.files + result.crop, alt: "What the network saw", width: 192, height: 192 }),
      make("figcaption", {}, `What the network saw: ${result.crop_size} × ${result.crop_size}, ${side}, ${percent(hand.score, 0)} sure of the side`),
    ),
    make(
      "div",
      { class: "read" },
      make(
        "p",
        { class: text ? "verdict" : "verdict none" },
        make("span", { class: "letter" }, text || "–"),
        make("span", { class: "aside" }, text ? (sure === undefined ? "" : `${percent(sure, 0)} sure`) : "Not sure enough of any letter to write one"),
      ),
      make(
        "ol",
        { class: "best", "aria-label": "Best five letters" },
        ...best.map(({ letter, confidence }) => bar(letter, confidence, "")),
      ),
      make("ul", { class: "best" }, bar("no letter", result.nothing, "none")),
    ),
  ];
}

/**
 * @param {string} name
 * @param {number} share
 * @param {string} kind
 */
function bar(name, share, kind) {
  const filled = make("span", { class: "filled" });
  filled.style.setProperty("--share", `${(share * 100).toFixed(1)}%`);
  return make("li", { class: kind }, make("b", {}, name), make("span", { class: "track", "aria-hidden": "true" }, filled), make("span", { class: "share" }, percent(share)));
}

/**
 * @param {ClipResult} result
 * @returns {HTMLElement[]}
 */
function clip(result) {
  const poster = make("img", { class: "whole", src: result.files + result.poster, alt: result.frames_with_hand ? "A moment of the clip with the hand drawn in" : "The beginning of the clip" });
  const seen = `A hand in ${result.frames_with_hand} of ${result.frames} frames.`;
  if (result.frames_with_hand === 0) {
    return [poster, make("div", { class: "read" }, make("p", { class: "no-hand" }, "No hand found"), make("p", { class: "aside" }, ADVICE))];
  }
  const read = make(
    "div",
    { class: "read" },
    make("p", { class: result.text ? "spelled" : "spelled none" }, result.text || "Nothing read"),
    make("p", { class: "aside" }, seen),
  );
  if (result.letters.length) {
    read.append(timeline(result), letters(result), saving(result));
  }
  return [poster, read];
}

/** @param {ClipResult} result */
function timeline({ letters: all, seconds }) {
  const line = make("div", { class: "timeline", "aria-hidden": "true" });
  const length = Math.max(seconds, all.at(-1)?.end ?? 0, 0.1);
  line.style.setProperty("--seconds", String(length));
  for (const { letter, start, end, confidence } of all) {
    const block = make("span", { title: `${letter}, ${percent(confidence, 0)} sure` }, letter);
    block.style.setProperty("--from", `${(start / length) * 100}%`);
    block.style.setProperty("--long", `${((end - start) / length) * 100}%`);
    block.style.setProperty("--sure", confidence.toFixed(2));
    line.append(block);
  }
  const step = length > 30 ? 10 : length > 12 ? 5 : length > 5 ? 2 : 1;
  for (let at = 0; at <= length; at += step) {
    const mark = make("i", {}, `${at} s`);
    mark.style.setProperty("--from", `${(at / length) * 100}%`);
    line.append(mark);
  }
  return make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "When each letter was signed" }, line);
}

/**
 * What can be saved of a clip. Its captioned video is made when it is asked for.
 *
 * @param {ClipResult} result
 */
function saving({ files, name }) {
  const stem = name.replace(/\.[^.]*$/, "");
  const said = make("p", { class: "aside", role: "status" });
  const video = make("button", { type: "button", class: "button quiet" }, "Captioned video");
  video.addEventListener("click", async () => {
    video.disabled = true;
    said.textContent = "Making the video …";
    try {
      const { file, note } = await call("POST", `${files}video`);
      make("a", { href: files + file, download: `${stem}.captioned.mp4` }).click();
      said.textContent = note ?? "";
    } catch (error) {
      said.textContent = error instanceof Refusal ? error.message : "Signcap has quit. Start it again in the terminal.";
    } finally {
      video.disabled = false;
    }
  });
  /** @type {[string, string, string][]} */
  const texts = [
    ["WebVTT", "captions.vtt", ".vtt"],
    ["SRT", "captions.srt", ".srt"],
    ["Letters", "letters.jsonl", ".jsonl"],
  ];
  return make(
    "div",
    { class: "saving", role: "group", "aria-label": "Save" },
    make("span", { class: "aside" }, "Save:"),
    video,
    ...texts.map(([title, file, ending]) =>
      make("a", { class: "button quiet", href: files + file, download: stem + ending }, title),
    ),
    said,
  );
}

/** @param {ClipResult} result */
function letters({ letters: all, files }) {
  return make(
    "ol",
    { class: "strip", "aria-label": "Letters" },
    ...all.map(({ letter, start, end, confidence, picture: view }) =>
      make(
        "li",
        {},
        view && make("img", { src: files + view, alt: "", loading: "lazy" }),
        make("b", {}, letter),
        make("span", { class: "aside" }, `${start.toFixed(1)}–${end.toFixed(1)} s`),
        make("span", { class: "aside" }, `${percent(confidence, 0)} sure`),
      ),
    ),
  );
}
