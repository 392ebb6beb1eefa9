// @ts-check

const SIGNCAP_TYPING = [
  "keydown",
  "keypress",
  "keyup",
  "beforeinput",
  "input",
  "textInput",
  "compositionstart",
  "compositionupdate",
  "compositionend",
  "copy",
  "cut",
  "paste",
];

/**
 * Keeps what is typed in the box from the page: its shortcuts and its listeners see none of it.
 *
 * It listens at the window, in front of everything that the page can add, as it is there before the page's first script.
 * What stops there does not reach the box either, so the box is told.
 */
class SigncapKeys {
  /** @type {Element | null} */
  #host = null;
  /** @type {(event: Event) => void} */
  #hear = () => {};

  constructor() {
    for (const type of SIGNCAP_TYPING) {
      addEventListener(type, (event) => this.#take(event), { capture: true });
    }
  }

  /**
   * @param {Element} host the box, from now on
   * @param {(event: Event) => void} hear told of each event in it
   */
  guard(host, hear) {
    this.#host = host;
    this.#hear = hear;
  }

  /** @param {Event} event */
  #take(event) {
    if (this.#host !== null && event.target === this.#host) {
      event.stopImmediatePropagation();
      this.#hear(event);
    }
  }
}
