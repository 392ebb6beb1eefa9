import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Player } from "../../static/js/spell/player.js";

const PLAN = {
  letters: [
    { letter: "A", word: 0, start: 1, end: 2 },
    { letter: "Z", word: 0, start: 3, end: 4 },
    { letter: "B", word: 1, start: 5, end: 6 },
  ],
  duration: 7,
  remarks: [],
};
const ASKED = { text: "az b", speed: 2, signer: null, left_handed: false };

/** A video element whose time goes on, and whose pictures come, when a test says so. */
class Video extends EventTarget {
  paused = true;
  ended = false;
  seeking = false;
  readyState = 0;
  came = [0, 0]; // seconds from which to which pictures have come
  sources = 0;
  #at = 0;

  get currentTime() {
    return this.#at;
  }

  set currentTime(at) {
    this.#at = at;
    this.seeking = true;
    this.dispatchEvent(new Event("seeking"));
  }

  get buffered() {
    const [start, end] = this.came;
    return { length: end > start ? 1 : 0, start: () => start, end: () => end };
  }

  set src(url) {
    this.ended = false;
    this.readyState = 0;
    this.sources += 1;
    queueMicrotask(() => sources.get(url).dispatchEvent(new Event("sourceopen")));
  }

  async play() {
    this.paused = false;
    this.dispatchEvent(new Event("playing"));
  }

  pause() {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  /** The picture of its time is there. */
  arrive() {
    this.readyState = 4;
    this.seeking = false;
    this.dispatchEvent(new Event("seeked"));
  }

  /** @param {number} at what plays has come there */
  reach(at) {
    this.#at = at;
    this.seeking = false;
    if (at >= PLAN.duration) {
      this.ended = true;
      this.paused = true;
      this.dispatchEvent(new Event("ended"));
    }
    nextFrame();
  }
}

/** Each piece that is appended is a second of pictures. */
class Source extends EventTarget {
  static isTypeSupported = () => true;
  readyState = "open";

  addSourceBuffer() {
    const buffer = new EventTarget();
    Object.defineProperty(buffer, "buffered", { get: () => video.buffered });
    buffer.appendBuffer = () => {
      video.came[1] += 1;
      video.readyState = 4;
      queueMicrotask(() => buffer.dispatchEvent(new Event("updateend")));
    };
    return buffer;
  }

  endOfStream() {
    this.readyState = "ended";
  }
}

let video;
let player;
let marked;
let states;
let troubles;
let asked; // of the server: from which letter on
let stream;
let sources;
let follow; // what is called with the next picture of the screen

const nextFrame = () => follow();
/** Let promises that are settled be heard. */
const settle = () => new Promise((done) => setTimeout(done, 1));

async function come(seconds) {
  for (let second = 0; second < seconds; second += 1) stream.enqueue(new Uint8Array(1));
  await settle();
}

async function comeAll() {
  await come(PLAN.duration - video.came[1]);
  stream.close();
  await settle();
}

beforeEach(() => {
  [marked, states, troubles, asked, sources] = [[], ["loading"], [], [], new Map()];
  globalThis.HTMLMediaElement = { HAVE_CURRENT_DATA: 2, HAVE_FUTURE_DATA: 3 };
  globalThis.MediaSource = Source;
  globalThis.requestAnimationFrame = (callback) => (follow = callback);
  URL.createObjectURL = (source) => {
    const url = `blob:${sources.size}`;
    sources.set(url, source);
    return url;
  };
  URL.revokeObjectURL = () => {};
  globalThis.fetch = async (_path, { body, signal }) => {
    const { first } = JSON.parse(body);
    asked.push(first);
    const from = Math.max(0, PLAN.letters[first].start - 1);
    video.came = first ? [from, from] : [0, 0];
    const pictures = new ReadableStream({ start: (controller) => (stream = controller) });
    signal.addEventListener("abort", () => stream.error(new Error("aborted")));
    return new Response(pictures);
  };
  video = new Video();
  player = new Player(video, {
    letter: (index) => marked.push(index),
    state: (state) => states.push(state),
    trouble: (sentence) => troubles.push(sentence),
  });
});

async function shown(playing = false) {
  player.show(ASKED, PLAN, 0, playing);
  await settle();
  await comeAll();
  video.arrive();
}

test("a text that is not played rests at the middle of its first letter", async () => {
  await shown();
  assert.equal(video.currentTime, 1.5);
  assert.deepEqual([marked.at(-1), states.at(-1), player.playing], [0, "ready", false]);
});

test("it plays when half a second has come, and not before", async () => {
  player.show(ASKED, PLAN, 0, true);
  await settle();
  assert.deepEqual([states.at(-1), video.paused, player.playing], ["loading", true, true]);
  await come(1);
  video.arrive();
  assert.deepEqual([states.at(-1), video.paused], ["playing", false]);
});

test("each letter is marked from a moment before its sign is reached until the next", async () => {
  await shown(true);
  marked.length = 0;
  for (const [at, index] of [[0.5, -1], [0.87, -1], [0.89, 0], [2.5, 0], [2.87, 0], [2.89, 1], [4.9, 2], [6.5, 2]]) {
    video.reach(at);
    assert.equal(player.letter, index, `at ${at}`);
  }
  assert.deepEqual(marked, [0, 1, 2], "each is told once");
  video.reach(7);
  assert.deepEqual([states.at(-1), player.playing], ["ended", false]);
});

test("a step shows the middle of a letter at rest, and goes no further than the ends", async () => {
  await shown();
  player.jump(2, false);
  assert.deepEqual([video.currentTime, video.paused, player.letter], [5.5, true, 2]);
  video.arrive();
  assert.equal(player.step(1), 2);
  video.arrive();
  player.jump(0, false);
  video.arrive();
  assert.equal(player.step(-1), 0);
  assert.deepEqual(asked, [0], "all of it had come");
});

test("a letter that is gone to is marked at once, whatever is passed on the way", async () => {
  await shown();
  player.jump(2, false);
  nextFrame();
  assert.equal(player.letter, 2);
  player.jump(0, false);
  assert.equal(player.letter, 0);
});

test("a letter that moves is played from before its sign to its end, and no more", async () => {
  await shown();
  player.step(1);
  assert.deepEqual([video.currentTime, video.paused], [2.95, false]);
  video.reach(3.9);
  assert.equal(video.paused, false);
  video.reach(4.01);
  assert.deepEqual([video.paused, video.currentTime, player.letter], [true, 4.01, 1]);
  player.toggle();
  video.reach(4.5);
  assert.equal(video.paused, false, "played on, it does not end there again");
});

test("a browser that was busy meanwhile goes back to the end of the letter", async () => {
  await shown();
  player.step(1);
  video.reach(5.2);
  assert.deepEqual([video.paused, video.currentTime], [true, 4]);
  video.arrive();
  assert.deepEqual([player.letter, states.at(-1)], [1, "ready"]);
});

test("a letter that has not come is drawn from, and what came before is not waited for", async () => {
  player.show(ASKED, PLAN, 0, false);
  await settle();
  await come(2);
  player.jump(2, false);
  await settle();
  assert.deepEqual([asked, states.at(-1), video.currentTime], [[0, 2], "loading", 5.5]);
  await come(3);
  video.arrive();
  assert.deepEqual([states.at(-1), player.letter, troubles.at(-1)], ["ready", 2, ""]);
});

test("the same text signed in another way goes on at its letter", async () => {
  await shown();
  player.show({ ...ASKED, left_handed: true }, PLAN, 2, true);
  await settle();
  await come(2);
  video.arrive();
  assert.deepEqual([asked, video.currentTime, video.paused], [[0, 2], 4.95, false]);
});

test("pictures that are cut off are told, and play goes on where they were", async () => {
  player.show(ASKED, PLAN, 0, true);
  await settle();
  await come(4);
  video.reach(3.2);
  stream.error(new TypeError("network error"));
  await settle();
  assert.deepEqual([states.at(-1), troubles.at(-1)], ["cut", "The pictures stopped. Press play to continue."]);
  player.toggle();
  await settle();
  assert.deepEqual([asked, video.currentTime], [[0, 1], 3.2]);
  await come(2);
  video.arrive();
  assert.deepEqual([states.at(-1), troubles.at(-1), video.paused], ["playing", "", false]);
});

test("a refusal is told with its sentence", async () => {
  globalThis.fetch = async () => Response.json({ error: "Other texts are being signed." }, { status: 503 });
  player.show(ASKED, PLAN, 0, true);
  await settle();
  assert.deepEqual([states.at(-1), troubles.at(-1)], ["cut", "Other texts are being signed."]);
});

test("play pauses, goes on, and begins again at the end", async () => {
  await shown(true);
  video.reach(2.5);
  player.toggle();
  assert.deepEqual([video.paused, states.at(-1)], [true, "ready"]);
  player.toggle();
  assert.deepEqual([video.paused, states.at(-1), video.currentTime], [false, "playing", 2.5]);
  video.reach(7);
  player.toggle();
  assert.deepEqual([video.currentTime, video.paused], [0, false]);
  video.arrive();
  video.reach(1.5);
  player.again();
  assert.equal(video.currentTime, 0);
});

test("what was asked for before says nothing any longer", async () => {
  player.show(ASKED, PLAN, 0, true);
  await settle();
  player.show({ ...ASKED, text: "other" }, PLAN, 0, true);
  await settle();
  assert.equal(asked.length, 2);
  assert.ok(!states.includes("cut"), "the first was let go of, and not cut off");
  player.close();
  await settle();
  assert.ok(!states.includes("cut"));
});
