// @ts-check
import { ENDED, follow } from "./stream.js";

/** @typedef {import("./stream.js").Gone} Gone */

const RETRY_MS = 2000;

/** Plays a stream of pictures in an image, for as long as the page is seen. Of two that come at once, the newer is shown. */
export class Pictures {
  #image;
  #address;
  #onGone;
  #open = false;
  /** @type {(() => void) | null} */
  #leave = null;
  /** @type {Blob | null} */
  #next = null;
  #busy = false;
  /** @type {string | null} where the browser takes the pictures from by itself, as no socket comes about */
  #plain = null;

  /**
   * @param {HTMLImageElement} image
   * @param {string} address
   * @param {(why: Gone, sentence: string) => void} onGone told when no pictures come for now
   */
  constructor(image, address, onGone) {
    this.#image = image;
    this.#address = address;
    this.#onGone = onGone;
    image.addEventListener("error", () => this.#failed());
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** Whether it plays, or would where the page is seen. */
  get isOpen() {
    return this.#open;
  }

  /** Play from now on. */
  open() {
    this.#open = true;
    this.#look();
  }

  /** Play no more; what was shown last goes. */
  close() {
    this.#open = false;
    this.#look();
    this.#image.removeAttribute("src");
  }

  /** A hidden page shows nothing: what it has is left to stand until it is seen again. */
  #look() {
    const wanted = this.#open && !document.hidden;
    if (wanted && !this.#leave) {
      this.#leave = follow(this.#address, {
        picture: (jpeg) => this.#take(jpeg),
        plainly: (address) => this.#plainly(address),
        gone: this.#onGone,
      });
    } else if (!wanted && this.#leave) {
      this.#leave();
      this.#leave = null;
      this.#next = null;
    }
  }

  /** @param {Blob} jpeg */
  async #take(jpeg) {
    this.#next = jpeg; // in the place of one that was not shown yet
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    while (this.#next) {
      const url = URL.createObjectURL(this.#next);
      this.#next = null;
      const decoded = Object.assign(new Image(), { src: url });
      try {
        await decoded.decode(); // ahead: else the image would be empty for a moment
        if (this.#leave) {
          this.#image.src = url;
          await this.#image.decode();
        }
      } catch {
        // One that cannot be decoded: the next may be.
      }
      URL.revokeObjectURL(url);
    }
    this.#busy = false;
  }

  #failed() {
    if (this.#plain) {
      this.#onGone("cut", ENDED);
      setTimeout(() => this.#plainly(this.#plain), RETRY_MS);
    }
  }

  /** @param {string | null} address */
  #plainly(address) {
    this.#plain = address;
    if (address) {
      this.#image.src = `${address}?${Date.now()}`;
    } else {
      this.#image.removeAttribute("src"); // else the browser goes on with it
    }
  }
}
