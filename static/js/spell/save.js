// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";

/** @typedef {import("./player.js").Asked} Asked */

const LOOK_MS = 500;

/** Has the video made, shows how far it is, and hands it to the browser. */
export class Saver {
  #save = /** @type {HTMLButtonElement} */ (element("save"));
  #captions = /** @type {HTMLInputElement} */ (element("captions"));
  #far = element("far");
  #bar = /** @type {HTMLProgressElement} */ (element("far-bar"));
  #said = element("kept");
  #making = new AbortController();

  /** @param {() => Asked | null} asked what is to be saved */
  constructor(asked) {
    this.#save.addEventListener("click", () => {
      const what = asked();
      if (what) this.#make(what);
    });
    element("stop").addEventListener("click", () => this.#making.abort());
  }

  /** @param {Asked} asked */
  async #make(asked) {
    const making = (this.#making = new AbortController());
    this.#save.disabled = true;
    this.#far.hidden = false;
    this.#bar.value = 0;
    setText(this.#said, "Making the video …");
    const timer = setInterval(async () => {
      const { fraction } = await call("GET", "/api/v1/spell").catch(() => ({ fraction: null }));
      if (fraction !== null) this.#bar.value = fraction;
    }, LOOK_MS);
    try {
      setText(this.#said, `Saved as ${await this.#fetch(asked, making.signal)}.`);
    } catch (error) {
      const sentence = error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?";
      setText(this.#said, making.signal.aborted ? "Stopped: nothing was saved." : sentence);
    } finally {
      clearInterval(timer);
      this.#save.disabled = false;
      this.#far.hidden = true;
    }
  }

  /**
   * @param {Asked} asked
   * @param {AbortSignal} signal
   * @returns {Promise<string>} the file's name
   */
  async #fetch(asked, signal) {
    const response = await fetch("/api/v1/spell/video", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Signcap": "1" },
      body: JSON.stringify({ ...asked, captions: this.#captions.checked }),
      signal,
    });
    if (!response.ok) {
      throw new Refusal(response.status, (await response.json()).error);
    }
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "signed.mp4";
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // browsers may ask where to put it first
    return name;
  }
}
