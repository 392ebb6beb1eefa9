import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SettingsLink } from "../../static/js/shared/settings_link.js";

/** @type {{method: string, path: string, body: any, answer: (status: number, body: object) => void, fail: () => void}[]} */
let asked;
let shown;
let note;
let link;

beforeEach(() => {
  asked = [];
  shown = [];
  note = { textContent: "" };
  globalThis.fetch = (path, { method, body }) =>
    new Promise((resolve, reject) => {
      asked.push({
        method,
        path,
        body: JSON.parse(body),
        answer: (status, answer) => resolve({ status, ok: status < 400, json: async () => answer }),
        fail: () => reject(new TypeError("no connection")),
      });
    });
  link = new SettingsLink((event) => shown.push(event.revision), note);
});

/** Let promises that are settled be heard. */
const settle = () => new Promise((done) => setImmediate(done));

test("changes are sent one after the other", async () => {
  const first = link.change({ voice: { speed: 1 } });
  const second = link.change({ caption: { size: 2 } });
  await settle();
  assert.deepEqual(asked.map(({ body }) => body), [{ voice: { speed: 1 } }]);
  assert.equal(link.settled, false);
  asked[0].answer(200, { revision: 1 });
  await first;
  await settle();
  assert.deepEqual(asked[1].body, { caption: { size: 2 } });
  asked[1].answer(200, { revision: 2 });
  assert.equal(await second, "");
  assert.equal(link.settled, true);
  assert.deepEqual(shown, [1, 2]);
});

test("of a slider that is drawn, the newest value is enough", async () => {
  const moves = [1, 2, 3, 4].map((size) => link.change({ caption: { size } }));
  await settle();
  assert.deepEqual(asked[0].body, { caption: { size: 4 } }, "none had been sent yet");
  const later = [5, 6].map((size) => link.change({ caption: { size } }));
  asked[0].answer(200, { revision: 1 });
  await settle();
  assert.deepEqual(asked[1].body, { caption: { size: 6 } });
  asked[1].answer(200, { revision: 2 });
  await Promise.all([...moves, ...later]);
  assert.equal(asked.length, 2);
});

test("settings of other names are not put together", async () => {
  link.change({ caption: { size: 1 } });
  link.change({ caption: { lines: 2 } });
  link.change({ caption: { size: 3 } });
  for (let turn = 0; turn < 3; turn += 1) {
    await settle();
    asked[turn].answer(200, { revision: turn });
  }
  await settle();
  assert.deepEqual(asked.map(({ body }) => body.caption), [{ size: 1 }, { lines: 2 }, { size: 3 }]);
});

test("a preset goes after what was changed before, and before what is changed later", async () => {
  link.change({ caption: { size: 1 } });
  link.take("presets/steady");
  link.change({ caption: { size: 2 } });
  for (let turn = 0; turn < 3; turn += 1) {
    await settle();
    asked[turn].answer(200, { revision: turn });
  }
  await settle();
  assert.deepEqual(asked.map(({ method, path }) => `${method} ${path}`), [
    "PATCH /api/v1/settings",
    "POST /api/v1/settings/presets/steady",
    "PATCH /api/v1/settings",
  ]);
});

test("news that is older than what was seen is dropped, until there is a new stream", () => {
  link.hear({ revision: 5 });
  link.hear({ revision: 4 });
  assert.deepEqual(shown, [5]);
  link.opened();
  link.hear({ revision: 1 });
  assert.deepEqual(shown, [5, 1]);
  assert.equal(link.known.revision, 1);
});

test("a refusal is told with its sentence, and the fields go back to what is known", async () => {
  link.hear({ revision: 3 });
  const done = link.change({ caption: { size: 99 } });
  await settle();
  asked[0].answer(422, { error: "That cannot be set: too large." });
  assert.equal(await done, "That cannot be set: too large.");
  assert.equal(note.textContent, "That cannot be set: too large.");
  assert.deepEqual(shown, [3, 3]);
  const next = link.change({ caption: { size: 1 } });
  await settle();
  assert.equal(note.textContent, "", "the next change takes the sentence away");
  asked[1].answer(200, { revision: 4 });
  assert.equal(await next, "");
});

test("a Signcap that does not answer is told, and later changes are sent all the same", async () => {
  const first = link.change({ caption: { size: 1 } });
  const second = link.change({ voice: { speed: 2 } });
  await settle();
  asked[0].fail();
  assert.match(await first, /does not answer/);
  await settle();
  asked[1].answer(200, { revision: 1 });
  assert.equal(await second, "");
});

test("another place for what went wrong, or none", async () => {
  const other = { textContent: "old" };
  for (const [place, expected] of [[other, "No."], [null, undefined]]) {
    const done = link.change({ caption: { size: 1 } }, place);
    await settle();
    asked.at(-1).answer(422, { error: "No." });
    assert.equal(await done, "No.");
    assert.equal(place?.textContent, expected);
    assert.equal(note.textContent, "");
  }
});
