// @ts-check

/**
 * A list that is drawn anew whenever the page is told of it, which may be in the middle of a press.
 *
 * A row whose item has not changed stays the very element that it was: a button that is taken away between the press
 * and the release of a key or of the mouse is never clicked. The focus stays on its row, and goes by `data-key` to the
 * new one where the item has changed.
 *
 * @template T
 */
export class Rows {
  /** @type {Map<string, HTMLElement>} */
  #drawn = new Map();
  /** @type {HTMLElement} */
  #list;
  /** @type {(item: T) => HTMLElement} */
  #draw;

  /**
   * @param {HTMLElement} list
   * @param {(item: T) => HTMLElement} draw makes the row of an item, which is all that the row depends on
   */
  constructor(list, draw) {
    this.#list = list;
    this.#draw = draw;
  }

  /** @param {T[]} items no two of them alike */
  show(items) {
    /** @type {Map<string, HTMLElement>} */
    const drawn = new Map();
    for (const item of items) {
      const key = JSON.stringify(item);
      drawn.set(key, this.#drawn.get(key) ?? this.#draw(item));
    }
    this.#drawn = drawn;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const hadFocus = focused && this.#list.contains(focused);
    const rows = [...drawn.values()];
    for (const row of [...this.#list.children].filter((row) => !rows.includes(/** @type {HTMLElement} */ (row)))) {
      row.remove();
    }
    for (const [place, row] of rows.entries()) {
      if (this.#list.children[place] !== row) {
        this.#list.insertBefore(row, this.#list.children[place] ?? null); // none is moved that need not be: that too ends a press
      }
    }
    if (hadFocus && document.activeElement !== focused) {
      const key = focused.dataset.key;
      const same = key ? /** @type {HTMLElement | null} */ (this.#list.querySelector(`[data-key="${CSS.escape(key)}"]`)) : null;
      (this.#list.contains(focused) ? focused : (same ?? this.#list.querySelector("button")))?.focus();
    }
  }
}
