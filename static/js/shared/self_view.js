// @ts-check
import { setText } from "./caption_view.js";

const VIEW = "/api/v1/collect/view.mjpeg";
const RETRY_MS = 2000;

/** Plays the mirrored picture of the person, and goes on trying while the page is open. */
export class SelfView {
  #image;
  #screen;
  #note;
  #view;

  /**
   * @param {HTMLImageElement} image
   * @param {HTMLElement} screen takes the shape of the picture
   * @param {HTMLElement} note says why there is none
   * @param {string} view where the picture comes from
   */
  constructor(image, screen, note, view = VIEW) {
    this.#image = image;
    this.#screen = screen;
    this.#note = note;
    this.#view = view;
    image.addEventListener("load", () => this.#plays());
    image.addEventListener("error", () => image.hasAttribute("src") && this.#retry());
    addEventListener("pagehide", () => image.removeAttribute("src"));
    addEventListener("pageshow", () => this.#open());
  }

  #open() {
    this.#image.src = `${this.#view}?${Date.now()}`;
  }

  #plays() {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    if (width > 2 && height > 2) {
      this.#screen.style.setProperty("--aspect", String(width / height));
      this.#screen.dataset.state = "playing";
    }
  }

  #retry() {
    this.#image.removeAttribute("src");
    this.#screen.dataset.state = "waiting";
    setText(this.#note, "The picture was cut off. Trying again …");
    setTimeout(() => this.#open(), RETRY_MS);
  }
}
