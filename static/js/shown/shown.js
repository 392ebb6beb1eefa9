// @ts-check
import { call } from "../shared/api.js";
import { able, followState, letGoOfButtons, say, sentenceOf } from "../shared/camera_page.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { KeptList } from "./kept_spelling.js";
import { SelfView } from "../shared/self_view.js";
import { letters, showPhrases, showScore } from "./result.js";

/** @typedef {import("./result.js").Phrase} Phrase */
/** @typedef {import("./result.js").Score} Score */
/**
 * @typedef {"idle" | "countdown" | "waiting" | "spelling" | "reading" | "paused" | "done"} Phase
 * @typedef {{
 *   phase: Phase, phrases: Phrase[], place: number, prompt: string, countdown: number | null, hand: boolean | null,
 *   may_finish: boolean, said: string, failed: boolean, literal: Score | null, assisted: Score | null,
 *   may_keep: boolean, may_learn: boolean, learning: number | null, kept: string, signer: string, camera: "on" | "off" | "lost" | "ended", paused: boolean,
 *   notice: string | null,
 * }} State
 */

const API = "/api/v1/enrol/shown";

/** @type {State | null} */
let state = null;
let refusal = "";

const name = /** @type {HTMLInputElement} */ (element("name"));
const keepLandmarks = /** @type {HTMLInputElement} */ (element("keep-landmarks"));
const keepProfile = /** @type {HTMLInputElement} */ (element("keep-profile"));
const kept = new KeptList();

new SelfView(
  /** @type {HTMLImageElement} */ (element("view")),
  element("screen"),
  element("view-note"),
  `${API}/view.mjpeg`,
);
followState(`${API}/events`, show);
wire();

/**
 * Ask the server to do something, and show what it says.
 *
 * @param {"start" | "go-on" | "skip" | "again" | "stop" | "finish" | "forget" | "keep"} action
 * @param {Record<string, unknown>} [body]
 */
async function ask(action, body = {}) {
  try {
    const answer = await call("POST", `${API}/${action}`, body);
    refusal = "";
    setText(element("keep-note"), "");
    show(answer);
  } catch (error) {
    if (action === "keep") {
      setText(element("keep-note"), sentenceOf(error));
    } else {
      refusal = sentenceOf(error);
      showSaid();
    }
  }
}

function wire() {
  element("go").addEventListener("click", go);
  element("again").addEventListener("click", () => ask("again"));
  element("skip").addEventListener("click", () => ask("skip"));
  element("stop").addEventListener("click", () => ask("stop"));
  element("finish").addEventListener("click", () => ask("finish"));
  element("who").addEventListener("submit", (event) => {
    event.preventDefault();
    name.blur(); // so that Space, R and N are keys, and no letters of the name
  });
  name.addEventListener("input", () => setText(element("who-note"), ""));
  for (const box of [keepLandmarks, keepProfile]) {
    box.addEventListener("change", () => able("keep-go", keepLandmarks.checked || keepProfile.checked));
  }
  element("keep").addEventListener("submit", (event) => {
    event.preventDefault();
    if (keepProfile.checked && name.value.trim() === "") {
      setText(element("keep-note"), "Enter your name first. The profile gets that name.");
      name.focus();
    } else {
      ask("keep", { landmarks: keepLandmarks.checked, profile: keepProfile.checked ? name.value.trim() : "" });
    }
  });
  element("keep-none").addEventListener("click", () => ask("forget"));
  addEventListener("keydown", onKey);
  letGoOfButtons();
}

function active() {
  return state !== null && ["countdown", "waiting", "spelling", "reading"].includes(state.phase);
}

/** What the space bar does: start, begin the phrase, end it, or go on. */
function go() {
  if (active() || (state?.phase === "paused" && state.prompt)) {
    ask("go-on");
  } else if (!name.checkValidity()) {
    setText(element("who-note"), "A name has letters A to Z, digits, - and _ only: choose another, for example ann.");
    name.focus();
  } else if (!state?.may_keep || !(keepLandmarks.checked || keepProfile.checked) || confirm("Start again without keeping what you spelled?")) {
    ask("start", { signer: name.value.trim() });
  }
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat || target instanceof HTMLInputElement) {
    return;
  }
  if (event.key === " " && target.closest("button, a")) {
    return; // it presses what has the focus
  }
  /** @type {Record<string, () => void>} */
  const keys = {
    " ": go,
    r: () => ask("again"),
    n: () => ask("skip"),
    f: () => state?.may_finish && ask("finish"),
    Escape: () => ask("stop"),
  };
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action) {
    action();
    event.preventDefault();
  }
}

/** @param {State} newest */
function show(newest) {
  const before = state;
  state = newest;
  if (before?.phase !== newest.phase) {
    refusal = "";
  }
  showPicture(newest);
  showWord(newest);
  showControls(newest);
  showSaid();
  speak(newest, before);
  if (JSON.stringify(before?.phrases) !== JSON.stringify(newest.phrases) || before?.place !== newest.place) {
    showPhrases(newest.phrases, newest.place);
    showLast(newest);
  }
  if (!before || before.phase !== newest.phase) {
    showScore(newest.literal, newest.assisted);
    if (newest.phase === "done" && before) {
      element("outcome-title").focus({ preventScroll: true });
    }
  }
  if (!before || before.may_keep !== newest.may_keep) {
    keepLandmarks.checked = keepProfile.checked = false; // what is kept is said each time
    able("keep-go", false);
    element("learn").hidden = !newest.may_learn;
    element("keep").hidden = !newest.may_keep;
  }
  if (!before || before.kept !== newest.kept) {
    kept.load();
  }
  if (newest.signer && !before) {
    name.value = newest.signer;
  }
}

/** @param {State} newest */
function showPicture(newest) {
  const { phase, countdown } = newest;
  const screen = element("screen");
  // As on the first part of the page, the red frame says that what the hand does counts.
  screen.dataset.phase = phase === "spelling" ? "taking" : phase;
  const noHand = newest.hand === false && newest.camera === "on" && phase === "spelling";
  screen.dataset.hand = noHand ? "none" : "seen";
  element("hand-note").hidden = !noHand;
  const big = element("big");
  big.hidden = phase !== "countdown" && phase !== "paused";
  big.classList.toggle("words", phase !== "countdown");
  setText(big, phase === "countdown" ? String(Math.max(1, Math.ceil(countdown ?? 0))) : "Stopped");
  const badges = { waiting: "raise your hand", spelling: "spell now", reading: "reading" };
  const badge = phase in badges ? badges[/** @type {keyof badges} */ (phase)] : "";
  element("badge").hidden = badge === "";
  setText(element("badge-text"), badge);
}

/** @param {State} newest */
function showWord({ phase, prompt }) {
  const word = element("word");
  const asked = active() || phase === "paused" ? prompt : "";
  word.dataset.kind = asked ? "asked" : "told";
  setText(word, asked || (phase === "done" ? "Done" : active() ? "Reading …" : "Ten phrases, at your speed"));
}

/** @param {State} newest */
function showLast({ phrases, place }) {
  const last = phrases[place - 1];
  const read = last?.literal;
  element("last").replaceChildren(
    ...(read === null || read === undefined ? [] : [make("span", { class: "quiet" }, "Read: "), make("b", {}, ...letters(last.pairs))]),
  );
}

/** @param {State} newest */
function showControls(newest) {
  const { phase, phrases, prompt } = newest;
  const done = phrases.filter(({ mark }) => mark !== "open").length;
  setText(element("done"), String(done));
  setText(element("all"), String(phrases.length || 10));
  element("track").ariaValueMax = String(phrases.length || 10);
  element("track").ariaValueNow = String(done);
  element("track").dataset.done = phase === "done" ? "yes" : "no";
  element("fill").style.width = `${(100 * done) / (phrases.length || 10)}%`;
  /** @type {Record<Phase, string>} */
  const words = {
    idle: "Start",
    countdown: "Begin now",
    waiting: "Begin now",
    spelling: "Next",
    reading: "Next",
    paused: prompt ? "Go on" : "Start",
    done: "Start again",
  };
  setText(element("go-text"), words[phase]);
  const fitting = newest.learning !== null;
  able("go", !fitting && newest.camera !== "ended" && !newest.paused && phase !== "reading");
  able("again", prompt !== "" && (active() || phase === "paused"));
  able("skip", prompt !== "" && (active() || phase === "paused"));
  able("stop", prompt !== "" && active());
  able("finish", newest.may_finish);
  name.disabled = active() || (phase === "paused" && prompt !== "");
}

function showSaid() {
  const learning = state?.learning ?? null;
  if (state && learning !== null) {
    say(refusal, { ...state, said: `Learning your letters, ${Math.round(100 * learning)}\u00a0% …`, failed: false }, "");
  } else {
    say(refusal, state, advice());
  }
}

/** What to do next, while nothing else is to be told. */
function advice() {
  if (state?.camera === "ended") {
    return "The camera or video has ended. Start Signcap again to continue.";
  }
  if (state?.paused) {
    return "Captions are paused. Switch them on again on Live first.";
  }
  /** @type {Partial<Record<Phase, string>>} */
  const sentences = {
    idle: "Press Start, then spell each phrase when it is shown.",
    waiting: "Raise your hand and spell the phrase, or press Space to begin.",
    spelling: "Press Space when you have spelled it, or lower your hand for two seconds.",
  };
  return sentences[state?.phase ?? "reading"] ?? "";
}

/**
 * Tell screen readers what changes in the picture.
 *
 * @param {State} newest
 * @param {State | null} before
 */
function speak(newest, before) {
  if (before?.phase === newest.phase && before.prompt === newest.prompt) {
    return;
  }
  /** @type {Record<Phase, string>} */
  const words = {
    idle: "",
    countdown: `Next: ${newest.prompt}`,
    waiting: `Raise your hand and spell ${newest.prompt}`,
    spelling: "Spell now",
    reading: "",
    paused: "Stopped",
    done: newest.literal ? `Done. ${newest.literal.right} of ${newest.literal.shown} letters were read right.` : "",
  };
  setText(element("spoken"), words[newest.phase]);
}
