// The cases that overlay/captions/layout.py is tested with too: page and picture break captions alike.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { directionOf, layOut, wrap } from "../../static/js/overlay/layout.js";

const CASES = JSON.parse(readFileSync(new URL("../caption_layout.json", import.meta.url), "utf8"));
const measure = (/** @type {string} */ text) => [...text].length;

for (const { about, earlier, committed, partial, columns, lines, unread, shown } of CASES) {
  test(about, () => {
    assert.deepEqual(layOut(earlier, committed, partial, { columns, lines, measure, unread }), shown);
  });
}

test("several captions stand above the current one", () => {
  const room = { columns: 34, lines: 4, measure };
  const texts = layOut(["ONE", "TWO"], "THREE", "", room).map((line) => line.map(({ text }) => text).join(""));
  assert.deepEqual(texts, ["ONE", "TWO", "THREE"]);
});

test("widths are measured, not counted", () => {
  const wide = (/** @type {string} */ text) => [...text].reduce((sum, letter) => sum + (letter === "W" ? 3 : 1), 0);
  assert.deepEqual(wrap("WW II WW", 8, wide), ["WW", "II", "WW"]);
});

test("a tail moves nothing that stands before it", () => {
  const room = { columns: 16, lines: 99, measure };
  for (let length = 0; length < 60; length += 1) {
    const committed = "THE QUICK BROWN FOX JUMPS OVER A LLANFAIRPWLLGWYNGYLL DOG".slice(0, length);
    const without = layOut([], committed, "", room);
    const tailed = layOut([], committed, "Q", room);
    assert.deepEqual(tailed.map((line) => line.filter(({ final }) => final)).slice(0, without.length), without);
    assert.equal(tailed.length, Math.max(1, without.length));
  }
});

test("a line begins where its caption does", () => {
  const room = { columns: 9, lines: 9, measure };
  const directions = (/** @type {string[]} */ earlier, /** @type {string} */ committed, partial = "") =>
    layOut(earlier, committed, partial, room).map(directionOf);
  assert.deepEqual(directions([], "שלום לכם SIGNCAP טוב"), ["rtl", "rtl", "rtl"]);
  assert.deepEqual(directions(["HELLO"], "12 مرحبا"), ["ltr", "rtl"]);
  assert.deepEqual(directions([], "", "ש"), ["rtl"]);
  assert.deepEqual(directions([], "12 OK שלום"), ["ltr", "ltr"]);
});
