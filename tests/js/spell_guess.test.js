import assert from "node:assert/strict";
import { test } from "node:test";

import { judge } from "../../static/js/spell/guess.js";

test("a guess is right whatever its case, its accents and what parts its words", () => {
  for (const guess of ["GOOD DAY", "goodday", "  good-day! ", "gööd dáy"]) {
    assert.deepEqual(judge(guess, "GOOD DAY"), { right: true, sentence: "Right: GOOD DAY" }, guess);
  }
});

test("a letter that was missed does not make all that follow wrong", () => {
  assert.deepEqual(judge("god day", "GOOD DAY"), { right: false, sentence: "Not yet: 6 of 7 letters right." });
  assert.equal(judge("good night", "GOOD DAY").sentence, "Not yet: 4 of 7 letters right.");
  assert.equal(judge("yad doog", "GOOD DAY").sentence, "Not yet: 2 of 7 letters right.");
  assert.equal(judge("goodday and more", "GOOD DAY").sentence, "Not yet: 7 of 7 letters right.");
  assert.equal(judge("b", "A").sentence, "Not yet: 0 of 1 letter right.");
});

test("who has typed no letter is asked for one", () => {
  for (const guess of ["", "  ", "12 ?"]) {
    assert.deepEqual(judge(guess, "GOOD DAY"), { right: false, sentence: "Type what you saw." });
  }
});
