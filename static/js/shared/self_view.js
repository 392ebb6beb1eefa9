// @ts-check
import { setText } from "./caption_view.js";
import { Pictures } from "./pictures.js";

const VIEW = "/api/v1/collect/view.mjpeg";

/** Plays the mirrored picture of the person, and goes on trying while the page is open. */
export class SelfView {
  #image;
  #screen;

  /**
   * @param {HTMLImageElement} image
   * @param {HTMLElement} screen takes the shape of the picture
   * @param {HTMLElement} note says why there is none
   * @param {string} view where the picture comes from
   */
  constructor(image, screen, note, view = VIEW) {
    this.#image = image;
    this.#screen = screen;
    image.addEventListener("load", () => this.#plays());
    const pictures = new Pictures(image, view, (why, sentence) => {
      screen.dataset.state = "waiting";
      setText(note, why === "cut" ? "The picture was cut off. Trying again …" : sentence);
    });
    pictures.open();
  }

  #plays() {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    if (width > 2 && height > 2) {
      this.#screen.style.setProperty("--aspect", String(width / height));
      this.#screen.dataset.state = "playing";
    }
  }
}
