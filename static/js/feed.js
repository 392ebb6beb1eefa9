// @ts-check

/**
 * @typedef {{index: number, text: string}} Cue
 * @typedef {{caption: number, word: number, read: string, words: string[]}} Suggestion
 * @typedef {{
 *   run: string,
 *   revision: number,
 *   cues: Cue[],
 *   committed: string,
 *   partial: string,
 *   suggestions: Suggestion[],
 *   can_undo: boolean,
 * }} CaptionEvent
 * @typedef {{cues: Cue[], committed: string, partial: string, suggestions: Suggestion[], canUndo: boolean}} Captions
 * @typedef {"live" | "cut" | "refused"} Link
 */

const RETRY_MS = 2000;

/**
 * Puts the events of one or more connections together: no line twice, none lost.
 */
export class CaptionStore {
  #run = "";
  /** @type {Map<number, Cue>} */
  #cues = new Map();
  #committed = "";
  #partial = "";
  /** @type {Suggestion[]} */
  #suggestions = [];
  #canUndo = false;

  /**
   * @param {CaptionEvent} event
   * @returns {Captions}
   */
  accept(event) {
    if (event.run !== this.#run) {
      this.#run = event.run;
      this.#cues.clear();
    }
    for (const cue of event.cues) {
      this.#cues.set(cue.index, cue);
    }
    this.#committed = event.committed;
    this.#partial = event.partial;
    this.#suggestions = event.suggestions;
    this.#canUndo = event.can_undo;
    return this.captions;
  }

  /** @returns {Captions} */
  get captions() {
    const cues = [...this.#cues.values()].sort((one, other) => one.index - other.index);
    return {
      cues,
      committed: this.#committed,
      partial: this.#partial,
      suggestions: this.#suggestions,
      canUndo: this.#canUndo,
    };
  }
}

/**
 * Follows the captions until the page is closed, whatever happens to the connection.
 *
 * @param {"start" | "captions"} page
 * @param {(captions: Captions) => void} onCaptions
 * @param {(link: Link) => void} onLink
 */
export function followCaptions(page, onCaptions, onLink) {
  const url = `/api/v1/captions/events?page=${page}`;
  const store = new CaptionStore();

  function open() {
    const source = new EventSource(url);
    source.addEventListener("open", () => onLink("live"));
    source.addEventListener("captions", (event) => onCaptions(store.accept(JSON.parse(event.data))));
    source.addEventListener("error", async () => {
      if (source.readyState !== EventSource.CLOSED) {
        onLink("cut"); // the browser tries again by itself
        return;
      }
      onLink((await isRefused(url)) ? "refused" : "cut");
      setTimeout(open, RETRY_MS);
    });
  }

  open();
}

/**
 * Whether the server is there and says no: an event source does not tell.
 *
 * @param {string} url
 */
async function isRefused(url) {
  const abort = new AbortController();
  try {
    const response = await fetch(url, { signal: abort.signal });
    return response.status === 401 || response.status === 403;
  } catch {
    return false;
  } finally {
    abort.abort();
  }
}
