// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { Pictures } from "../shared/pictures.js";

/** @typedef {import("../shared/feed.js").Captions} Captions */

const VIEW = "/api/v1/clean.mjpeg";

/**
 * The person as in a mirror, with captions that can be read: the picture without captions, mirrored, and the captions
 * over it as they are in the picture. The others see neither.
 */
export class MirrorView {
  #screen;
  #image = /** @type {HTMLImageElement} */ (element("mirror-view"));
  #pictures = new Pictures(this.#image, VIEW, () => {}); // the pill says when Signcap is gone
  #box = element("mirror-captions");
  #on = false;
  #newest = "";
  #finished = 0; // when the newest caption was finished
  #shownAfter = 5;
  /** @type {Captions | null} */
  #captions = null;

  /** @param {HTMLElement} screen that shows the picture */
  constructor(screen) {
    this.#screen = screen;
    setInterval(() => this.#on && this.#write(), 500); // a finished caption goes by itself
  }

  /** @param {boolean} on */
  set on(on) {
    if (on === this.#on) {
      return;
    }
    this.#on = on;
    this.#screen.classList.toggle("mirrored", on);
    this.#image.hidden = !on;
    if (on) this.#pictures.open();
    else this.#pictures.close();
    this.#write();
  }

  /** @param {Captions} captions */
  show(captions) {
    const newest = captions.cues.at(-1)?.key ?? "";
    if (newest !== this.#newest) {
      this.#finished = this.#captions ? performance.now() : 0;
      this.#newest = newest;
    }
    this.#captions = captions;
    this.#write();
  }

  /** @param {import("../shared/live.js").SettingsEvent} event */
  showSettings({ settings: { caption, endpointing } }) {
    this.#shownAfter = endpointing.shown_after;
    this.#box.dataset.place = caption.place;
    const style = { size: caption.size, colour: caption.colour, partial: caption.partial_colour, box: caption.box_colour, opacity: `${caption.box_opacity * 100}%`, margin: caption.margin };
    for (const [name, value] of Object.entries(style)) {
      this.#box.style.setProperty(`--${name}`, String(value));
    }
  }

  #write() {
    const captions = this.#captions;
    const spelled = captions ? captions.committed + captions.partial : "";
    const stays = this.#finished > 0 && performance.now() - this.#finished < this.#shownAfter * 1000;
    const last = !spelled && stays ? (captions?.cues.at(-1)?.text ?? "") : "";
    setText(element("mirror-committed"), last || (captions?.committed ?? ""));
    setText(element("mirror-partial"), last ? "" : (captions?.partial ?? ""));
    this.#box.hidden = !this.#on || !(spelled || last);
  }
}
