import assert from "node:assert/strict";
import { test } from "node:test";

import { compared, wordsOf } from "../../static/js/tune/differences.js";
import { pausesAt, placeOf, thresholdsAt } from "../../static/js/tune/simple.js";

const letter = (/** @type {string} */ text, /** @type {number} */ start, /** @type {number} */ end) => ({ text, start, end, confidence: 1 });

test("letters of the same seconds are words, with a space where the hand paused", () => {
  const letters = [letter("X", 0, 1), letter("H", 5, 5.2), letter("I", 5.5, 5.8), letter("A", 7, 7.2)];
  assert.equal(wordsOf(letters, 4, 0.7), "HI A");
  assert.equal(wordsOf(letters, 4, 2), "HIA");
  assert.equal(wordsOf(letters, 9, 1), "");
});

test("what only one of two texts has is told apart", () => {
  assert.deepEqual(compared("HELO", "HELLO"), [
    [["HELO", true]],
    [["HEL", true], ["L", false], ["O", true]],
  ]);
  assert.deepEqual(compared("", "A"), [[], [["A", false]]]);
});

const PRESETS = {
  beginner: { decoding: { least_hold: 0.6, letter_confidence: 0.7 } },
  normal: { decoding: { least_hold: 0.1, letter_confidence: 0.6 } },
  fast: { decoding: { least_hold: 0.02, letter_confidence: 0.5 } },
};

test("the slider goes from one preset to the next, and back to where it was", () => {
  assert.deepEqual(thresholdsAt(PRESETS, 0), PRESETS.beginner.decoding);
  assert.deepEqual(thresholdsAt(PRESETS, 0.5), PRESETS.normal.decoding);
  assert.deepEqual(thresholdsAt(PRESETS, 1), PRESETS.fast.decoding);
  for (const place of [0, 0.2, 0.5, 0.7, 1]) {
    assert.ok(Math.abs(placeOf(PRESETS, thresholdsAt(PRESETS, place)) - place) <= 0.01, String(place));
  }
});

test("a caption never ends before its words", () => {
  assert.equal(pausesAt(0.7, { caption_silence: 2.4 }).caption_silence, undefined);
  assert.equal(pausesAt(3, { caption_silence: 2.4 }).caption_silence, 3.5);
});
