// Words that need not wait until their caption is finished, as overlay/pipeline/caption_parts.py has them for calls.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SettledWords, withoutWords } from "../../static/js/shared/settled_words.js";

/**
 * @param {[number, string][]} texts
 * @param {number} until
 */
function spokenOf(texts, until, words = new SettledWords()) {
  const spoken = [];
  for (let tenth = 0; tenth <= until * 10; tenth += 1) {
    for (const [, text] of texts.filter(([at]) => Math.round(at * 10) === tenth)) {
      words.accept(text, tenth / 10);
    }
    const due = words.due(tenth / 10);
    if (due) {
      spoken.push([tenth / 10, due]);
    }
  }
  return spoken;
}

test("a word is due four seconds after its end, with those that have settled by then", () => {
  assert.deepEqual(spokenOf([[0, "M"], [1, "MY "], [2, "MY NAME "], [4, "MY NAME IS "]], 20), [
    [5, "MY NAME"],
    [8, "IS"],
  ]);
});

test("a word that has not ended is not due", () => {
  assert.deepEqual(spokenOf([[0, "HELLO"]], 30), []);
  const words = new SettledWords();
  words.accept("HELLO", 0);
  assert.equal(words.rest(0), Infinity);
  words.accept("HELLO ", 1);
  assert.equal(words.rest(2), 3);
});

test("a word that is corrected in time is given out as corrected, and one that is corrected later not again", () => {
  assert.deepEqual(spokenOf([[0, "HELO "], [1, "HELLO "]], 9), [[4, "HELLO"]]);
  assert.deepEqual(spokenOf([[0, "HELO "], [5, "HELLO "], [6, "HELLO MY "]], 20), [
    [4, "HELO"],
    [10, "MY"],
  ]);
});

test("what is put in the place of a word that was taken back is given out", () => {
  const texts = /** @type {[number, string][]} */ ([[0, "MY "], [5, "MY"], [6, "M"], [7, "ME"], [8, "ME "]]);
  assert.deepEqual(spokenOf(texts, 20), [
    [4, "MY"],
    [12, "ME"],
  ]);
});

test("of a finished caption the rest is left", () => {
  const words = new SettledWords();
  assert.deepEqual(spokenOf([[0, "MY NAME "]], 5, words), [[4, "MY NAME"]]);
  assert.equal(withoutWords("MY NAME IS ANN", words.finish()), "IS ANN");
  assert.equal(words.finish(), 0);
  assert.equal(withoutWords("as  it is", 0), "as  it is");
});
