// How much of the text nobody can have read yet: the page keeps this count itself, the picture has it of the transcript.

import assert from "node:assert/strict";
import { test } from "node:test";

import { layOut } from "../../static/js/overlay/layout.js";
import { READING_SPEED, Reading } from "../../static/js/overlay/reading.js";

const measure = (/** @type {string} */ text) => [...text].length;

test("text that comes letter by letter is read as it comes", () => {
  const reading = new Reading();
  for (let letter = 1; letter <= 100; letter += 1) {
    reading.note(letter, letter / 5);
    assert.ok(reading.unread(letter / 5) <= 1);
  }
});

test("text that comes at once is read at reading speed, and what comes meanwhile after it", () => {
  const reading = new Reading();
  reading.note(170, 100);
  assert.deepEqual([100, 105, 110, 200].map((at) => reading.unread(at)), [170, 85, 0, 0]);
  reading.note(187, 105);
  assert.equal(reading.unread(105), 102);
  assert.equal(reading.left(105), 6);
});

test("what is taken away needs no time any more", () => {
  const reading = new Reading();
  reading.note(170, 100);
  reading.note(85, 101);
  assert.equal(reading.unread(101), 68);
  reading.note(102, 200); // long after
  assert.equal(reading.unread(200), 17);
  reading.forget();
  assert.equal(reading.unread(200), 0);
});

test("two hundred letters typed at once are all shown, each line for as long as it takes to read", () => {
  const reading = new Reading();
  const text = Array.from({ length: 40 }, (_, word) => String(word).padStart(4, "W")).join(" ");
  reading.note(text.length, 0);
  /** @type {Map<string, number>} */
  const seconds = new Map();
  for (let at = 0; at < 15; at += 0.1) {
    const room = { columns: 34, lines: 2, measure, unread: reading.unread(at) };
    for (const line of layOut([text], "", "", room)) {
      const shown = line.map((run) => run.text).join("");
      seconds.set(shown, (seconds.get(shown) ?? 0) + 0.1);
    }
  }
  assert.equal([...seconds.keys()].join(" "), text);
  for (const [line, shown] of seconds) {
    assert.ok(shown >= line.length / READING_SPEED, `${line}: ${shown} s`);
  }
});
