// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { letGoOfButtons } from "../shared/camera_page.js";
import { make } from "../shared/dom.js";
import { followCaptions } from "../shared/feed.js";
import { SelfView } from "../shared/self_view.js";
import { anyWord } from "../spell/words.js";
import { Progress, newLetters, wordsOf } from "./progress.js";

const OWN = "signcap.practise.words";
const NEXT_MS = 1800; // after a word that was read whole

const own = /** @type {HTMLInputElement} */ (element("own-words"));
const hints = /** @type {HTMLInputElement} */ (element("show-letter"));
const hint = /** @type {HTMLImageElement} */ (element("hint"));

let progress = new Progress("");
let words = wordsOf(localStorage.getItem(OWN) ?? "");
let turn = 0;
let read = 0;
/** @type {string | null} what had been read when the page heard of it last */
let before = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let going;

new SelfView(/** @type {HTMLImageElement} */ (element("view")), element("screen"), element("view-note"));
own.value = words.join(", ");
element("words-form").addEventListener("submit", (event) => {
  event.preventDefault();
  words = wordsOf(own.value);
  own.value = words.join(", ");
  localStorage.setItem(OWN, own.value);
  turn = 0;
  own.blur();
  next();
});
hints.addEventListener("change", show);
element("next").addEventListener("click", next);
element("again").addEventListener("click", () => begin(progress.word));
letGoOfButtons();
addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || target.closest("input:not([type=checkbox])")) {
    return;
  }
  const act = { n: next, r: () => begin(progress.word) }[event.key.toLowerCase()];
  if (act) {
    event.preventDefault();
    act();
  }
});
followCaptions(
  "start",
  ({ cues, committed }) => {
    const now = cues.map(({ text }) => text).join(" ") + committed;
    for (const letter of before === null ? [] : newLetters(before.replaceAll(" ", ""), now.replaceAll(" ", ""))) {
      accept(letter);
    }
    before = now;
  },
  (link) => setText(element("link-state"), link === "live" ? "" : "Signcap does not answer. Is it still running?"),
);
next();

function next() {
  const word = words.length ? words[turn++ % words.length] : anyWord(progress.word);
  begin(word);
}

/** @param {string} word */
function begin(word) {
  clearTimeout(going);
  progress = new Progress(word);
  show();
}

/** @param {string} letter */
function accept(letter) {
  if (progress.done) {
    return;
  }
  progress.accept(letter);
  if (progress.done) {
    read += 1;
    if (progress.skipped.length === 0) {
      going = setTimeout(next, NEXT_MS);
    }
  }
  show();
}

function show() {
  const { word, due, done, mistaken, skipped } = progress;
  element("word").replaceChildren(
    ...[...word].map((letter, place) =>
      make("span", { class: "sign-letter", "data-state": progress.states[place], "data-due": place === due ? "yes" : null }, letter === " " ? "\u00a0" : letter),
    ),
  );
  setText(element("spoken-word"), done ? "" : `Sign ${word}. Next letter: ${word[due]}`);
  setText(element("said"), sentence(word[due], done, mistaken, skipped));
  setText(element("done"), String(read));
  const shows = hints.checked && !done;
  element("hint-place").hidden = !shows;
  if (shows && hint.dataset.letter !== word[due]) {
    hint.dataset.letter = word[due];
    hint.src = `/api/v1/collect/letter/${word[due]}.jpg`;
    hint.alt = `A hand that makes ${word[due]}`;
  }
}

/**
 * @param {string} due
 * @param {boolean} done
 * @param {string} mistaken
 * @param {string[]} skipped
 */
function sentence(due, done, mistaken, skipped) {
  if (done) {
    return skipped.length ? `Nearly: ${skipped.join(" and ")} was not read. Press Again, or continue with Next.` : "Well done. The next word comes by itself.";
  }
  return mistaken ? `Signcap read ${mistaken}. Hold ${due} a little longer.` : "";
}
