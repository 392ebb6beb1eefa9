// @ts-check
import { ask } from "./ask.js";

/** @typedef {import("../worker/view.js").View["sites"][number]} SiteView */

/** The switches of the sites. */
export class Sites {
  #list;
  #note;
  #onChange;
  /** @type {Map<string, {input: HTMLInputElement, reload: HTMLButtonElement}>} */
  #rows = new Map();
  /** @type {Set<string>} sites whose switch was pressed and whose answer is not there yet */
  #underWay = new Set();
  /** @type {Set<string>} sites whose open pages do not know yet that they are on */
  #stale = new Set();

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} note
   * @param {() => void} onChange
   */
  constructor(list, note, onChange) {
    this.#list = list;
    this.#note = note;
    this.#onChange = onChange;
  }

  /** @param {SiteView[]} sites */
  show(sites) {
    for (const site of sites) {
      const { input, reload } = this.#rows.get(site.id) ?? this.#add(site);
      if (!this.#underWay.has(site.id)) {
        input.checked = site.on;
      }
      reload.hidden = !(site.on && this.#stale.has(site.id) && site.tabs > 0);
    }
    const stale = [...this.#rows.values()].some(({ reload }) => !reload.hidden);
    this.#note.textContent = stale
      ? "Reload open pages to see the camera."
      : "Signcap does nothing on sites that are off.";
  }

  /** @param {SiteView} site */
  #add({ id, name, origins }) {
    const input = document.createElement("input");
    input.type = "checkbox";
    input.setAttribute("role", "switch");
    input.id = `site-${id}`;
    const label = document.createElement("label");
    label.className = "switch";
    label.append(name, input);
    const reload = document.createElement("button");
    reload.type = "button";
    reload.className = "small";
    reload.textContent = "Reload";
    reload.setAttribute("aria-label", `Reload the open pages of ${name}`);
    reload.hidden = true;
    const row = document.createElement("li");
    row.append(label, reload);
    this.#list.append(row);
    input.addEventListener("change", () => void this.#switch(id, origins, input));
    reload.addEventListener("click", async () => {
      this.#stale.delete(id);
      await ask("reload", { id });
      this.#onChange();
    });
    const made = { input, reload };
    this.#rows.set(id, made);
    return made;
  }

  /**
   * @param {string} id
   * @param {string[]} origins
   * @param {HTMLInputElement} input
   */
  async #switch(id, origins, input) {
    const on = input.checked;
    this.#underWay.add(id);
    // The wish first: the browser's own question may close this popup, and the worker goes on from there.
    const wished = ask("site", { id, on });
    if (on) {
      const granted = await chrome.permissions.request({ origins }).catch(() => false);
      await wished;
      await ask("site", { id, on: granted });
      if (granted) {
        this.#stale.add(id);
      }
    }
    await wished.catch(() => {});
    this.#underWay.delete(id);
    this.#onChange();
  }
}
