// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { judge } from "./guess.js";
import { Letters } from "./letters.js";
import { Player, canShow } from "./player.js";
import { Saver } from "./save.js";
import { anyWord } from "./words.js";

/** @typedef {import("./player.js").Asked} Asked */

const KEPT = "signcap.spell";
const FIRST = "HELLO"; // what there is to see before anything was typed
const SIGNERS = 1000;

const input = /** @type {HTMLInputElement} */ (element("text"));
const guess = /** @type {HTMLInputElement} */ (element("guess"));
const speed = /** @type {HTMLInputElement} */ (element("speed"));
const screen = element("screen");
const play = element("play");
const verdict = element("verdict");

/** @type {{speed: number, signer: number | null, left_handed: boolean}} */
const how = { speed: 2, signer: null, left_handed: false, ...kept() };
/** @type {Asked | null} */
let asked = null;
let newest = 0; // of what was asked for

const letters = new Letters((index) => player.jump(index, false));
const player = new Player(/** @type {HTMLVideoElement} */ (element("video")), {
  letter: (index) => letters.mark(index),
  state: (state) => {
    screen.dataset.state = state;
    const playing = player.playing;
    play.toggleAttribute("data-playing", playing);
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
  },
  trouble: (sentence) => setText(element("trouble"), sentence),
});
new Saver(() => asked);

element("spell-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value;
  if (letters.hidden && !text.trim()) {
    player.again();
    return;
  }
  sign(text, 0, true);
  if (letters.hidden) forget();
});
play.addEventListener("click", () => player.toggle());
screen.addEventListener("click", () => player.toggle());
element("again").addEventListener("click", () => player.again());
element("back").addEventListener("click", () => step(-1));
element("next").addEventListener("click", () => step(1));
speed.addEventListener("input", () => showSpeed());
speed.addEventListener("change", () => change({ speed: speed.valueAsNumber }));
element("another").addEventListener("click", () => change({ signer: Math.floor(Math.random() * SIGNERS) }));
element("usual").addEventListener("click", () => {
  element("another").focus(); // this one goes
  change({ signer: null });
});
element("left").addEventListener("click", () => change({ left_handed: !how.left_handed }));
element("hide").addEventListener("click", () => hide(!letters.hidden));
element("reveal").addEventListener("click", () => {
  element("hide").focus();
  hide(false);
});
element("surprise").addEventListener("click", () => {
  hide(true);
  forget();
  guess.focus();
  sign(anyWord(asked?.text ?? ""), 0, true);
});
element("guess-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { right, sentence } = judge(guess.value, letters.text);
  setText(verdict, sentence);
  verdict.dataset.right = right ? "yes" : "no";
  if (right) show(false);
});
addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.altKey || event.ctrlKey || event.metaKey || target.matches("input, textarea, select")) return;
  const does = { " ": () => player.toggle(), ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => player.again() }[event.key];
  if (!does || (event.key === " " && target.matches("button, a"))) return;
  event.preventDefault();
  does();
});
addEventListener("pagehide", () => player.close());

showHow();
if (canShow()) {
  input.value = FIRST;
  sign(FIRST, 0, false);
} else {
  setText(element("trouble"), "This browser cannot show the signer: use Firefox, Chrome or Edge, or save a video.");
}

/**
 * @param {string} text
 * @param {number} letter to begin with
 * @param {boolean} playing
 */
async function sign(text, letter, playing) {
  const number = ++newest;
  const wanted = { text, ...how };
  try {
    const plan = await call("POST", "/api/v1/spell/letters", wanted);
    if (number !== newest) return;
    asked = wanted;
    setText(element("trouble"), "");
    setText(element("remarks"), plan.remarks.join(" "));
    letters.show(plan.letters);
    if (canShow()) player.show(wanted, plan, letter, playing);
  } catch (error) {
    if (number !== newest) return;
    setText(element("trouble"), error instanceof Refusal ? error.message : "Signcap has quit. Start it again in the terminal.");
  }
}

/** @param {Partial<typeof how>} other ways to sign it */
function change(other) {
  Object.assign(how, other);
  localStorage.setItem(KEPT, JSON.stringify(how));
  showHow();
  if (asked) sign(asked.text, Math.max(0, player.letter), player.playing);
}

function showHow() {
  speed.valueAsNumber = how.speed;
  showSpeed();
  element("left").setAttribute("aria-pressed", String(how.left_handed));
  setText(element("who"), how.signer === null ? "The usual signer" : `Signer ${how.signer}`);
  element("usual").hidden = how.signer === null;
}

function showSpeed() {
  const said = speed.valueAsNumber === 1 ? "1 letter a second" : `${speed.valueAsNumber} letters a second`;
  setText(element("speed-said"), said);
  speed.setAttribute("aria-valuetext", said);
}

/** @param {number} by */
function step(by) {
  setText(element("said"), letters.describe(player.step(by)));
}

/** @param {boolean} hidden */
function hide(hidden) {
  show(hidden);
  element("guess-form").hidden = !hidden;
  setText(verdict, "");
  guess.value = "";
  if (hidden) forget();
}

/** @param {boolean} hidden the text, while the guess and what came of it stay */
function show(hidden) {
  letters.hide(hidden);
  element("hide").setAttribute("aria-pressed", String(hidden));
  input.placeholder = hidden ? "Hidden: type another for somebody to read" : "Type a name, a word, a sentence";
  if (!hidden && asked) input.value = asked.text;
}

/** Take the text out of the line it was typed into: it is to be read from the hand. */
function forget() {
  input.value = "";
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    const { speed, signer, left_handed } = found;
    return {
      ...(speed >= 0.5 && speed <= 6 ? { speed } : {}),
      ...(Number.isInteger(signer) && signer >= 0 && signer < SIGNERS ? { signer } : {}),
      ...(left_handed === true ? { left_handed } : {}),
    };
  } catch {
    return {};
  }
}
