// @ts-check
import { follow } from "./stream.js";

/**
 * @typedef {{word: number, text: string, read: string}} AssistedWord a word, or several, read with a language
 * @typedef {{key: string, run: number, index: number, text: string, assisted: AssistedWord[]}} Line a finished caption:
 *   its key is its own in all runs, its run the number of the run on this page, from 1
 * @typedef {{caption: number, word: number, read: string, words: string[], assisted: boolean}} Suggestion
 * @typedef {{
 *   place: string,
 *   align: string,
 *   font: string,
 *   size: number,
 *   lines: number,
 *   columns: number,
 *   colour: string,
 *   partial_colour: string,
 *   box_colour: string,
 *   box_opacity: number,
 *   margin: number,
 *   shown_after: number,
 * }} Look how captions are to look on the caption page and in the overlay, as in the settings
 * @typedef {{
 *   run: string,
 *   revision: number,
 *   cues: {index: number, text: string, assisted?: AssistedWord[]}[],
 *   committed: string,
 *   partial: string,
 *   suggestions: Suggestion[],
 *   can_undo: boolean,
 *   assisted?: AssistedWord[],
 *   look?: Look,
 * }} CaptionEvent
 * @typedef {{
 *   cues: Line[],
 *   committed: string,
 *   assisted: AssistedWord[],
 *   partial: string,
 *   suggestions: Suggestion[],
 *   canUndo: boolean,
 *   look: Look | null,
 * }} Captions
 * @typedef {"live" | "cut" | "refused"} Link
 */

/**
 * Puts the events of one or more connections and runs together: no line twice, none lost.
 */
export class CaptionStore {
  #run = "";
  #runs = 0;
  /** @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {Line[]} the same in order; another array whenever one has changed */
  #cues = [];
  #committed = "";
  /** @type {AssistedWord[]} of what is committed */
  #assisted = [];
  #partial = "";
  /** @type {Suggestion[]} */
  #suggestions = [];
  #canUndo = false;
  /** @type {Look | null} */
  #look = null;

  /**
   * @param {CaptionEvent} event
   * @returns {Captions}
   */
  accept(event) {
    if (event.run !== this.#run) {
      this.#endRun();
      this.#run = event.run;
      this.#runs += 1;
    }
    this.#put(event.cues);
    this.#committed = event.committed;
    this.#assisted = event.assisted ?? [];
    this.#partial = event.partial;
    this.#suggestions = event.suggestions;
    this.#canUndo = event.can_undo;
    this.#look = event.look ?? this.#look;
    return this.captions;
  }

  /** @returns {Captions} */
  get captions() {
    return {
      cues: this.#cues,
      committed: this.#committed,
      assisted: this.#assisted,
      partial: this.#partial,
      suggestions: this.#suggestions,
      canUndo: this.#canUndo,
      look: this.#look,
    };
  }

  /** What was final when Signcap ended stays, though its caption never ended. */
  #endRun() {
    const text = this.#committed.trim();
    if (text) {
      const last = this.#cues.at(-1);
      this.#put([{ index: last?.run === this.#runs ? last.index + 1 : 0, text, assisted: this.#assisted }]);
    }
  }

  /** @param {{index: number, text: string, assisted?: AssistedWord[]}[]} cues of the current run */
  #put(cues) {
    let changed = false;
    for (const { index, text, assisted = [] } of cues) {
      const key = `${this.#run}/${index}`;
      const known = this.#lines.get(key);
      if (known?.text !== text || JSON.stringify(known.assisted) !== JSON.stringify(assisted)) {
        this.#lines.set(key, { key, run: this.#runs, index, text, assisted });
        changed = true;
      }
    }
    if (changed) {
      this.#cues = [...this.#lines.values()].sort((one, other) => one.run - other.run || one.index - other.index);
    }
  }
}

/**
 * Follows the captions until the page is closed, whatever happens to the connection or to Signcap.
 *
 * @param {"start" | "captions"} page
 * @param {(captions: Captions) => void} onCaptions
 * @param {(link: Link) => void} onLink
 */
export function followCaptions(page, onCaptions, onLink) {
  const store = new CaptionStore();
  follow(`/api/v1/captions/events?page=${page}`, {
    opened: () => onLink("live"),
    events: { captions: (event) => onCaptions(store.accept(event)) },
    gone: (why) => onLink(why === "refused" ? "refused" : "cut"),
  });
}
