import assert from "node:assert/strict";
import { test } from "node:test";

import { judge } from "../../static/js/start/letter_test.js";

const GOOD = { light: 0.5, size: 0.3, rate: 30 };
const read = (/** @type {(number | null)[]} */ ...seconds) =>
  seconds.map((value, place) => ({ letter: "BL"[place], seconds: value, best: value === null ? 0.3 : 0.9 }));
const wrong = (/** @type {ReturnType<typeof judge>} */ { findings }) => findings.filter(({ well }) => !well).map(({ text }) => text);

test("two letters that are read pass, and nothing is proposed", () => {
  const verdict = judge(read(1.5, 2), GOOD);
  assert.deepEqual([verdict.passed, verdict.preset, verdict.enrol, wrong(verdict)], [true, null, false, []]);
});

test("who signs quickly or slowly is offered the preset for it", () => {
  assert.equal(judge(read(0.5, 0.8), GOOD).preset, "fast");
  assert.equal(judge(read(2, 6), GOOD).preset, "beginner");
  assert.equal(judge(read(0.5, 0.8), { ...GOOD, rate: 10 }).preset, null, "a slow computer misses quick letters");
});

test("a letter that is not read leads to enrolment, unless light or size explain it", () => {
  assert.deepEqual(wrong(judge(read(1, null), GOOD)), ["L was not read."]);
  assert.equal(judge(read(1, null), GOOD).enrol, true);
  assert.equal(judge(read(null, null), { ...GOOD, light: 0.1 }).enrol, false);
  assert.equal(judge(read(null, null), { ...GOOD, size: 0.05 }).enrol, false);
  assert.equal(judge(read(null, null), { ...GOOD, size: null }).enrol, false);
});

test("dim light, a small hand and few pictures are each said", () => {
  assert.equal(wrong(judge(read(1.5, 2), { light: 0.1, size: 0.1, rate: 9 })).length, 3);
});
