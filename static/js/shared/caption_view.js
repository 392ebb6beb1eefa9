// @ts-check

import { make } from "./dom.js";

/** @typedef {import("./feed.js").AssistedWord} AssistedWord */
/** @typedef {import("./feed.js").Captions} Captions */
/** @typedef {import("./feed.js").Line} Line */
/** @typedef {import("./feed.js").Link} Link */

const NEAR_THE_END = 48; // pixels: who is that close to the newest line wants to stay with it

/** @type {Record<Link, string>} */
export const LINK_TEXT = {
  live: "",
  cut: "Connection lost: trying again …",
  refused: "Signcap has restarted. Open this page from its start page.",
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
  #show;
  /** @type {Line[]} */
  #shown = [];

  /**
   * @param {(following: boolean) => void} onFollowing told when the reader leaves the newest line or returns
   * @param {Record<Link, string>} linkText what to say of the connection
   * @param {boolean} marks whether words that were read with a language are marked
   */
  constructor(onFollowing = () => {}, linkText = LINK_TEXT, marks = false) {
    this.#show = marks ? showWords : setText;
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
    this.#show(this.#committed, captions.committed, captions.assisted);
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
      this.#show(line, cue.text, cue.assisted);
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
 * Show a text whose assisted words are marked, each with what was spelled.
 *
 * @param {HTMLElement} target
 * @param {string} text
 * @param {AssistedWord[]} assisted
 */
function showWords(target, text, assisted) {
  const shown = JSON.stringify([text, assisted]);
  if (assisted.length === 0) {
    delete target.dataset.shown;
    setText(target, text);
  } else if (target.dataset.shown !== shown) {
    target.dataset.shown = shown;
    target.replaceChildren(...parts(text, assisted));
  }
}

/**
 * @param {string} text
 * @param {AssistedWord[]} assisted
 */
function parts(text, assisted) {
  const words = [...text.matchAll(/\S+/g)];
  const result = [];
  let done = 0;
  for (const { word, text: instead, read } of assisted) {
    const first = words[word];
    const last = words[word + instead.split(" ").length - 1];
    if (first && last) {
      const end = last.index + last[0].length;
      const note = make("span", { class: "unseen spelled" }, ` (spelled ${read})`);
      result.push(text.slice(done, first.index));
      result.push(make("span", { class: "assisted", title: `Spelled ${read}` }, text.slice(first.index, end), note));
      done = end;
    }
  }
  result.push(text.slice(done));
  return result;
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
