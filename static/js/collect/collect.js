// @ts-check
import { call } from "../shared/api.js";
import { able, followState, letGoOfButtons, say, sentenceOf } from "../shared/camera_page.js";
import { element, setText } from "../shared/caption_view.js";
import { SelfView } from "../shared/self_view.js";

/**
 * @typedef {"idle" | "countdown" | "taking" | "paused" | "done"} Phase
 * @typedef {{letter: string, take: string | null, count: number, older: boolean}} Undo
 * @typedef {{
 *   signer: string, letter: string, count: number, takes: number, rate: number, flip: boolean, burst: number | null, countdown: number,
 * }} Choice
 * @typedef {{
 *   phase: Phase, choice: Choice, counts: Record<string, number>, countdown: number | null, taken: number,
 *   planned: number, without_hand: number, dropped: number, hand: boolean | null, take: string | null,
 *   next_letter: string | null, undo: Undo | null, said: string, failed: boolean, in_bursts: boolean,
 *   folder: string, camera: "on" | "lost" | "ended", notice: string | null,
 * }} State
 */

const FIRST = "A".charCodeAt(0);
const LETTERS = 26;

/** @type {State | null} */
let state = null;
let refusal = "";
let asked = ""; // the signer's name that the server was asked for last

const signer = /** @type {HTMLInputElement} */ (element("signer"));
const hint = /** @type {HTMLImageElement} */ (element("hint"));
const flip = /** @type {HTMLInputElement} */ (element("flip"));
const numbers = /** @type {const} */ (["count", "takes", "rate", "countdown", "burst"]);
const cells = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll(".cell")]);

new SelfView(/** @type {HTMLImageElement} */ (element("view")), element("screen"), element("view-note"));
followState("/api/v1/collect/events", show);
wire();
offerSigners();

/**
 * Ask the server to do something, and show what it says.
 *
 * @param {"start" | "pause" | "resume" | "stop" | "undo" | "choose"} action
 * @param {Record<string, unknown>} [body]
 * @param {HTMLElement} [problem] where a refusal is shown, instead of below the buttons
 * @returns {Promise<boolean>} whether it was done
 */
async function ask(action, body = {}, problem) {
  try {
    const answer = await call("POST", `/api/v1/collect/${action}`, body);
    refusal = "";
    if (problem) {
      setText(problem, "");
    }
    show(answer);
    return true;
  } catch (error) {
    const sentence = sentenceOf(error);
    if (problem) {
      setText(problem, sentence);
    } else {
      refusal = sentence;
      showSaid();
    }
    return false;
  }
}

function wire() {
  element("go").addEventListener("click", go);
  element("stop").addEventListener("click", () => ask("stop"));
  element("undo").addEventListener("click", undo);
  element("next").addEventListener("click", next);
  element("before").addEventListener("click", () => step(-1));
  element("after").addEventListener("click", () => step(1));
  for (const cell of cells) {
    cell.addEventListener("click", () => ask("choose", { letter: cell.dataset.letter }));
  }
  element("who").addEventListener("submit", (event) => {
    event.preventDefault();
    chooseSigner();
  });
  signer.addEventListener("change", chooseSigner);
  signer.addEventListener("input", () => (asked = ""));
  flip.addEventListener("change", () => ask("choose", { flip: flip.checked }, element("options-note")));
  for (const name of numbers) {
    const field = /** @type {HTMLInputElement} */ (element(name));
    field.addEventListener("change", () => {
      const value = field.value === "" ? null : Number(field.value);
      ask("choose", { [name]: name === "burst" && !value ? null : value }, element("options-note"));
    });
  }
  addEventListener("keydown", onKey);
  letGoOfButtons();
}

async function chooseSigner() {
  const name = signer.value.trim();
  if (name === "" || name === asked || name === state?.choice.signer) {
    return; // the return key submits the form and changes the field as well
  }
  asked = name;
  if (await ask("choose", { signer: name }, element("who-note"))) {
    signer.blur(); // so that S starts, and is no letter of the name
  }
}

async function offerSigners() {
  const { signers } = await call("GET", "/api/v1/collect/signers");
  element("signers").replaceChildren(
    ...signers.map((/** @type {string} */ name) => {
      const option = document.createElement("option");
      option.value = name;
      return option;
    }),
  );
}

function go() {
  if (state?.phase === "countdown" || state?.phase === "taking") {
    ask("pause");
  } else if (state && !state.choice.signer) {
    setText(element("who-note"), "Name the signer first.");
    signer.focus();
  } else {
    ask(state?.phase === "paused" ? "resume" : "start");
  }
}

function undo() {
  const what = state?.undo;
  if (!what) {
    return;
  }
  if (what.older) {
    const sentence = `Take ${what.take} of ${what.letter} is from an earlier session. Delete its ${what.count} pictures?`;
    if (!confirm(sentence)) {
      return;
    }
  }
  ask("undo", { older: what.older });
}

function next() {
  if (state?.next_letter) {
    ask("choose", { letter: state.next_letter });
  }
}

/** @param {number} by */
function step(by) {
  if (state) {
    const place = (state.choice.letter.charCodeAt(0) - FIRST + by + LETTERS) % LETTERS;
    ask("choose", { letter: String.fromCharCode(FIRST + place) });
  }
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input")) {
    return;
  }
  if (event.key === " " && target.closest("button, summary, a")) {
    return; // the space bar presses what has the focus
  }
  /** @type {Record<string, () => void>} */
  const keys = {
    s: () => state?.phase !== "countdown" && state?.phase !== "taking" && go(),
    p: () => (state?.phase === "paused" ? ask("resume") : ask("pause")),
    " ": () => (state?.phase === "paused" ? ask("resume") : ask("pause")),
    u: undo,
    n: next,
    Escape: () => ask("stop"),
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
  };
  if (event.shiftKey && /^[A-Za-z]$/.test(event.key)) {
    ask("choose", { letter: event.key.toUpperCase() });
  } else if (!event.shiftKey && !event.repeat) {
    // With caps lock on, letters come as capitals.
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) {
      return;
    }
    action();
  } else {
    return;
  }
  event.preventDefault();
}

/** @param {State} newest */
function show(newest) {
  const before = state;
  state = newest;
  if (before && before.phase !== newest.phase) {
    refusal = "";
  }
  const { choice, phase } = newest;
  const have = newest.counts[choice.letter] ?? 0;
  showPicture(newest);
  showTally(newest, have);
  showControls(newest);
  showLetters(newest);
  showChoice(newest, before);
  showSaid();
  speak(newest, before);
  setText(element("where"), [newest.folder, choice.signer, choice.signer && choice.letter].filter(Boolean).join("/"));
  document.title = phase === "taking" ? `${have} of ${choice.count} · ${choice.letter}` : "Collect · Signcap";
}

/** @param {State} newest */
function showPicture(newest) {
  const { phase, countdown } = newest;
  const screen = element("screen");
  screen.dataset.phase = phase;
  const noHand = newest.hand === false && newest.camera === "on";
  screen.dataset.hand = noHand ? "none" : "seen";
  element("hand-note").hidden = !noHand;
  const big = element("big");
  big.hidden = phase !== "countdown" && phase !== "paused";
  big.classList.toggle("words", phase === "paused");
  setText(big, phase === "paused" ? "Paused" : String(Math.max(1, Math.ceil(countdown ?? 0))));
  element("badge").hidden = phase !== "taking";
  setText(element("badge-text"), `${newest.taken} / ${newest.planned}`);
}

/**
 * @param {State} newest
 * @param {number} have
 */
function showTally(newest, have) {
  const { choice } = newest;
  setText(element("have"), String(have));
  setText(element("want"), String(choice.count));
  setText(element("tally-letter"), choice.letter);
  setText(element("in-takes"), newest.in_bursts ? "bursts" : `${choice.takes} ${choice.takes === 1 ? "take" : "takes"}`);
  const track = element("track");
  track.dataset.done = have >= choice.count ? "yes" : "no";
  track.ariaValueMax = String(choice.count);
  track.ariaValueNow = String(Math.min(have, choice.count));
  element("fill").style.width = `${Math.min(100, (100 * have) / choice.count)}%`;
  const parts = [];
  if (newest.take) {
    parts.push(`take ${newest.take}`);
  }
  if (newest.without_hand) {
    parts.push(`${newest.without_hand} without a hand left out`);
  }
  if (newest.dropped) {
    parts.push(`${newest.dropped} dropped, because the disk is slow`);
  }
  setText(element("take-line"), parts.join(" · "));
}

/** @param {State} newest */
function showControls(newest) {
  const { phase } = newest;
  const active = phase === "countdown" || phase === "taking";
  setText(element("go-text"), active ? "Pause" : phase === "paused" ? "Go on" : "Start");
  setText(element("go-key"), active ? "P" : "S");
  able("go", newest.camera !== "ended" && phase !== "done" && !(phase === "taking" && newest.in_bursts));
  able("stop", active || phase === "paused");
  able("undo", newest.undo !== null);
  setText(element("undo-text"), undoWords(newest));
  const offers = newest.next_letter !== null && phase === "done";
  const hadFocus = document.activeElement === element(offers ? "go" : "next");
  element("next").hidden = !offers;
  element("go").hidden = offers;
  if (hadFocus) {
    element(offers ? "next" : "go").focus();
  }
  setText(element("next-text"), `Next: ${newest.next_letter}`);
  for (const name of ["before", "after"]) {
    able(name, !active);
  }
}

/** @param {State} newest */
function undoWords({ undo: what }) {
  if (!what) {
    return "Undo";
  }
  const take = what.take ? ` take ${what.take} of ${what.letter}` : ` this take of ${what.letter}`;
  return `Undo${take} (${what.count})`;
}

/** @param {State} newest */
function showLetters(newest) {
  const { choice, counts } = newest;
  const active = newest.phase === "countdown" || newest.phase === "taking";
  let done = 0;
  let total = 0;
  for (const cell of cells) {
    const letter = cell.dataset.letter ?? "";
    const count = counts[letter];
    const isDone = (count ?? 0) >= choice.count;
    done += isDone ? 1 : 0;
    total += count ?? 0;
    cell.disabled = active && letter !== choice.letter;
    cell.ariaCurrent = String(letter === choice.letter);
    cell.ariaLabel = `${letter}, ${count ?? 0} of ${choice.count} pictures`;
    cell.dataset.state = isDone ? "done" : "open";
    cell.style.setProperty("--part", `${Math.min(100, (100 * (count ?? 0)) / choice.count)}%`);
    setText(/** @type {HTMLElement} */ (cell.lastElementChild), count === undefined ? "–" : String(count));
  }
  setText(
    element("total"),
    choice.signer ? `${choice.signer}: ${total} pictures, ${done} of ${cells.length} letters complete` : "",
  );
}

/**
 * @param {State} newest
 * @param {State | null} before
 */
function showChoice(newest, before) {
  const { choice } = newest;
  if (before?.choice.signer !== choice.signer) {
    signer.value = choice.signer;
  }
  if (before?.choice.letter !== choice.letter) {
    const moving = choice.letter === "J" || choice.letter === "Z";
    hint.src = `/api/v1/collect/letter/${choice.letter}.jpg`;
    hint.width = moving ? 972 : 240;
    hint.alt = moving
      ? `Four moments of a hand that draws ${choice.letter}, as in a mirror`
      : `A hand that makes ${choice.letter}, as in a mirror`;
    /** @type {HTMLElement} */ (hint.parentElement).dataset.moving = moving ? "yes" : "no";
    setText(element("glyph"), choice.letter);
  }
  setText(
    element("letter-note"),
    newest.in_bursts ? `Taken in bursts: after each countdown, make the whole motion once.` : "",
  );
  for (const name of numbers) {
    const field = /** @type {HTMLInputElement} */ (element(name));
    if (document.activeElement !== field && before?.choice[name] !== choice[name]) {
      field.value = String(choice[name] ?? 0);
    }
  }
  flip.checked = choice.flip;
}

function showSaid() {
  say(refusal, state, advice());
}

/** What to do next, while nothing else is to be told. */
function advice() {
  if (state?.camera === "ended") {
    return "The camera or video has ended. Start Signcap again to continue.";
  }
  if (!state?.choice.signer) {
    return "Name the signer, make the letter, and press S.";
  }
  if (state.phase === "done") {
    return state.next_letter ? `${state.choice.letter} is complete.` : "All letters are complete.";
  }
  return state.phase === "idle" ? `Make ${state.choice.letter} and press S.` : "";
}

/**
 * Tell screen readers what changes fast in the picture.
 *
 * @param {State} newest
 * @param {State | null} before
 */
function speak(newest, before) {
  if (before?.phase === newest.phase) {
    return;
  }
  /** @type {Record<Phase, string>} */
  const words = {
    idle: "",
    countdown: `Countdown for ${newest.choice.letter}`,
    taking: "Taking pictures",
    paused: "Paused",
    done: "",
  };
  setText(element("spoken"), words[newest.phase]);
}
