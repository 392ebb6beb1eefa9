// @ts-check
import { call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { Rows } from "../shared/rows.js";

/**
 * @typedef {{shown: number, before: number, after: number}} Tally
 * @typedef {{
 *   name: string, on: boolean, in_use: boolean, can_be_on: boolean, fits: boolean, changed: number, letters: string,
 *   verdict: string, shown: number, before: number, after: number, confidence: number[], tallies: Record<string, Tally>,
 * }} Profile
 */

/** The profiles there are, each with a switch, and the figures of the one that is looked at. */
export class ProfileList {
  /** @type {Profile[]} */
  #profiles = [];
  /** @type {string | null} */
  #shown = null;
  /** @type {Rows<Profile>} */
  #rows = new Rows(element("profiles"), (profile) => this.#row(profile));
  #asked = 0; // questions so far,
  #newest = 0; // and the newest that was answered

  /**
   * Ask for the profiles.
   *
   * @param {string | null} [show] whose figures to show; those that are shown stay when null
   */
  async load(show = null) {
    this.#shown = show ?? this.#shown;
    await this.#ask("GET", "/api/v1/enrol/profiles");
  }

  /**
   * @param {"GET" | "POST" | "DELETE"} method
   * @param {string} path
   */
  async #ask(method, path) {
    const number = ++this.#asked;
    try {
      const { profiles } = await call(method, path);
      if (number < this.#newest) {
        return; // what was asked before says how it was before
      }
      this.#newest = number;
      setText(element("profiles-note"), "");
      this.#profiles = profiles;
      this.#show();
    } catch (error) {
      setText(element("profiles-note"), String(/** @type {Error} */ (error).message));
    }
  }

  #show() {
    this.#rows.show(this.#profiles);
    element("no-profiles").hidden = this.#profiles.length > 0;
    const chosen = this.#profiles.find(({ name }) => name === this.#shown);
    element("result").hidden = !chosen;
    if (chosen) {
      showFigures(chosen);
    }
  }

  /** @param {Profile} profile */
  #row(profile) {
    const row = document.createElement("li");
    const title = button("profile-name", profile.name, `name-${profile.name}`, () => {
      this.#shown = profile.name;
      this.#show();
    });
    const toggle = button("profile-switch", "", `switch-${profile.name}`, () =>
      this.#ask("POST", `/api/v1/enrol/profiles/${profile.name}/${profile.in_use ? "off" : "on"}`),
    );
    toggle.role = "switch";
    toggle.ariaChecked = String(profile.in_use);
    toggle.ariaLabel = `Use the profile ${profile.name}`;
    toggle.disabled = !profile.can_be_on;
    const remove = button("plain", "Remove", `remove-${profile.name}`, () => {
      if (confirm(`Remove the profile ${profile.name}?`)) {
        this.#ask("DELETE", `/api/v1/enrol/profiles/${profile.name}`);
      }
    });
    remove.ariaLabel = `Remove the profile ${profile.name}`;
    const about = document.createElement("p");
    about.className = "quiet";
    about.textContent = !profile.fits
      ? "Made for another model. Enrol again."
      : profile.can_be_on
        ? `${profile.before} of ${profile.shown} misread before, ${profile.after} now`
        : "This profile reads no better than the general model.";
    row.append(title, toggle, remove, about);
    return row;
  }
}

/** @param {Profile} profile */
function showFigures(profile) {
  setText(element("result-title"), profile.name);
  setText(element("verdict"), profile.verdict);
  const wrong = Object.entries(profile.tallies).filter(([, { before, after }]) => before || after);
  const fine = Object.keys(profile.tallies).filter((letter) => !wrong.some(([other]) => other === letter));
  const most = Math.max(1, ...wrong.map(([, { before, after }]) => Math.max(before, after)));
  element("bars").hidden = wrong.length === 0;
  element("bar-rows").replaceChildren(
    ...wrong.map(([letter, tally]) => figures(letter, tally, most)),
    figures("All", profile, Math.max(1, profile.before, profile.after)),
  );
  element("bar-rows").lastElementChild?.setAttribute("data-all", "");
  setText(element("fine"), fine.length ? `Read right before and after: ${fine.join(" ")}` : "");
}

/**
 * @param {string} title
 * @param {{before: number, after: number}} tally
 * @param {number} most
 */
function figures(title, { before, after }, most) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = title;
  row.append(head, measure(before, most, "before"), measure(after, most, after < before ? "better" : "same"));
  return row;
}

/**
 * @param {number} count
 * @param {number} most
 * @param {"before" | "better" | "same"} kind
 */
function measure(count, most, kind) {
  const cell = document.createElement("td");
  const line = document.createElement("span");
  line.className = "measure";
  line.dataset.kind = kind;
  line.toggleAttribute("data-none", count === 0);
  line.style.setProperty("--part", String(count / most));
  const bar = document.createElement("i");
  bar.ariaHidden = "true";
  line.append(bar, String(count));
  cell.append(line);
  return cell;
}

/**
 * @param {string} kind
 * @param {string} text
 * @param {string} key keeps the focus when the list is drawn anew
 * @param {() => void} action
 */
function button(kind, text, key, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = text;
  made.dataset.key = key;
  made.addEventListener("click", action);
  return made;
}
