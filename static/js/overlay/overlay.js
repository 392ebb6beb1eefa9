// @ts-check
import { directionOf, layOut, lettersOf } from "./layout.js";
import { element, setText } from "../shared/caption_view.js";
import { followCaptions } from "../shared/feed.js";
import { Reading } from "./reading.js";
import { applyStyle, readStyle } from "./style.js";

/** @typedef {import("../shared/feed.js").Captions} Captions */
/** @typedef {import("./layout.js").TextLine} TextLine */

const EM_OF_COLUMN = 0.64; // width of a column in font sizes, as in the picture
const PADDING_OF_SIZE = 0.4; // left and right of the text, as in overlay.css
const READ_AGAIN = 1; // seconds that text stays after it can have been read, as in the picture
const ROLL_EVERY_MS = 100; // while text is unread
const SAMPLE = { earlier: [], committed: "THE LAST LETTER OF A CAPTION MAY STILL CHANG", partial: "E" };

const query = new URLSearchParams(location.search);
let style = readStyle(query);
const stage = element("stage");
const box = element("box");
applyStyle(style, stage);

const canvas = document.createElement("canvas").getContext("2d");
/** @type {Captions | null} */
let captions = null;
/** @type {Set<string>} captions that have been cleared, or were there before the page */
const gone = new Set();
const reading = new Reading();
let shownText = "";
let clears = 0;
let rolls = 0;

followCaptions(
  "captions",
  (newest) => {
    if (captions === null) {
      forget(newest); // how long ago they were is not known: a scene that is switched on begins empty
    }
    reading.note(newest.cues.reduce((sum, { text }) => sum + length(text), length(newest.committed)), now());
    if (captions === null) {
      reading.forget();
    }
    captions = newest;
    restyle(newest.look);
    show();
  },
  () => {}, // what is on a stream says nothing of connections; the text clears by itself
);
addEventListener("resize", () => draw());
draw();

/** @param {import("../shared/feed.js").Look | null} look */
function restyle(look) {
  const wanted = readStyle(query, look);
  if (JSON.stringify(wanted) !== JSON.stringify(style)) {
    style = wanted;
    applyStyle(style, stage);
    draw();
  }
}

/** Show the newest text, and clear it after some seconds in which it has not changed. */
function show() {
  const text = [...earlier(), captions?.committed, captions?.partial].join(" ").replace(/\s+/g, " ").trim();
  if (text !== shownText) {
    shownText = text;
    clearTimeout(clears);
    clears = window.setTimeout(clear, Math.max(style.hide, reading.left(now()) + READ_AGAIN) * 1000);
    roll();
  }
  setText(element("spoken"), earlier().at(-1) ?? "");
}

/** Draw, and again and again while text that came at once rolls up as people read it. */
function roll() {
  clearTimeout(rolls);
  if (reading.left(now()) > 0) {
    rolls = window.setTimeout(roll, ROLL_EVERY_MS);
  }
  draw();
}

function clear() {
  if (captions) {
    forget(captions);
    reading.forget();
    captions = { ...captions, committed: "", partial: "" };
    show();
  }
}

/** @param {Captions} past */
function forget({ cues }) {
  gone.clear();
  for (const cue of cues) {
    gone.add(cue.key);
  }
}

/** Finished captions since the screen was last clear: as many as can be seen, or are unread. */
function earlier() {
  const cues = captions?.cues.filter((cue) => !gone.has(cue.key)).map((cue) => cue.text) ?? [];
  let count = 0;
  let unread = reading.unread(now()) - length(captions?.committed ?? "");
  while (count < cues.length && (count < style.lines || unread > 0)) {
    count += 1;
    unread -= length(cues[cues.length - count]);
  }
  return cues.slice(cues.length - count);
}

/** Seconds that only grow. */
function now() {
  return performance.now() / 1000;
}

/** @param {string} text */
function length(text) {
  return [...text].length;
}

function draw() {
  const room = stage.clientWidth / style.size - 2 * (style.margin / style.size + PADDING_OF_SIZE) - 1;
  const width = Math.max(1, Math.min(style.columns * EM_OF_COLUMN, room)) * style.size;
  // One letter that may still change can hang over the end of a line.
  stage.style.setProperty("--width", `${width + style.size * (1 + 2 * PADDING_OF_SIZE)}px`);
  if (canvas) {
    canvas.font = `${style.weight} ${style.size}px ${style.font}`;
  }
  /** @param {string} text */
  const measure = (text) => Math.max(lettersOf(text).length, ((canvas?.measureText(text).width ?? 0) * style.columns) / width);
  const text = shownText || !style.sample
    ? { earlier: earlier(), committed: captions?.committed ?? "", partial: captions?.partial ?? "" }
    : SAMPLE;
  const unread = shownText ? reading.unread(now()) : 0;
  const lines = layOut(text.earlier, text.committed, text.partial, { ...style, measure, unread });
  stage.style.setProperty("--lines", String(Math.max(style.lines, lines.length)));
  box.hidden = lines.length === 0;
  // What is read from the right grows to the left: its box stays at the right, and lines from both sides need all of it.
  const directions = new Set(lines.filter((line) => line.length > 0).map(directionOf));
  element("place").dir = directions.has("ltr") ? "ltr" : "rtl";
  box.classList.toggle("both", directions.size > 1);
  lines.forEach((line, place) => put(line, place));
  while (box.children.length > lines.length) {
    box.lastElementChild?.remove();
  }
}

/**
 * @param {TextLine} line
 * @param {number} place
 */
function put(line, place) {
  let shown = /** @type {HTMLElement | undefined} */ (box.children[place]);
  if (!shown) {
    shown = document.createElement("p");
    shown.append(document.createElement("span"), document.createElement("span"));
    shown.children[0].className = "final";
    shown.children[1].className = "partial";
    box.append(shown);
  }
  shown.dir = directionOf(line);
  const [final, partial] = /** @type {HTMLElement[]} */ ([...shown.children]);
  setText(final, line.filter((run) => run.final).map((run) => run.text).join(""));
  setText(partial, line.filter((run) => !run.final).map((run) => run.text).join(""));
}
