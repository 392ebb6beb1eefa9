// @ts-check

/** @typedef {import("./feed.js").Captions} Captions */
/** @typedef {import("./feed.js").Line} Line */
/** @typedef {import("./feed.js").Link} Link */

const NEAR_THE_END = 48; // pixels: who is that close to the newest line wants to stay with it

/** @type {Record<Link, string>} */
export const LINK_TEXT = {
  live: "",
  cut: "Connection lost: trying again …",
  refused: "Signcap was started anew: open the page from its start page.",
};

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The page has no #${id}`);
  }
  return found;
}

/**
 * Shows captions in the elements that both pages have: finished lines, the growing one, the link's state.
 */
export class CaptionView {
  #finished = element("finished");
  #committed = element("committed");
  #partial = element("partial");
  #empty = element("empty");
  #scroll = element("scroll");
  #linkState = element("link-state");
  #following = true;
  #onFollowing;
  #linkText;
  /** @type {Line[]} */
  #shown = [];

  /**
   * @param {(following: boolean) => void} onFollowing told when the reader leaves the newest line or returns
   * @param {Record<Link, string>} linkText what to say of the connection
   */
  constructor(onFollowing = () => {}, linkText = LINK_TEXT) {
    this.#onFollowing = onFollowing;
    this.#linkText = linkText;
    this.#scroll.addEventListener("scroll", () => {
      const below = this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight;
      this.#setFollowing(below < NEAR_THE_END);
    });
    new ResizeObserver(() => this.#keepUp()).observe(this.#scroll);
  }

  /** @param {Captions} captions */
  show(captions) {
    this.#showFinished(captions);
    // Only what differs is touched: committed text must not flicker, nor be read out twice.
    setText(this.#committed, captions.committed);
    setText(this.#partial, captions.partial);
    const growing = captions.committed !== "" || captions.partial !== "";
    this.#finished.classList.toggle("alone", !growing);
    this.#empty.hidden = growing || captions.cues.length > 0;
    this.#keepUp();
  }

  /** @param {Link} link */
  showLink(link) {
    setText(this.#linkState, this.#linkText[link]);
  }

  /** Go to the newest line and stay with it. */
  follow() {
    this.#setFollowing(true);
    this.#keepUp();
  }

  /** @param {boolean} following */
  #setFollowing(following) {
    if (following !== this.#following) {
      this.#following = following;
      this.#onFollowing(following);
    }
  }

  /** @param {Captions} captions */
  #showFinished({ cues }) {
    if (cues === this.#shown) {
      return; // letter by letter, hours of lines stay as they are
    }
    const lines = this.#finished.children;
    cues.forEach((cue, place) => {
      if (cue === this.#shown[place]) {
        return;
      }
      let line = /** @type {HTMLElement | undefined} */ (lines[place]);
      if (!line) {
        line = document.createElement("li");
        this.#finished.append(line);
      }
      line.classList.toggle("new-run", place > 0 && cues[place - 1].run !== cue.run);
      setText(line, cue.text);
    });
    this.#shown = cues;
  }

  #keepUp() {
    if (this.#following) {
      this.#scroll.scrollTop = this.#scroll.scrollHeight;
    }
  }
}

/**
 * @param {HTMLElement} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}
