// @ts-check

export const READING_SPEED = 17; // characters a second that people read, as overlay/captions/state.py says

/**
 * How much of the text nobody can have read yet, if they read it as it comes.
 */
export class Reading {
  #readBy = 0;
  #length = 0;

  /**
   * Note how long all text is now.
   *
   * @param {number} length characters
   * @param {number} now seconds that only grow
   */
  note(length, now) {
    const more = length - this.#length;
    this.#length = length;
    this.#readBy = (more > 0 ? Math.max(this.#readBy, now) : this.#readBy) + more / READING_SPEED;
  }

  /**
   * Forget what is unread: it is not shown any more.
   */
  forget() {
    this.#readBy = 0;
  }

  /**
   * The seconds until all of it can have been read.
   *
   * @param {number} now
   */
  left(now) {
    return Math.max(0, this.#readBy - now);
  }

  /**
   * How many of the last characters are unread.
   *
   * @param {number} now
   */
  unread(now) {
    return Math.max(0, Math.ceil(this.left(now) * READING_SPEED - 1e-6)); // no letter more for a rounded number
  }
}
