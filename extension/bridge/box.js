// @ts-check

/** @typedef {import("../worker/captions.js").Words} SigncapWords */
/** @typedef {import("../worker/captions.js").Link} SigncapLink */

const SIGNCAP_STEP = 16; // pixels that an arrow key moves the box
const SIGNCAP_CHECK_MS = 200; // after the last key
const SIGNCAP_LINK_TEXT = {
  live: "",
  gone: "Signcap is not running: start it, and captions go on here.",
  unpaired: "This browser is not paired with Signcap: press Signcap's button beside the address.",
};

/**
 * The captions over the call, for the signer's own eyes: nothing of it is in the page's document in the open, and nobody
 * else in the call sees it.
 */
class SigncapBox {
  #parts = new SigncapBoxParts();
  #ask;
  #keys;
  #place = { x: 0.03, y: 0.82 }; // where calls have neither faces nor buttons, as a rule
  #phrasesShown = false;
  #warning = ""; // what the picture cannot show of the text in the field
  #check = 0;

  /**
   * @param {(type: string, more?: object) => Promise<any>} ask the worker
   * @param {SigncapKeys} keys
   */
  constructor(ask, keys) {
    this.#ask = ask;
    this.#keys = keys;
    const { grip, hideButton, phrasesButton, send, host } = this.#parts;
    hideButton.addEventListener("click", () => void ask("hide"));
    phrasesButton.addEventListener("click", () => void this.#togglePhrases());
    send.addEventListener("click", () => void this.#send(this.#parts.input.value, true));
    grip.addEventListener("pointerdown", (event) => this.#drag(event));
    for (const type of ["pointerdown", "pointerup", "mousedown", "mouseup", "click", "dblclick", "wheel", "contextmenu"]) {
      host.addEventListener(type, (event) => event.stopPropagation()); // no press here is one on the page
    }
    addEventListener("resize", () => this.#put());
    document.addEventListener("fullscreenchange", () => this.#raise());
  }

  get shown() {
    return !this.#parts.host.hidden;
  }

  /** @param {{x: number, y: number} | null} place */
  show(place) {
    const { host } = this.#parts;
    this.#place = place ?? this.#place;
    host.hidden = false;
    this.#keys.guard(host, (event) => this.#onKey(event));
    this.#raise();
  }

  hide() {
    const { host } = this.#parts;
    host.hidden = true;
    host.remove();
  }

  /**
   * @param {SigncapWords} words
   * @param {SigncapLink} link
   */
  update(words, link) {
    const { host, box, before, committed, partial, quiet, note } = this.#parts;
    if (this.shown && !host.isConnected) {
      this.#raise(); // the page has thrown away all that it held
    }
    box.dataset.link = link;
    const growing = words.committed + words.partial !== "";
    before.dataset.words = words.lines.at(-1) ?? "";
    committed.dataset.words = words.committed;
    partial.dataset.words = words.partial;
    set(quiet, growing || words.lines.length > 0 || link !== "live" ? "" : "Sign, and what is read appears here.");
    set(note, SIGNCAP_LINK_TEXT[link] || this.#warning);

    /**
     * @param {Element} element
     * @param {string} text
     */
    function set(element, text) {
      if (element.textContent !== text) {
        element.textContent = text;
      }
    }
  }

  /** To the front, above what the page has put there meanwhile. */
  #raise() {
    const { host } = this.#parts;
    if (host.hidden) {
      return;
    }
    if (!host.isConnected) {
      (document.body ?? document.documentElement).append(host);
    }
    host.hidePopover();
    host.showPopover();
    this.#put();
  }

  #put() {
    const { host } = this.#parts;
    const { width, height } = host.getBoundingClientRect();
    host.style.setProperty("--left", `${Math.max(0, innerWidth - width) * this.#place.x}px`);
    host.style.setProperty("--top", `${Math.max(0, innerHeight - height) * this.#place.y}px`);
  }

  /**
   * @param {number} left pixels
   * @param {number} top pixels
   */
  #moveTo(left, top) {
    const { width, height } = this.#parts.host.getBoundingClientRect();
    /** @param {number} at @param {number} free */
    const share = (at, free) => (free > 0 ? Math.min(1, Math.max(0, at / free)) : 0);
    this.#place = { x: share(left, innerWidth - width), y: share(top, innerHeight - height) };
    this.#put();
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const { grip, host } = this.#parts;
    const { left, top } = host.getBoundingClientRect();
    const [fromX, fromY] = [event.clientX - left, event.clientY - top];
    /** @param {PointerEvent} moved */
    const move = (moved) => this.#moveTo(moved.clientX - fromX, moved.clientY - fromY);
    grip.setPointerCapture(event.pointerId);
    grip.addEventListener("pointermove", move);
    grip.addEventListener(
      "lostpointercapture",
      () => {
        grip.removeEventListener("pointermove", move);
        void this.#ask("place", { place: this.#place });
      },
      { once: true },
    );
  }

  /**
   * Of keys and other typing in the box, which go nowhere else.
   *
   * @param {Event} event
   */
  #onKey(event) {
    if (event.type === "input") {
      this.#checkCharacters();
    }
    if (!(event instanceof KeyboardEvent) || event.type !== "keydown") {
      return;
    }
    const { root, input, grip } = this.#parts;
    const focused = root.activeElement;
    const step = /** @type {Record<string, number[]>} */ ({
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    })[event.key];
    if (focused === input && event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      void this.#send(input.value, true);
    } else if (focused === grip && step) {
      event.preventDefault();
      const { left, top } = this.#parts.host.getBoundingClientRect();
      this.#moveTo(left + step[0] * SIGNCAP_STEP, top + step[1] * SIGNCAP_STEP);
      void this.#ask("place", { place: this.#place });
    } else if (event.key === "Escape" && focused instanceof HTMLElement) {
      focused.blur();
    }
  }

  /**
   * @param {string} text
   * @param {boolean} typed whether it stands in the field
   */
  async #send(text, typed) {
    const { input, note } = this.#parts;
    if (!text.trim()) {
      return;
    }
    try {
      await this.#ask("type", { text });
      this.#warning = note.textContent = "";
      if (typed && input.value === text) {
        input.value = "";
      }
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : "Signcap could not do that.";
    }
  }

  /** Say at once what the picture cannot show: the others would see a box in its place. */
  #checkCharacters() {
    const { input, note } = this.#parts;
    clearTimeout(this.#check);
    this.#check = window.setTimeout(async () => {
      const text = input.value;
      const usual = /^[\x20-\x7e]*$/.test(text);
      const warning = usual ? "" : await this.#ask("characters", { text }).catch(() => "");
      if (input.value === text && warning !== this.#warning) {
        this.#warning = String(warning);
        note.textContent = this.#warning;
      }
    }, SIGNCAP_CHECK_MS);
  }

  async #togglePhrases() {
    const { phrases, phrasesButton, note } = this.#parts;
    this.#phrasesShown = !this.#phrasesShown;
    phrasesButton.setAttribute("aria-expanded", String(this.#phrasesShown));
    phrases.replaceChildren();
    try {
      const known = this.#phrasesShown ? await this.#ask("phrases") : [];
      for (const phrase of this.#phrasesShown && Array.isArray(known) ? known : []) {
        const button = signcapMake("button", { type: "button" }, String(phrase));
        button.addEventListener("click", () => void this.#send(String(phrase), false));
        phrases.append(signcapMake("li", {}, button));
      }
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : "";
    }
    this.#put();
  }
}
