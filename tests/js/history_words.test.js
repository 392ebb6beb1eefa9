process.env.TZ = "Europe/Berlin"; // before the first date is made

const { default: assert } = await import("node:assert/strict");
const { test } = await import("node:test");
const words = await import("../../static/js/history/words.js");

const session = (/** @type {object} */ more) => ({ began: "2026-03-09T18:45:03+01:00", seconds: 0, words: 0, ...more });

test("a session has a day, a beginning and a title", () => {
  assert.match(words.dayOf(session({})), /^Monday,? 9 March 2026$/);
  assert.equal(words.startOf(session({})), "18:45");
  assert.match(words.titleOf(session({})), /^Mon,? 9 Mar 2026, 18:45$/);
});

test("today and yesterday are called so", () => {
  const now = new Date();
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, 12);
  const older = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 2, 12);
  assert.equal(words.dayOf(session({ began: now.toISOString() })), "Today");
  assert.equal(words.dayOf(session({ began: before.toISOString() })), "Yesterday");
  assert.match(words.dayOf(session({ began: older.toISOString() })), /\d{4}$/);
});

test("a caption has its time of day", () => {
  assert.equal(words.timeOf(session({}), { start: 61.4 }), "18:46:04");
});

const LENGTHS = [
  [0, "1 s"],
  [0.4, "1 s"],
  [59.4, "59 s"],
  [60, "1 min"],
  [89, "1 min"],
  [90, "2 min"],
  [3569, "59 min"],
  [3600, "1 h 00 min"],
  [5460, "1 h 31 min"],
];

for (const [seconds, length] of LENGTHS) {
  test(`${seconds} s are ${length}`, () => {
    assert.equal(words.factsOf(session({ seconds, words: 2 })), `${length} · 2 words`);
  });
}

test("one is no plural, and thousands are parted", () => {
  assert.equal(words.count(1, "caption"), "1 caption");
  assert.equal(words.count(0, "caption"), "0 captions");
  assert.equal(words.count(1234, "word"), "1,234 words");
});

test("what was sought is marked", () => {
  globalThis.document = {
    createElement: (tag) => ({ tag, text: "", setAttribute() {}, append(child) { this.text += child; } }),
  };
  const [before, mark, after] = words.marked([["NICE TO ", false], ["MEET", true], [" YOU", false]]);
  assert.equal(before, "NICE TO ");
  assert.deepEqual([mark.tag, mark.text], ["mark", "MEET"]);
  assert.equal(after, " YOU");
});
