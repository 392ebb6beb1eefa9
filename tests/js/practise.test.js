import assert from "node:assert/strict";
import { test } from "node:test";

import { Progress, newLetters, wordsOf } from "../../static/js/practise/progress.js";

function signed(/** @type {string} */ word, /** @type {string} */ letters) {
  const progress = new Progress(word);
  for (const letter of letters) progress.accept(letter);
  return progress;
}

test("letters turn green as they are read, spaces by themselves", () => {
  const progress = signed("Ann B", "AN");
  assert.deepEqual(progress.states, ["read", "read", "open", "read", "open"]);
  assert.equal(progress.due, 2);
  assert.equal(signed("Ann B", "ANNB").done, true);
});

test("a mistake stays where it is, and one more of the letter before is none", () => {
  assert.deepEqual([signed("CAT", "CK").mistaken, signed("CAT", "CK").due], ["K", 1]);
  assert.equal(signed("CAT", "CC").mistaken, "");
  assert.equal(signed("CAT", "CKA").mistaken, "");
});

test("a letter that was not read is passed over when the next one is", () => {
  const progress = signed("CAT", "CT");
  assert.deepEqual([progress.done, progress.skipped], [true, ["A"]]);
});

test("what was corrected before is no letter that comes now", () => {
  assert.deepEqual(newLetters("HEL", "HELLO"), ["L", "O"]);
  assert.deepEqual(newLetters("HELO", "HELLO"), []);
  assert.deepEqual(newLetters("", "A B"), ["A", "B"]);
});

test("own words are in capitals, without what cannot be spelled", () => {
  assert.deepEqual(wordsOf("josé, O'Brien,, 42\nNew York"), ["JOSE", "O'BRIEN", "NEW YORK"]);
});
