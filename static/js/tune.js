// @ts-check
import { Refusal, call } from "./api.js";
import { showCamera, showNotConnected } from "./camera_pill.js";
import { element, setText } from "./caption_view.js";
import { make } from "./dom.js";
import { followLive } from "./live.js";
import { Sliders } from "./sliders.js";
import { StripView } from "./strip.js";
import { TriesView } from "./tries.js";

/** @typedef {import("./live.js").SettingsEvent} SettingsEvent */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const REPLAY_MS = 1500; // after which what would come out is asked for again

const trouble = element("trouble");
const choice = /** @type {HTMLSelectElement} */ (element("letter"));
const letterReset = element("letter-reset");
const strip = new StripView(/** @type {HTMLCanvasElement} */ (element("strip")));
const tries = new TriesView();
/** @type {SettingsEvent | null} */
let known = null;
/** @type {Record<string, any> | null} */
let draft = null;
let asking = false;
let unanswered = 0; // changes: until the last is answered, sliders stay where the hand has put them
let decoding = "";

choice.append(...[...LETTERS].map((letter) => make("option", { value: letter }, letter)));
const sliders = new Sliders(
  element("sliders"),
  (change) => {
    draft = change;
    const threshold = change.decoding?.letter_confidence ?? change.decoding?.letters?.[choice.value]?.letter_confidence;
    if (threshold !== undefined) {
      strip.setThreshold(threshold);
    }
    replay();
  },
  (change) => act(() => call("PATCH", "/api/v1/settings", change)),
);
choice.addEventListener("change", () => {
  sliders.setLetter(choice.value);
  showThreshold();
});
letterReset.addEventListener("click", () =>
  act(() => call("PATCH", "/api/v1/settings", { decoding: { letters: { [choice.value]: null } } })),
);
element("reset").addEventListener("click", () => act(() => call("POST", "/api/v1/settings/reset")));
for (const button of presets()) {
  button.addEventListener("click", () => act(() => call("POST", `/api/v1/settings/presets/${button.dataset.preset}`)));
}

const words = /** @type {HTMLInputElement} */ (element("hot-words"));
const suggesting = /** @type {HTMLInputElement} */ (element("suggesting"));
element("words-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const list = words.value.split(",").map((word) => word.trim()).filter(Boolean);
  words.blur();
  act(() => call("PATCH", "/api/v1/settings", { suggesting: { hot_words: list } }), element("words-note"));
});
suggesting.addEventListener("change", () =>
  act(() => call("PATCH", "/api/v1/settings", { suggesting: { enabled: suggesting.checked } }), element("words-note")),
);

followLive({
  opened: () => {
    strip.clear();
    setText(element("link-state"), "");
  },
  gone: (sentence) => {
    setText(element("link-state"), sentence);
    showNotConnected();
  },
  status: showCamera,
  settings: show,
  strip: (news) => {
    strip.add(news);
    setText(element("came"), strip.text || "nothing");
  },
});
setInterval(() => !document.hidden && replay(), REPLAY_MS);

/** @param {SettingsEvent} event */
function show(event) {
  known = event;
  draft = null;
  if (unanswered === 0) {
    sliders.show(event.settings);
  }
  for (const button of presets()) {
    button.setAttribute("aria-pressed", String(button.dataset.preset === event.preset));
  }
  setText(element("file"), event.file);
  setText(trouble, event.problem ?? "");
  if (document.activeElement !== words) {
    words.value = event.settings.suggesting.hot_words.join(", ");
  }
  suggesting.checked = event.settings.suggesting.enabled;
  showThreshold();
  replay();
  if (decoding !== JSON.stringify(event.settings.decoding)) {
    decoding = JSON.stringify(event.settings.decoding);
    tries.refresh();
  }
}

function showThreshold() {
  if (known) {
    const { letter_confidence: all, letters } = known.settings.decoding;
    strip.setThreshold(letters[choice.value]?.letter_confidence ?? all);
    letterReset.hidden = !(choice.value in letters);
    for (const option of choice.options) {
      setText(option, option.value === "" ? "all letters" : option.value in letters ? `${option.value} (its own)` : option.value);
    }
  }
}

/** Ask what would have come out; the newest answer counts, and there is never more than one question. */
async function replay() {
  if (asking || known === null) {
    return;
  }
  asking = true;
  const asked = draft;
  try {
    const answer = await call("POST", "/api/v1/tuning/replay", asked ?? {});
    strip.setDraft(answer);
    setText(element("would"), answer.captions.join(" · ") || "nothing");
  } catch {
    // The line above says when the server is gone; a draft that cannot be set is told when it is let go.
  }
  asking = false;
  if (draft !== asked) {
    replay();
  }
}

/**
 * @param {() => Promise<SettingsEvent>} work
 * @param {HTMLElement} note where it is told that it cannot be done
 */
async function act(work, note = trouble) {
  setText(note, "");
  unanswered += 1;
  try {
    const event = await work().finally(() => (unanswered -= 1));
    show(event);
  } catch (error) {
    setText(note, error instanceof Refusal ? error.message : "Signcap does not answer: is it still running?");
    if (known) {
      sliders.show(known.settings);
    }
  }
}

/** @returns {NodeListOf<HTMLButtonElement>} */
function presets() {
  return document.querySelectorAll("[data-preset]");
}
