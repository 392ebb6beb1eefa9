// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { SpeechPanel } from "../shared/speech_panel.js";

/**
 * @typedef {{
 *   on: boolean,
 *   muted: boolean,
 *   ready: boolean,
 *   sentence: string | null,
 *   engine: string | null,
 *   speaking: string | null,
 *   level: number,
 *   waiting: number,
 *   spoken: number,
 *   skipped: number,
 *   failed: number,
 *   latency_ms: number | null,
 *   heard_by: string[],
 * }} VoiceState
 * @typedef {{name: string, voices: {name: string, label: string}[]}} Engine
 * @typedef {import("../shared/feed.js").Captions} Captions
 * @typedef {import("../shared/live.js").SettingsEvent} SettingsEvent
 */

const BARS = 5;
const AUTO = "auto";
const NOT_HERE = { on: false, muted: false, speaking: null, accept() {} }; // of a page that speaks nothing in the room

/** Voices for the call and for this room: the panel to choose them, and the line that shows what is being said. */
export class VoicePanel {
  #button = document.getElementById("voice-button"); // where the panel is a window
  #line = element("voice-line");
  #mute = /** @type {HTMLButtonElement} */ (element("voice-mute"));
  #on = /** @type {HTMLInputElement} */ (element("voice-on"));
  #engine = /** @type {HTMLSelectElement} */ (element("voice-engine"));
  #voice = /** @type {HTMLSelectElement} */ (element("voice-name"));
  #speed = /** @type {HTMLInputElement} */ (element("voice-speed"));
  #note = element("voice-note");
  /** @type {VoiceState | null} */
  #state = null;
  /** @type {Engine[]} */
  #engines = [];
  /** @type {Record<string, any>} */
  #use = {};
  #refused = "";
  #bars = Array.from({ length: BARS }, () => make("span"));
  /** @type {SpeechPanel | typeof NOT_HERE} */
  #speech = document.getElementById("speech-controls")
    ? new SpeechPanel(() => queueMicrotask(() => this.#showLine())) // it tells of itself while it is made
    : NOT_HERE;
  #link;

  /** @param {import("../shared/settings_link.js").SettingsLink} link */
  constructor(link) {
    this.#link = link;
    element("voice-meter").replaceChildren(...this.#bars);
    if (this.#button) {
      element("voice-panel").addEventListener("toggle", (event) => {
        if (/** @type {ToggleEvent} */ (event).newState === "open") this.#look();
      });
    } else {
      this.#look();
    }
    this.#on.addEventListener("change", () => this.#change({ speak: this.#on.checked }));
    this.#engine.addEventListener("change", () => this.#change({ engine: this.#engine.value, voice: "" }));
    this.#voice.addEventListener("change", () => this.#change({ voice: this.#voice.value }));
    this.#speed.addEventListener("input", () => this.#showSpeed());
    this.#speed.addEventListener("change", () => this.#change({ speed: Number(this.#speed.value) }));
    element("voice-test").addEventListener("click", () => this.#control("test"));
    this.#mute.addEventListener("click", () => {
      const muted = !this.#isMuted();
      if (this.#speech !== NOT_HERE) this.#speech.muted = muted;
      if (this.#state?.on) this.#control(muted ? "mute" : "unmute");
      this.#showLine();
    });
  }

  /** @param {Captions} captions */
  accept(captions) {
    this.#speech.accept(captions);
  }

  /** @param {VoiceState} state */
  show(state) {
    const came = state.on && !this.#state?.on;
    this.#state = state;
    if (came && this.#engines.length === 0) this.#look();
    this.#showLine();
    this.#showPanel();
  }

  /** @param {SettingsEvent} event */
  showSettings({ settings }) {
    this.#use = settings.voice;
    this.#on.disabled = false;
    this.#showPanel();
  }

  #isMuted() {
    return this.#speech.muted || Boolean(this.#state?.on && this.#state.muted);
  }

  #showLine() {
    const state = this.#state;
    const inCall = Boolean(state?.on && state.ready);
    const here = this.#speech.on;
    const says = (inCall && state?.speaking) || this.#speech.speaking;
    const muted = this.#isMuted();
    if (this.#button) this.#button.dataset.on = String((inCall || here) && !muted);
    this.#line.hidden = !inCall && !here;
    this.#line.dataset.state = muted ? "muted" : says ? "speaking" : "quiet";
    setText(element("voice-doing"), muted ? "Voice muted" : says ? "Speaking" : "Voice on");
    setText(element("voice-text"), muted ? "" : (says ?? (inCall && state ? listeners(state) : "heard in this room")));
    this.#mute.setAttribute("aria-pressed", String(muted));
    setText(/** @type {HTMLElement} */ (this.#mute.querySelector(".label")), muted ? "Unmute" : "Mute");
    const level = says && !muted ? (state?.speaking ? state.level : 0.5) : 0;
    this.#bars.forEach((bar, place) => bar.classList.toggle("lit", level * BARS > place));
  }

  #showPanel() {
    if (this.#link.settled) {
      this.#showChoices();
    }
    const state = this.#state;
    setText(this.#note, this.#refused || (state?.on ? (state.sentence ?? figures(state)) : ""));
  }

  #showChoices() {
    this.#on.checked = Boolean(this.#use.speak);
    const engine = this.#engines.find(({ name }) => name === (this.#state?.engine ?? this.#use.engine)) ?? this.#engines[0];
    element("voice-choices").hidden = !this.#use.speak || !engine;
    element("voice-engines").hidden = this.#engines.length < 2;
    fill(this.#engine, [[AUTO, "best available"], ...this.#engines.map(({ name }) => /** @type {[string, string]} */ ([name, name]))]);
    this.#engine.value = this.#use.engine ?? AUTO;
    fill(this.#voice, (engine?.voices ?? []).map(({ name, label }) => [name, label]));
    this.#voice.value = engine?.voices.some(({ name }) => name === this.#use.voice) ? this.#use.voice : (engine?.voices[0]?.name ?? "");
    if (document.activeElement !== this.#speed) {
      this.#speed.value = String(this.#use.speed ?? 1);
      this.#showSpeed();
    }
  }

  #showSpeed() {
    setText(element("voice-speed-shown"), `${Number(this.#speed.value).toFixed(1)} ×`);
  }

  async #look() {
    await this.#attempt(async () => {
      ({ engines: this.#engines } = await call("GET", "/api/v1/voice"));
    });
  }

  /** @param {Record<string, unknown>} voice */
  async #change(voice) {
    this.#refused = await this.#link.change({ voice }, null);
    this.#showPanel();
  }

  /** @param {"mute" | "unmute" | "test"} what */
  async #control(what) {
    await this.#attempt(async () => this.show(await call("POST", "/api/v1/voice", { do: what })));
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
      this.#refused = "";
    } catch (error) {
      this.#refused = error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?";
    }
    this.#showPanel();
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} options
 */
function fill(select, options) {
  if (options.map(([value]) => value).join("\n") !== [...select.options].map(({ value }) => value).join("\n")) {
    select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  }
}

/** @param {VoiceState} state */
function listeners({ heard_by }) {
  return heard_by.length ? `${heard_by.join(", ")} listens` : "no program listens to Signcap yet";
}

/** @param {VoiceState} state */
function figures({ spoken, latency_ms, skipped, failed }) {
  const parts = [];
  if (latency_ms !== null) parts.push(`The last caption was heard ${latency_ms} ms after it was finished.`);
  if (spoken && skipped + failed) parts.push(`${spoken} spoken, ${skipped} too late and left out, ${failed} failed.`);
  return parts.join(" ");
}
