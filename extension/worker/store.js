// @ts-check

/**
 * @typedef {{token: string, port: number}} Pairing with which server we are paired
 * @typedef {{name: string, secret: string, code: string, until: number, port: number}} Asked a pairing that the person
 *   has not decided yet; until: milliseconds since 1970
 * @typedef {{x: number, y: number}} Place of the box: shares of the free width and height, 0 to 1
 * @typedef {{documentId: string, tabId: number, origin: string}} Viewer the page that holds a connection
 * @typedef {{kind: "blocked" | "absent" | "refused", origin: string, sentence: string}} Problem
 * @typedef {{
 *   pairing: Pairing | null,
 *   salt: string,
 *   port: number | null,
 *   sites: Record<string, boolean>,
 *   always: Record<string, boolean>,
 *   box: boolean,
 *   places: Record<string, Place>,
 *   unpairedBy: "" | "signcap",
 * }} Kept stays when the browser is closed
 * @typedef {{
 *   asked: Asked | null,
 *   answer: "" | "refused" | "expired",
 *   once: Record<string, boolean>,
 *   viewers: Record<string, Viewer>,
 *   problem: Problem | null,
 * }} Passing ends with the browser; once: by document, whether it may use the camera
 */

/** @type {Kept} */
const KEPT = { pairing: null, salt: "", port: null, sites: {}, always: {}, box: false, places: {}, unpairedBy: "" };
/** @type {Passing} */
const PASSING = { asked: null, answer: "", once: {}, viewers: {}, problem: null };

/**
 * Values of one storage area. Changes are made one after the other, so that none is lost.
 *
 * @template {Record<string, any>} Values
 */
class Store {
  #area;
  #initial;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {chrome.StorageArea} area
   * @param {Values} initial
   */
  constructor(area, initial) {
    this.#area = area;
    this.#initial = initial;
  }

  /**
   * @template {keyof Values & string} Key
   * @param {Key} key
   * @returns {Promise<Values[Key]>}
   */
  async get(key) {
    return (await this.#area.get(key))[key] ?? structuredClone(this.#initial[key]);
  }

  /**
   * @template {keyof Values & string} Key
   * @param {Key} key
   * @param {Values[Key]} value
   */
  set(key, value) {
    return this.change(key, () => value);
  }

  /**
   * @template {keyof Values & string} Key
   * @param {Key} key
   * @param {(value: Values[Key]) => Values[Key]} make the new value of the old one
   * @returns {Promise<Values[Key]>} the new one
   */
  change(key, make) {
    const changed = this.#last.then(async () => {
      const value = make(await this.get(key));
      await this.#area.set({ [key]: value });
      return value;
    });
    this.#last = changed.catch(() => {});
    return changed;
  }
}

export const kept = new Store(chrome.storage.local, KEPT);
export const passing = new Store(chrome.storage.session, PASSING);

/** The token lies in the storage: scripts in pages, ours too, must not read it. Session storage is so by itself. */
export function lockStorage() {
  return chrome.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" });
}

/** A secret of this installation, from which the camera's ids are made. */
export function salt() {
  return kept.change("salt", (known) => {
    if (known) {
      return known;
    }
    return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  });
}
