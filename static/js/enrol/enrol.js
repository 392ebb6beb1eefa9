// @ts-check
import { call } from "../shared/api.js";
import { able, followState, letGoOfButtons, say, sentenceOf } from "../shared/camera_page.js";
import { element, setText } from "../shared/caption_view.js";
import { ProfileList } from "./profile_list.js";
import { SelfView } from "../shared/self_view.js";

/**
 * @typedef {"idle" | "countdown" | "taking" | "paused" | "fitting" | "done"} Phase
 * @typedef {{
 *   phase: Phase, name: string, words: boolean, prompts: string[], marks: ("open" | "taken" | "skipped")[],
 *   place: number, prompt: string, seconds: number, countdown: number | null, part: number, hand: boolean | null,
 *   may_fit: boolean, said: string, failed: boolean, result: string | null, in_use: string | null,
 *   camera: "on" | "lost" | "ended", notice: string | null,
 * }} State
 */

/** @type {State | null} */
let state = null;
let refusal = "";
let shownPrompt = "";

const name = /** @type {HTMLInputElement} */ (element("name"));
const hint = /** @type {HTMLImageElement} */ (element("hint"));
const way = /** @type {HTMLFieldSetElement} */ (element("way"));
const list = new ProfileList();

new SelfView(
  /** @type {HTMLImageElement} */ (element("view")),
  element("screen"),
  element("view-note"),
  "/api/v1/enrol/view.mjpeg",
);
followState("/api/v1/enrol/events", show);
wire();

/**
 * Ask the server to do something, and show what it says.
 *
 * @param {"start" | "resume" | "stop" | "skip" | "redo" | "fit"} action
 * @param {Record<string, unknown>} [body]
 */
async function ask(action, body = {}) {
  const problem = action === "start" ? element("who-note") : null;
  try {
    const answer = await call("POST", `/api/v1/enrol/${action}`, body);
    refusal = "";
    setText(element("who-note"), "");
    show(answer);
  } catch (error) {
    const sentence = sentenceOf(error);
    if (problem) {
      setText(problem, sentence);
    } else {
      refusal = sentence;
      showSaid();
    }
  }
}

function wire() {
  element("go").addEventListener("click", go);
  element("skip").addEventListener("click", () => ask("skip"));
  element("redo").addEventListener("click", () => ask("redo"));
  element("stop").addEventListener("click", () => ask("stop"));
  element("fit").addEventListener("click", () => ask("fit"));
  element("who").addEventListener("submit", (event) => {
    event.preventDefault();
    if (name.value.trim()) {
      name.blur(); // so that N, R and S are keys, and no letters of the name
    }
    go();
  });
  addEventListener("keydown", onKey);
  letGoOfButtons();
}

function active() {
  return state?.phase === "countdown" || state?.phase === "taking";
}

function go() {
  if (active() || state?.phase === "fitting") {
    return;
  }
  if (state?.phase === "paused" && state.prompt) {
    ask("resume");
  } else if (name.value.trim() === "") {
    setText(element("who-note"), "Enter a name for this profile.");
    name.focus();
  } else {
    const words = /** @type {HTMLInputElement} */ (way.querySelector("[value=words]")).checked;
    ask("start", { name: name.value.trim(), words });
  }
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target instanceof HTMLInputElement && target.type !== "radio";
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat || typing) {
    return;
  }
  /** @type {Record<string, () => void>} */
  const keys = {
    s: go,
    n: () => ask("skip"),
    r: () => ask("redo"),
    f: () => state?.may_fit && ask("fit"),
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
  showPrompt(newest);
  showControls(newest);
  showSaid();
  speak(newest, before);
  if (!before || before.result !== newest.result || before.in_use !== newest.in_use || before.phase !== newest.phase) {
    list.load(newest.phase === "done" ? newest.result : null);
  }
  if (newest.name && before?.name !== newest.name) {
    name.value = newest.name;
  }
}

/** @param {State} newest */
function showPicture(newest) {
  const { phase, countdown } = newest;
  const screen = element("screen");
  screen.dataset.phase = phase;
  const noHand = newest.hand === false && newest.camera === "on" && phase !== "done" && phase !== "fitting";
  screen.dataset.hand = noHand ? "none" : "seen";
  element("hand-note").hidden = !noHand;
  const big = element("big");
  big.hidden = phase !== "countdown" && phase !== "paused" && phase !== "fitting";
  big.classList.toggle("words", phase !== "countdown");
  const words = phase === "fitting" ? "Fitting …" : "Stopped";
  setText(big, phase === "countdown" ? String(Math.max(1, Math.ceil(countdown ?? 0))) : words);
  element("badge").hidden = phase !== "taking";
  setText(element("badge-text"), newest.words ? "spell now" : "hold it");
  element("call").hidden = !active();
  setText(element("call"), newest.prompt);
}

/** @param {State} newest */
function showPrompt(newest) {
  const { prompt, prompts, marks, phase } = newest;
  element("asked").hidden = phase === "done";
  const done = marks.filter((mark) => mark !== "open").length;
  setText(element("done"), String(done));
  setText(element("all"), String(prompts.length));
  setText(element("unit"), newest.words ? "words" : "letters");
  const part = Math.round(100 * (phase === "done" ? 1 : newest.part));
  element("track").ariaValueNow = String(part);
  element("fill").style.width = `${part}%`;
  setText(element("doing"), doing(newest));
  const asked = prompt || prompts[0];
  if (asked !== shownPrompt) {
    shownPrompt = asked;
    const word = asked.length > 1;
    element("shape").dataset.kind = word ? "word" : "letter";
    element("shape").dataset.moving = asked === "J" || asked === "Z" ? "yes" : "no";
    setText(element("glyph"), asked);
    if (!word) {
      hint.src = `/api/v1/collect/letter/${asked}.jpg`;
      hint.width = asked === "J" || asked === "Z" ? 972 : 240;
      hint.alt = `A hand that makes ${asked}, as in a mirror`;
    }
  }
  const rows = element("prompts");
  if (rows.childElementCount !== prompts.length || rows.firstElementChild?.textContent !== prompts[0]) {
    rows.replaceChildren(
      ...prompts.map((text) => {
        const row = document.createElement("li");
        row.textContent = text;
        return row;
      }),
    );
  }
  [...rows.children].forEach((row, place) => {
    /** @type {HTMLElement} */ (row).dataset.mark = marks[place];
    const here = place === newest.place && (active() || phase === "paused");
    row.ariaCurrent = here ? "step" : null;
    row.ariaLabel = `${prompts[place]}${marks[place] === "open" ? "" : `, ${marks[place]}`}`;
  });
}

/** @param {State} newest */
function doing({ phase, prompt, words, seconds }) {
  if (phase === "countdown" || phase === "taking") {
    return words ? `Spell ${prompt} and lower your hand` : `Hold ${prompt} for ${seconds} seconds`;
  }
  return phase === "fitting" ? "A few seconds" : "";
}

/** @param {State} newest */
function showControls(newest) {
  const { phase } = newest;
  const going = active() || phase === "fitting";
  setText(element("go-text"), phase === "paused" && newest.prompt ? "Go on" : phase === "done" ? "Start again" : "Start");
  able("go", newest.camera !== "ended" && !going);
  able("skip", active() || (phase === "paused" && newest.prompt !== ""));
  setText(element("skip-text"), phase === "taking" && newest.words ? "Word done" : "Skip");
  able("redo", active() || phase === "paused");
  able("stop", active());
  able("fit", newest.may_fit);
  name.disabled = going || phase === "paused";
  way.disabled = going || phase === "paused";
}

function showSaid() {
  say(refusal, state, advice());
}

/** What to do next, while nothing else is to be told. */
function advice() {
  if (state?.camera === "ended") {
    return "The camera or video has ended. Start Signcap again to continue.";
  }
  return state?.phase === "idle" ? "Enter your name, then press Start. You see each letter before you sign it." : "";
}

/**
 * Tell screen readers what changes fast in the picture.
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
    taking: newest.words ? `Spell ${newest.prompt}` : `Hold ${newest.prompt}`,
    paused: "Stopped",
    fitting: "Fitting",
    done: "",
  };
  setText(element("spoken"), words[newest.phase]);
}
