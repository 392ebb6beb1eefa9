// @ts-check
import { call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { factsOf, marked, timeOf, titleOf } from "./words.js";
import { copy, download } from "../shared/text_files.js";

/** @typedef {import("./words.js").Session} Session */
/** @typedef {import("./words.js").Cue} Cue */
/** @typedef {Session & {cues: Cue[]}} WholeSession */

const PATH = "/api/v1/transcripts";
const KEPT_TO_ITSELF = "The browser did not allow copying. Save the session instead.";

/** One session, to read, copy and save. */
export class Reading {
  #cues = element("cues");
  #query = "";
  /** @type {WholeSession | null} */
  #session = null;

  constructor() {
    element("copy").addEventListener("click", () => this.#copy());
    for (const button of element("save-menu").querySelectorAll("button")) {
      button.addEventListener("click", () => this.#save(/** @type {string} */ (button.dataset.kind)));
    }
    placeBelow(element("save"), element("save-menu"));
  }

  /** Name of the session that is open. */
  get name() {
    return this.#session?.name ?? null;
  }

  /** @returns {Session | null} */
  get session() {
    return this.#session;
  }

  /**
   * @param {string} name
   * @param {string} query what to mark
   * @param {number | null} cue the caption to go to
   */
  async open(name, query, cue) {
    const session = await call("GET", `${PATH}/${name}?q=${encodeURIComponent(query)}`);
    const another = session.name !== this.name;
    if (another) {
      tell("");
    }
    this.#session = session;
    this.#show(another || query !== this.#query);
    this.#query = query;
    if (cue !== null) {
      this.#goTo(cue);
    } else if (another) {
      this.#cues.scrollTop = 0;
    }
  }

  /** Read anew what is open: it may have grown. */
  async reload() {
    if (this.name) {
      await this.open(this.name, this.#query, null);
    }
  }

  close() {
    this.#session = null;
    element("opened").hidden = true;
    element("choose").hidden = false;
  }

  /** @param {boolean} anew draw all of it; else what is new alone, so that nobody loses the place */
  #show(anew) {
    const session = /** @type {WholeSession} */ (this.#session);
    element("choose").hidden = true;
    element("opened").hidden = false;
    setText(element("reading-title"), titleOf(session));
    setText(element("reading-facts"), facts(session));
    const there = anew ? [] : /** @type {HTMLElement[]} */ ([...this.#cues.children]);
    const same = session.cues.findIndex((cue, place) => there[place]?.dataset.cue !== String(cue.index) || there[place]?.dataset.text !== cue.text);
    const kept = anew ? 0 : same < 0 ? session.cues.length : same;
    for (const old of [...this.#cues.children].slice(kept)) {
      old.remove();
    }
    this.#cues.append(...session.cues.slice(kept).map((cue) => line(session, cue)));
  }

  /** @param {number} index */
  #goTo(index) {
    const found = /** @type {HTMLElement | null} */ (this.#cues.querySelector(`[data-cue="${index}"]`));
    for (const other of this.#cues.querySelectorAll(".sought")) {
      other.classList.remove("sought");
    }
    found?.classList.add("sought");
    found?.scrollIntoView({ block: "center" });
  }

  async #copy() {
    const text = (this.#session?.cues ?? []).map((cue) => cue.text).join("\n");
    tell((await copy(text)) ? "The captions are in the clipboard." : KEPT_TO_ITSELF);
  }

  /** @param {string} kind */
  async #save(kind) {
    element("save-menu").hidePopover();
    try {
      tell(`Saved as ${await download(`${PATH}/${this.name}.${kind}`, `captions.${kind}`)}.`);
    } catch (error) {
      tell(String(/** @type {Error} */ (error).message));
    }
  }
}

/** @param {WholeSession} session */
function facts(session) {
  const damaged = session.whole ? "" : " · part of its file is damaged";
  return session.captions ? `${factsOf(session)}${damaged}` : "Its file is damaged or empty, so Signcap cannot read it.";
}

/**
 * @param {Session} session
 * @param {Cue} cue
 */
function line(session, cue) {
  const mark = cue.typed ? "typed" : cue.edited ? "edited" : "";
  return make(
    "li",
    { "data-cue": cue.index, "data-text": cue.text },
    make("time", {}, timeOf(session, cue)),
    make("p", {}, ...marked(cue.pieces)),
    mark && make("span", { class: "mark" }, mark),
  );
}

/** @param {string} sentence */
function tell(sentence) {
  setText(element("said"), sentence);
}

/**
 * Popovers stand in the middle of the page unless they are told otherwise.
 *
 * @param {HTMLElement} button
 * @param {HTMLElement} menu
 */
function placeBelow(button, menu) {
  menu.addEventListener("toggle", () => {
    const { bottom, right } = button.getBoundingClientRect();
    menu.style.top = `${bottom + 6}px`;
    menu.style.right = `${Math.max(8, document.documentElement.clientWidth - right)}px`;
  });
}
