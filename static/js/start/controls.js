// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";

/** @typedef {import("../shared/live.js").Status} Status */
/**
 * @typedef {{spec: string, name: string, used_by: string[]}} Camera
 * @typedef {{name: string, label: string, used_by: string[]}} Output
 * @typedef {{
 *   on: boolean,
 *   paused: boolean,
 *   can_switch: boolean,
 *   spec: string,
 *   name: string,
 *   text: string | null,
 *   cameras: Camera[],
 *   virtual_camera: {choice: string, outputs: Output[]},
 * }} Facts
 */

const MIRRORED = "signcap.start.mirrored";
const LOOK_MS = 5000;

/** Camera on and off, captions on and off, self-view, source and virtual camera. */
export class Controls {
  #camera = button("camera-switch");
  #pause = button("pause");
  #mirror = button("mirror");
  #outline = button("outline");
  #otherHand = button("other-hand");
  #source = /** @type {HTMLSelectElement} */ (element("source"));
  #output = /** @type {HTMLSelectElement} */ (element("output"));
  #demoText = /** @type {HTMLInputElement} */ (element("demo-text"));
  #demo = /** @type {HTMLFormElement} */ (element("demo"));
  #note = element("control-note");
  #facts = element("camera-facts");
  #flip = /** @type {HTMLInputElement} */ (element("flip"));
  #screen;
  #mirrorView;
  #on = true;
  #paused = false;
  #shown = "";

  /**
   * @param {HTMLElement} screen that shows the picture
   * @param {import("./mirror_view.js").MirrorView} mirrorView
   * @param {import("../shared/settings_link.js").SettingsLink} link
   */
  constructor(screen, mirrorView, link) {
    this.#screen = screen;
    this.#mirrorView = mirrorView;
    this.#camera.addEventListener("click", () => this.#control({ do: this.#on ? "stop" : "start" }));
    this.#pause.addEventListener("click", () => this.#control({ do: this.#paused ? "resume" : "pause" }));
    this.#mirror.addEventListener("click", () => this.#setMirrored(!this.#isMirrored()));
    this.#outline.addEventListener("click", () => {
      const on = this.#outline.getAttribute("aria-pressed") !== "true";
      link.change({ caption: { hand_outline: on } }, this.#note);
    });
    this.#otherHand.addEventListener("click", () =>
      this.#do(async () => {
        await call("POST", "/api/v1/source", { do: "other-hand" });
        return "Raise your hand, and Signcap reads it instead.";
      }),
    );
    this.#source.addEventListener("change", () => this.#use());
    this.#demo.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use();
    });
    this.#output.addEventListener("change", () =>
      this.#do(async () => this.#show(await call("POST", "/api/v1/virtual-camera", { choice: this.#output.value }))),
    );
    this.#flip.addEventListener("change", () => link.change({ camera: { flip: this.#flip.checked } }, this.#note));
    this.#setMirrored(localStorage.getItem(MIRRORED) === "1");
    this.#look();
  }

  /** @param {Status} status */
  show(status) {
    this.#on = status.camera !== "off";
    this.#paused = status.paused;
    press(this.#camera, this.#on, this.#on ? "Camera on" : "Camera off");
    press(this.#pause, !this.#paused, this.#paused ? "Captions paused" : "Captions on");
    this.#camera.disabled = this.#pause.disabled = this.#otherHand.disabled = status.camera === "ended";
    this.#screen.classList.toggle("paused", this.#paused);
    setText(this.#facts, status.camera_facts ? described(status.camera_facts, status.stages.capture.rate) : status.source);
  }

  /** @param {import("../shared/live.js").SettingsEvent} event */
  showSettings({ settings }) {
    this.#outline.disabled = this.#flip.disabled = false;
    press(this.#outline, settings.caption.hand_outline, "Hand outline");
    this.#flip.checked = settings.camera.flip;
  }

  async #look() {
    if (!document.hidden) {
      try {
        this.#show(await call("GET", "/api/v1/source"));
      } catch {
        // The status line says that the server is gone.
      }
    }
    setTimeout(() => this.#look(), LOOK_MS);
  }

  /** @param {Facts} facts */
  #show(facts) {
    const shape = JSON.stringify(facts);
    if (shape === this.#shown || document.activeElement === this.#source || document.activeElement === this.#output) {
      return;
    }
    this.#shown = shape;
    const cameras = facts.cameras.map(({ spec, name, used_by }) => option(spec, `${name}${used(used_by)}`));
    const listed = ["demo", ...facts.cameras.map(({ spec }) => spec)].includes(facts.spec);
    const others = listed ? [] : [option(facts.spec, facts.name)];
    this.#source.replaceChildren(...cameras, ...others, option("demo", "Demo, a drawn signer"));
    this.#source.value = facts.spec;
    this.#source.disabled = !facts.can_switch;
    this.#demo.hidden = facts.spec !== "demo" || !facts.can_switch;
    if (document.activeElement !== this.#demoText) {
      this.#demoText.value = facts.text ?? "";
    }
    const { choice, outputs } = facts.virtual_camera;
    const known = ["auto", "off", ...outputs.map(({ name }) => name)].includes(choice);
    this.#output.replaceChildren(
      option("auto", "First free one"),
      ...outputs.map(({ name, label, used_by }) => option(name, `${label} (${name})${used(used_by)}`)),
      ...(known ? [] : [option(choice, choice)]),
      option("off", "None"),
    );
    this.#output.value = choice;
  }

  #use() {
    const spec = this.#source.value;
    const text = this.#demoText.value.trim();
    this.#demo.hidden = spec !== "demo";
    this.#control(spec === "demo" && text ? { do: "use", spec, text } : { do: "use", spec });
  }

  /** @param {Record<string, string>} body */
  #control(body) {
    this.#do(async () => {
      const facts = await call("POST", "/api/v1/source", body);
      this.#on = facts.on;
      this.#paused = facts.paused;
      this.#shown = "";
      this.#show(facts);
    });
  }

  /** @param {() => Promise<unknown>} work */
  async #do(work) {
    try {
      const said = await work();
      setText(this.#note, typeof said === "string" ? said : "");
    } catch (error) {
      setText(this.#note, error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?");
      this.#shown = "";
    }
  }

  #isMirrored() {
    return this.#mirror.getAttribute("aria-pressed") === "true";
  }

  /** @param {boolean} mirrored */
  #setMirrored(mirrored) {
    localStorage.setItem(MIRRORED, mirrored ? "1" : "0");
    press(this.#mirror, mirrored, "Mirror my view");
    this.#mirrorView.on = mirrored;
  }
}

/** @param {string} id */
function button(id) {
  return /** @type {HTMLButtonElement} */ (element(id));
}

/**
 * @param {HTMLButtonElement} target
 * @param {boolean} pressed
 * @param {string} text
 */
function press(target, pressed, text) {
  target.setAttribute("aria-pressed", String(pressed));
  setText(/** @type {HTMLElement} */ (target.querySelector(".label")), text);
}

/**
 * @param {string} value
 * @param {string} text
 */
function option(value, text) {
  return make("option", { value }, text);
}

/** @param {string[]} programs */
function used(programs) {
  return programs.length ? ` – in use by ${programs.join(", ")}` : "";
}

/**
 * How the camera gives its pictures, in words.
 *
 * @param {import("../shared/live.js").CameraFacts} facts
 * @param {number} rate pictures a second that came
 */
function described({ size, fourcc, rate: announced, exposure_ms }, rate) {
  const parts = [`${size[0]} × ${size[1]}`];
  if (fourcc) parts.push(fourcc === "MJPG" ? "JPEG" : fourcc);
  parts.push(`${rate.toFixed(0)} of ${announced.toFixed(0)} a second`);
  if (exposure_ms !== null) parts.push(`exposed for ${exposure_ms.toFixed(0)} ms`);
  return parts.join(", ");
}
