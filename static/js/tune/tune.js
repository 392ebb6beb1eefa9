// @ts-check
import { call } from "../shared/api.js";
import { showCamera, showNotConnected } from "../shared/camera_pill.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { followLive } from "../shared/live.js";
import { SettingsLink } from "../shared/settings_link.js";
import { showDifferences } from "./differences.js";
import { SimpleSliders } from "./simple.js";
import { Sliders } from "./sliders.js";
import { StripView } from "./strip.js";
import { TriesView } from "./tries.js";

/** @typedef {import("../shared/live.js").SettingsEvent} SettingsEvent */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const REPLAY_MS = 1500; // after which what would come out is asked for again

const trouble = element("trouble");
const choice = /** @type {HTMLSelectElement} */ (element("letter"));
const letterReset = element("letter-reset");
const strip = new StripView(/** @type {HTMLCanvasElement} */ (element("strip")));
/** @type {Record<string, any> | null} */
let draft = null;
let asking = false;
let decoding = "";

choice.append(...[...LETTERS].map((letter) => make("option", { value: letter }, letter)));
const link = new SettingsLink(show);
const tries = new TriesView(link);
const place = /** @type {HTMLFieldSetElement} */ (element("sliders"));
const simplePlace = /** @type {HTMLFieldSetElement} */ (element("simple"));
const sliders = new Sliders(place, tryOut, (change) => link.change(change));
const simple = new SimpleSliders(tryOut, (change) => link.change(change));
choice.addEventListener("change", () => {
  sliders.setLetter(choice.value);
  showThreshold();
});
letterReset.addEventListener("click", () =>
  link.change({ decoding: { letters: { [choice.value]: null } } }),
);
element("reset").addEventListener("click", () => link.take("reset"));
for (const button of presets()) {
  button.addEventListener("click", () => link.take(`presets/${button.dataset.preset}`));
}

followLive({
  opened: () => {
    link.opened();
    strip.clear();
    setText(element("link-state"), "");
  },
  gone: (sentence) => {
    setText(element("link-state"), sentence);
    showNotConnected();
  },
  status: showCamera,
  settings: (event) => link.hear(event),
  strip: (news) => {
    strip.add(news);
    showOutcomes();
  },
});
setInterval(() => !document.hidden && replay(), REPLAY_MS);

/**
 * Show what would come of a change that is not made yet.
 *
 * @param {Record<string, any>} change
 */
function tryOut(change) {
  draft = change;
  const threshold = change.decoding?.letter_confidence ?? change.decoding?.letters?.[choice.value]?.letter_confidence;
  if (threshold !== undefined) {
    strip.setThreshold(threshold);
  }
  replay();
}

/** Both lines of the same seconds and in the same way, so that they can be compared. */
function showOutcomes() {
  const pause = draft?.endpointing?.word_pause ?? link.known?.settings.endpointing.word_pause ?? 1;
  const [came, would] = strip.words(link.known?.settings.endpointing.word_pause ?? 1, pause);
  showDifferences(element("came"), came, element("would"), would);
}

/** @param {SettingsEvent} event */
function show(event) {
  draft = null;
  place.disabled = simplePlace.disabled = false; // before it, sliders stand where nobody has put them
  if (link.settled) {
    sliders.show(event.settings);
    simple.show(event.settings);
  }
  for (const button of presets()) {
    button.setAttribute("aria-pressed", String(button.dataset.preset === event.preset));
  }
  setText(element("file"), event.file);
  setText(trouble, event.problem ?? "");
  showThreshold();
  replay();
  if (decoding !== JSON.stringify(event.settings.decoding)) {
    decoding = JSON.stringify(event.settings.decoding);
    tries.refresh();
  }
}

function showThreshold() {
  if (link.known) {
    const { letter_confidence: all, letters } = link.known.settings.decoding;
    strip.setThreshold(letters[choice.value]?.letter_confidence ?? all);
    letterReset.hidden = !(choice.value in letters);
    for (const option of choice.options) {
      setText(option, option.value === "" ? "all letters" : option.value in letters ? `${option.value} (its own)` : option.value);
    }
  }
}

/** Ask what would have come out; the newest answer counts, and there is never more than one question. */
async function replay() {
  if (asking || link.known === null) {
    return;
  }
  asking = true;
  const asked = draft;
  try {
    const answer = await call("POST", "/api/v1/tuning/replay", asked ?? {});
    strip.setDraft(answer);
    showOutcomes();
  } catch {
    // The line above says when the server is gone; a draft that cannot be set is told when it is let go.
  }
  asking = false;
  if (draft !== asked) {
    replay();
  }
}

/** @returns {NodeListOf<HTMLButtonElement>} */
function presets() {
  return document.querySelectorAll("[data-preset]");
}
