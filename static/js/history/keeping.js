// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { ask } from "./ask.js";
import { count } from "./words.js";
import { SettingsLink } from "../shared/settings_link.js";

/** @typedef {import("./words.js").Session} Session */
/**
 * @typedef {{
 *   revision: string, keep: boolean, folder: string, days: number, times: boolean, file: string | null,
 *   current: string | null, trouble: string | null, sessions: Session[],
 * }} Overview
 */

const DAY_MS = 86_400_000;
export const GONE = "Signcap does not answer. Is it still running?";

/** Whether captions are kept, where, and for how long. */
export class KeepingControls {
  #keep = box("keep");
  #times = box("times");
  #days = /** @type {HTMLSelectElement} */ (element("days"));
  #onChange;
  #link = new SettingsLink(() => {});
  /** @type {Overview | null} */
  #now = null;

  /** @param {() => void} onChange told when something was changed */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#keep.addEventListener("change", () => this.#set({ keep: this.#keep.checked }));
    this.#times.addEventListener("change", () => this.#set({ times: this.#times.checked }));
    this.#days.addEventListener("change", () => this.#setDays(Number(this.#days.value)));
    element("start-keeping").addEventListener("click", () => {
      this.#keep.focus();
      this.#set({ keep: true });
    });
  }

  /** @param {Overview} overview */
  show(overview) {
    this.#now = overview;
    const { keep, days, times, sessions, trouble } = overview;
    this.#keep.checked = keep;
    this.#times.checked = times;
    if (![...this.#days.options].some(({ value }) => value === String(days))) {
      this.#days.append(make("option", { value: days }, `after ${count(days, "day")}`));
    }
    this.#days.value = String(days);
    element("keeping-more").hidden = !keep && sessions.length === 0;
    element("delete-all").hidden = sessions.length === 0;
    element("kept-where").replaceChildren(...where(overview));
    setText(element("trouble"), trouble ?? "");
    showNothing(overview);
  }

  /** @param {number} days */
  async #setDays(days) {
    const sessions = this.#now?.sessions ?? [];
    const old = days === 0 ? 0 : sessions.filter((session) => endOf(session) < Date.now() - days * DAY_MS).length;
    const sure =
      old === 0 ||
      (await ask(
        `Delete ${count(old, "session")} now?`,
        `${old === 1 ? "It is" : "They are"} older than ${count(days, "day")}, and deleted for good as soon as you choose this.`,
        `Delete ${old}`,
      ));
    if (sure) {
      await this.#set({ days });
    } else if (this.#now) {
      this.show(this.#now);
    }
  }

  /** @param {Record<string, unknown>} transcript */
  async #set(transcript) {
    const refused = await this.#link.change({ transcript }, null);
    if (!refused) {
      this.#onChange();
      return;
    }
    if (this.#now) {
      this.show(this.#now);
    }
    setText(element("trouble"), refused);
  }
}

/**
 * The sentence below the switch.
 *
 * @param {Overview} overview
 */
function where({ keep, folder, file, sessions }) {
  const parts = keep
    ? ["Signcap writes each caption into a text file as soon as it is finished, in ", make("code", {}, folder), ". Only you can read it."]
    : sessions.length
      ? ["Transcripts are off. Earlier ones are in ", make("code", {}, folder), "."]
      : ["Transcripts are off. Captions are deleted when you quit."];
  if (file) {
    parts.push(" Signcap also writes the captions of this run to ", make("code", {}, file), ", as you chose when you started it.");
  }
  return parts;
}

/** @param {Overview} overview */
function showNothing({ keep, sessions }) {
  element("nothing").hidden = sessions.length > 0;
  element("nothing").dataset.kept = String(keep);
  element("start-keeping").hidden = keep;
  setText(element("nothing-title"), keep ? "Nothing captioned yet" : "Transcripts are off");
  setText(
    element("nothing-text"),
    keep
      ? "A session begins here with the first finished caption. Sign something, or type it into the caption box on Live."
      : "Signcap deletes captions when you quit. Save transcripts to read, search and export them later. They stay in a " +
          "folder on this computer, and you can delete them at any time.",
  );
}

/** @param {Session} session */
function endOf({ began, seconds }) {
  return new Date(began).getTime() + seconds * 1000;
}

/** @param {string} id */
function box(id) {
  return /** @type {HTMLInputElement} */ (element(id));
}
