import assert from "node:assert/strict";
import { test } from "node:test";

import { LETTERS, NOTHING, flat, isRunning, letterName, seconds } from "../../static/js/runs/formats.js";

test("letters have names, and so has none", () => {
  assert.equal(LETTERS.length, 26);
  assert.equal(letterName(0), "A");
  assert.equal(letterName(25), "Z");
  assert.equal(letterName(NOTHING), "nothing");
});

test("a run takes as long as from its beginning to its end", () => {
  const run = { name: "one", status: "finished", began: "2026-11-24T10:00:00Z", ended: "2026-11-24T10:01:30Z" };
  assert.equal(isRunning(run), false);
  assert.equal(seconds(run), 90);
});

test("one that goes on takes until now", (context) => {
  context.mock.method(Date, "now", () => Date.parse("2026-11-24T10:00:05Z"));
  const run = { name: "one", status: "running", began: "2026-11-24T10:00:00Z", ended: "2026-11-24T10:01:30Z" };
  assert.equal(isRunning(run), true);
  assert.equal(seconds(run), 5);
});

test("a run that says no time takes none that is known", () => {
  assert.ok(Number.isNaN(seconds({ name: "one", status: "finished" })));
});

test("nested values become names with points", () => {
  assert.deepEqual(flat({ data: { folder: "crops", by: { seed: 0 } }, letters: ["A", "B"], flip: false }), [
    ["data.folder", "crops"],
    ["data.by.seed", "0"],
    ["letters", "A, B"],
    ["flip", "no"],
  ]);
});

test("what is not there is said so", () => {
  assert.deepEqual(flat({ git: null, notes: [], more: undefined, on: true, nested: [null, [1, 2]] }), [
    ["git", "–"],
    ["notes", "none"],
    ["more", "–"],
    ["on", "yes"],
    ["nested", "–, 1, 2"],
  ]);
});
