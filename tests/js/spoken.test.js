// The cases that overlay/speech/spoken.py is tested with too: the page's voice and the call's read captions alike.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { spoken } from "../../static/js/shared/spoken.js";

const CASES = JSON.parse(readFileSync(new URL("../spoken.json", import.meta.url), "utf8"));

for (const { caption, spoken: expected } of CASES) {
  test(caption, () => assert.equal(spoken(caption, true), expected));
}

test("in other languages what looks like a number or a letter may be a word", () => {
  assert.equal(spoken("VI SES, IL Y A", false), "vi ses, il y a");
});
