// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { offerCopies } from "../shared/copying.js";
import { copy } from "../shared/text_files.js";

/** @typedef {import("../shared/live.js").Status} Status */

const APP = "signcap.setup.app";
const NAMES = /** @type {Record<string, string>} */ ({ zoom: "Zoom", meet: "Meet", teams: "Teams", obs: "OBS", other: "your call" });
const THUMB_MS = 1000;

/** The row above the picture: the camera, the call, and what each still needs. */
export class Setup {
  #window = element("call-setup");
  #thumb = /** @type {HTMLCanvasElement} */ (element("thumb"));
  #app = localStorage.getItem(APP) ?? "zoom";
  /** @type {Status | null} */
  #status = null;
  #light = 0;
  #outputs = 0; // virtual cameras that this computer has

  /** @param {() => CanvasImageSource | null} picture the one that is shown, if there is one */
  constructor(picture) {
    for (const choice of this.#choices()) {
      choice.checked = choice.value === this.#app;
      choice.addEventListener("change", () => this.#choose(choice.value));
    }
    this.#window.addEventListener("toggle", (event) => {
      const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
      if (isOpen) this.#look();
      // A browser asks while its steps are read: the question is asked where they are, for they lie over the page.
      const place = isOpen ? element("call-setup-asking") : /** @type {HTMLElement} */ (document.querySelector(".stage"));
      place.prepend(element("asking"));
    });
    element("copy-obs").addEventListener("click", () => this.#copyLink());
    offerCopies(this.#window);
    this.#choose(this.#app);
    setInterval(() => document.hidden || this.#draw(picture()), THUMB_MS);
  }

  /** How light the picture is, from 0 to 1; 0 where there is none yet. */
  get light() {
    return this.#light;
  }

  /** @param {Status} status */
  show(status) {
    this.#status = status;
    const on = status.camera === "on";
    mark("step-camera", on ? "done" : "trouble");
    this.#showCamera();
    const name = /^([^:]+): /.exec(status.virtual_camera.sentence)?.[1] ?? "Signcap";
    for (const place of this.#window.querySelectorAll(".camera-name")) {
      setText(/** @type {HTMLElement} */ (place), status.virtual_camera.on ? name : "Signcap");
    }
    setText(element("virtual-camera-said"), status.virtual_camera.sentence.replaceAll("`", ""));
    this.#showCall();
    if (this.#window.matches(":popover-open") && this.#window.dataset.paired === "no") {
      this.#look(); // a browser may just have been allowed
    }
  }

  #showCamera() {
    this.#window.dataset.camera = this.#status?.virtual_camera.on ? "on" : this.#outputs ? "there" : "off";
  }

  #showCall() {
    const status = this.#status;
    if (!status) {
      return;
    }
    const { in_call: readers, virtual_camera: camera } = status;
    const said = readers.length ? `In call: ${readers.join(", ")}` : "";
    mark("step-call", said ? "done" : "waiting");
    setText(element("in-call"), said ? `${said}. The others see your captions.` : "");
    setText(element("call-step-state"), said || (camera.on ? `Choose Signcap in ${NAMES[this.#app]}` : "Not in a call"));
  }

  /** @param {string} app */
  #choose(app) {
    this.#app = app in NAMES ? app : "other";
    localStorage.setItem(APP, this.#app);
    for (const list of this.#window.querySelectorAll("[data-for]")) {
      const it = /** @type {HTMLElement} */ (list);
      it.hidden = !it.dataset.for?.split(" ").includes(this.#app);
    }
    this.#showCall();
  }

  async #look() {
    try {
      const { paired } = await call("GET", "/api/v1/pairings");
      this.#window.dataset.paired = paired.length ? "yes" : "no";
      const facts = await call("GET", "/api/v1/source");
      this.#outputs = facts.virtual_camera.outputs.length;
      this.#showCamera();
    } catch {
      // The pill says that the server is gone.
    }
  }

  async #copyLink() {
    const button = element("copy-obs");
    try {
      const { overlay } = await call("GET", "/api/v1/captions/links");
      setText(button, (await copy(overlay)) ? "Copied" : "Your browser did not let Signcap copy it");
    } catch (error) {
      setText(button, error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?");
    }
    setTimeout(() => setText(button, "Copy the link for OBS"), 3000);
  }

  /** @param {CanvasImageSource | null} picture */
  #draw(picture) {
    const context = this.#thumb.getContext("2d", { willReadFrequently: true });
    const { width, height } = this.#thumb;
    if (!picture || !context) {
      return;
    }
    context.drawImage(picture, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    let sum = 0;
    for (let place = 0; place < data.length; place += 4) {
      sum += 0.299 * data[place] + 0.587 * data[place + 1] + 0.114 * data[place + 2];
    }
    this.#light = sum / (width * height * 255);
  }

  /** @returns {NodeListOf<HTMLInputElement>} */
  #choices() {
    return this.#window.querySelectorAll("input[name=app]");
  }
}

/**
 * @param {string} step
 * @param {"waiting" | "done" | "trouble"} state
 */
export function mark(step, state) {
  const item = element(step);
  if (item.dataset.state !== state) {
    item.dataset.state = state;
    const sign = /** @type {HTMLElement} */ (item.querySelector(".mark"));
    sign.dataset.number ??= sign.textContent ?? "";
    setText(sign, state === "done" ? "✓" : sign.dataset.number);
  }
}
