// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { Recorded } from "./recorded.js";

/**
 * @typedef {{
 *   revision: number,
 *   on: boolean,
 *   finishing: boolean,
 *   file: string | null,
 *   complete: number | null,
 *   clean_file: string | null,
 *   seconds: number,
 *   bytes: number,
 *   dropped: number,
 *   microphone: string | null,
 *   sentence: string | null,
 *   folder: string,
 * }} RecordingState
 */

export const MICROPHONE = "signcap.recording.microphone";
export const CLEAN = "signcap.recording.clean";
const TICK_MS = 250;

/** Starts and stops recordings, by its button and by Alt+R, and shows how the one that runs is doing. */
export class Recording {
  #button = /** @type {HTMLButtonElement} */ (element("record"));
  #said = element("recording-said");
  #recorded = new Recorded((sentence) => this.#refuse(sentence));
  #on = false;
  #busy = false;
  /** @type {string | null} what was refused, until the next try */
  #refused = null;
  #revision = -1;
  #seconds = 0;
  #since = 0;

  constructor() {
    this.#button.addEventListener("click", () => this.#toggle());
    document.addEventListener("keydown", (event) => {
      // The letter's place: with Alt, some keyboards write another sign.
      if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyR") {
        event.preventDefault();
        if (!event.repeat) this.#toggle();
      }
    });
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** Begins to follow a stream: the server may be another one, which counts anew. */
  begin() {
    this.#revision = -1;
  }

  /** @param {import("../shared/live.js").Status} status */
  show(status) {
    const { recording, notices } = status;
    // A status that was sent before the answer to a press and comes after it: the button would turn back for a moment.
    if (recording.revision < this.#revision) return;
    this.#showState(recording);
    const sentence = this.#refused ?? (recording.sentence && !notices.includes(recording.sentence) ? recording.sentence : "");
    setText(this.#said, recording.finishing ? "Finishing the recording …" : sentence);
    this.#said.dataset.state = this.#refused ? "wrong" : "well";
  }

  /** @param {string} sentence */
  #refuse(sentence) {
    this.#refused = sentence || null;
    if (sentence) {
      setText(this.#said, sentence);
      this.#said.dataset.state = "wrong";
    }
  }

  /** @param {RecordingState} state */
  #showState(state) {
    this.#recorded.show(state);
    this.#revision = state.revision;
    this.#on = state.on;
    this.#seconds = state.seconds;
    this.#since = performance.now();
    this.#button.setAttribute("aria-pressed", String(state.on));
    this.#button.disabled = this.#busy || state.finishing;
    this.#button.title = `${state.on ? "Stop" : "Start"} recording (Alt+R)`;
    setText(/** @type {HTMLElement} */ (this.#button.querySelector(".label")), state.on ? "Stop recording" : "Record");
    element("recording").dataset.state = state.on ? "on" : "off";
    element("recording-facts").hidden = !state.on;
    setText(element("recording-size"), size(state.bytes));
    setText(element("recording-sound"), state.microphone ? `sound: ${state.microphone}` : "no sound");
    const missing = element("recording-missing");
    missing.hidden = state.dropped === 0;
    setText(missing, `${state.dropped} ${state.dropped === 1 ? "picture" : "pictures"} missing`);
    setText(element("recording-file"), `${state.file ?? ""}${state.clean_file ? ` and ${name(state.clean_file)}` : ""}`);
    this.#tick();
  }

  #tick() {
    if (this.#on) {
      setText(element("recording-time"), clock(this.#seconds + (performance.now() - this.#since) / 1000));
    }
  }

  async #toggle() {
    if (this.#busy || this.#button.disabled) return;
    this.#busy = this.#button.disabled = true;
    this.#refused = null;
    if (this.#on) setText(this.#said, "Finishing the recording …");
    try {
      const state = await call("POST", "/api/v1/recording", this.#on ? { do: "stop" } : { do: "start", ...wishes() });
      this.#busy = false;
      this.#showState(state);
      setText(this.#said, state.sentence ?? "");
      this.#said.dataset.state = "well";
    } catch (error) {
      this.#busy = this.#button.disabled = false;
      this.#refused = error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?";
      setText(this.#said, this.#refused);
      this.#said.dataset.state = "wrong";
    }
  }
}

/** What was chosen on this page; where nothing was, what the program was started with holds. */
function wishes() {
  const microphone = localStorage.getItem(MICROPHONE);
  const clean = localStorage.getItem(CLEAN);
  return { ...(microphone === null ? {} : { microphone }), ...(clean === null ? {} : { clean: clean === "1" }) };
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60) % 60;
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return whole < 3600 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}`;
}

/** @param {string} path */
function name(path) {
  return path.split(/[/\\]/).pop() ?? path;
}
