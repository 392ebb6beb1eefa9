// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { count, dayOf, factsOf, marked, startOf } from "./words.js";

/** @typedef {import("./words.js").Session} Session */
/** @typedef {import("./words.js").Cue} Cue */
/** @typedef {Session & {count: number, hits: Cue[]}} Found */
/** @typedef {{captions: number, sessions: Found[]}} Search */

const HITS = 4; // of one session that stand in the list

/** All sessions by day, or those that a search found. Arrow keys go from one to the next. */
export class HistoryList {
  #list = element("list");
  #onOpen;
  /** @type {string | null} */
  #opened = null;
  /** @type {string | null} */
  #current = null;

  /** @param {(name: string, cue: number | null) => void} onOpen */
  constructor(onOpen) {
    this.#onOpen = onOpen;
    this.#list.addEventListener("click", (event) => {
      const item = /** @type {HTMLElement} */ (event.target).closest("button");
      if (item?.dataset.name) {
        this.#onOpen(item.dataset.name, item.dataset.cue === undefined ? null : Number(item.dataset.cue));
      }
    });
    this.#list.addEventListener("keydown", (event) => this.#move(event));
    this.#list.addEventListener("focusin", (event) => this.#rove(/** @type {HTMLElement} */ (event.target)));
  }

  /**
   * @param {Session[]} sessions newest first
   * @param {string | null} current name of the one that is being kept
   */
  showAll(sessions, current) {
    this.#current = current;
    this.#draw(sessions, (session) => [this.#item(session)]);
  }

  /** @param {Search} search */
  showFound({ sessions }) {
    this.#draw(sessions, (session) => {
      const hits = session.hits.slice(0, HITS);
      const more = session.count - hits.length;
      return [
        this.#item(session, more > 0 ? `${count(session.count, "caption")} found` : ""),
        ...hits.map((cue) => make("button", { type: "button", class: "hit", "data-name": session.name, "data-cue": cue.index }, ...marked(cue.pieces))),
      ];
    });
  }

  /** @param {string | null} name of the session that is open */
  mark(name) {
    this.#opened = name;
    for (const item of this.#items()) {
      mark(item, name);
    }
  }

  /** Put the keyboard's focus on the open session, or on the first. */
  focus() {
    const items = this.#items();
    (items.find((item) => item.dataset.name === this.#opened) ?? items[0])?.focus();
  }

  /**
   * @template {Session} T
   * @param {T[]} sessions
   * @param {(session: T) => HTMLElement[]} draw
   */
  #draw(sessions, draw) {
    const held = this.#list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset : null;
    /** @type {HTMLElement[]} */
    const days = [];
    let list = null;
    let day = "";
    for (const session of sessions) {
      if (!list || dayOf(session) !== day) {
        day = dayOf(session);
        list = make("ul", { class: "day" });
        days.push(make("h3", { class: "day-title" }, day), list);
      }
      list.append(make("li", {}, ...draw(session)));
    }
    this.#list.replaceChildren(...days);
    const items = this.#items();
    const again = held && items.find(({ dataset }) => dataset.name === held.name && dataset.cue === held.cue);
    this.#rove(again || items.find((item) => item.dataset.name === this.#opened) || items[0]);
    again?.focus();
  }

  /**
   * @param {Session} session
   * @param {string} [more]
   */
  #item(session, more = "") {
    const { name, first_words: words, whole } = session;
    const item = make(
      "button",
      { type: "button", class: "session", "data-name": name },
      make(
        "span",
        { class: "session-when" },
        make("strong", {}, startOf(session)),
        name === this.#current ? make("span", { class: "now-kept" }, "now") : null,
        make("span", { class: "session-facts" }, more || factsOf(session)),
      ),
      make("span", { class: "session-words" }, words || (whole ? "No captions" : "Signcap cannot read it, because its file is damaged.")),
    );
    mark(item, this.#opened);
    return item;
  }

  /** @returns {HTMLElement[]} */
  #items() {
    return [...this.#list.querySelectorAll("button")];
  }

  /** @param {HTMLElement | undefined} chosen the one that Tab leads to */
  #rove(chosen) {
    for (const item of this.#items()) {
      item.tabIndex = item === chosen ? 0 : -1;
    }
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const items = this.#items();
    const place = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const wanted = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: items.length - 1 }[event.key];
    if (wanted === undefined || place < 0 || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    items[Math.min(items.length - 1, Math.max(0, wanted))]?.focus();
  }
}

/**
 * What a search found, in words.
 *
 * @param {Search | null} search none: all sessions are shown
 * @param {string} query
 */
export function tellFound(search, query) {
  const none = search?.captions === 0 ? `Nothing holds “${query}”.` : null;
  setText(
    element("found"),
    !search ? "" : (none ?? `${count(search.captions, "caption")} in ${count(search.sessions.length, "session")}`),
  );
}

/**
 * @param {HTMLElement} item
 * @param {string | null} opened
 */
function mark(item, opened) {
  if (item.classList.contains("session") && item.dataset.name === opened) {
    item.setAttribute("aria-current", "true");
  } else {
    item.removeAttribute("aria-current");
  }
}
