import assert from "node:assert/strict";
import { test } from "node:test";

import { anyWord } from "../../static/js/spell/words.js";

test("a word can be fingerspelled, and is not the one before", () => {
  const seen = new Set();
  let last = "";
  for (let turn = 0; turn < 3000; turn += 1) {
    const word = anyWord(last);
    assert.match(word, /^[A-Z]{2,8}$/);
    assert.notEqual(word, last);
    seen.add(word);
    last = word;
  }
  assert.ok(seen.size > 150, `${seen.size} words came`);
});

test("the first and the last can come", (context) => {
  context.mock.method(Math, "random", () => 0);
  assert.equal(anyWord(""), "ALEX");
  assert.equal(anyWord("ALEX"), "AMIR");
  context.mock.method(Math, "random", () => 0.999999);
  assert.equal(anyWord(""), "ZERO");
  assert.equal(anyWord("ZERO"), "YES");
});
