import assert from "node:assert/strict";
import { before, beforeEach, mock, test } from "node:test";

const PICTURE = "/api/v1/preview.mjpeg";

/** An image that is decoded when a test says so. */
class Picture extends EventTarget {
  #src = null;
  shown = [];
  decoding = [];

  set src(url) {
    this.#src = url;
    this.shown.push(url);
  }

  get src() {
    return this.#src;
  }

  removeAttribute() {
    this.#src = null;
  }

  decode() {
    return new Promise((resolve, reject) => this.decoding.push({ resolve, reject }));
  }
}

let Pictures;
let socket;
let image;
let gone;
let urls;

before(async () => {
  globalThis.addEventListener ??= () => {};
  Object.assign(globalThis, {
    window: globalThis,
    location: { host: "127.0.0.1:8765" },
    document: Object.assign(new EventTarget(), { hidden: false }),
    Image: class {
      async decode() {}
    },
    // One for all tests, as a page has one.
    WebSocket: class extends EventTarget {
      static OPEN = 1;
      readyState = 1;
      sent = [];

      constructor() {
        super();
        socket = this;
      }

      send(text) {
        this.sent.push(JSON.parse(text));
      }
    },
  });
  ({ Pictures } = await import("../../static/js/shared/pictures.js"));
});

beforeEach(() => {
  document.hidden = false;
  urls = [];
  URL.createObjectURL = () => `blob:${urls.push(true)}`;
  URL.revokeObjectURL = (url) => (urls[Number(url.slice(5)) - 1] = false);
  image = new Picture();
  gone = mock.fn();
});

const settle = () => new Promise((resolve) => setImmediate(resolve));

function hide(hidden) {
  document.hidden = hidden;
  document.dispatchEvent(new Event("visibilitychange"));
}

/** The number under which the picture is followed now. */
function number() {
  const last = socket.sent.at(-1);
  assert.equal(last.stream, PICTURE);
  return last.follow;
}

async function come(of) {
  socket.dispatchEvent(Object.assign(new Event("message"), { data: new Uint8Array([of, 0xff, 0xd8]).buffer }));
  await settle();
}

async function opened() {
  const pictures = new Pictures(image, PICTURE, gone);
  pictures.open();
  if (socket.sent.length === 0) socket.dispatchEvent(new Event("open"));
  return pictures;
}

test("pictures follow each other, and of those that wait the newest is shown", async () => {
  const pictures = await opened();
  const of = number();
  await come(of);
  assert.deepEqual(image.shown, ["blob:1"]);
  await come(of);
  await come(of);
  assert.deepEqual(image.shown, ["blob:1"], "the first is still being decoded");
  image.decoding.pop().resolve();
  await settle();
  assert.deepEqual(image.shown, ["blob:1", "blob:2"], "one of the two was left out");
  image.decoding.pop().reject(new Error("cannot be decoded"));
  await settle();
  assert.deepEqual(urls, [false, false], "nothing is left in memory");
  await come(of);
  assert.equal(image.shown.length, 3);
  image.decoding.pop().resolve();
  await settle();
  pictures.close();
  assert.deepEqual([image.src, socket.sent.at(-1)], [null, { leave: of }]);
});

test("a hidden page lets go of its pictures, and has them again when it is seen", async () => {
  const pictures = await opened();
  const of = number();
  await come(of);
  image.decoding.pop().resolve();
  await settle();
  hide(true);
  assert.deepEqual(socket.sent.at(-1), { leave: of });
  assert.equal(image.src, "blob:1", "what was there stays, so that nothing flickers");
  hide(false);
  await come(number());
  assert.equal(image.shown.length, 2);
  pictures.close();
  const sent = socket.sent.length;
  hide(true);
  hide(false);
  assert.equal(socket.sent.length, sent);
});

test("a page that is opened behind another asks for none", async () => {
  document.hidden = true;
  const sent = socket.sent.length;
  const pictures = await opened();
  assert.deepEqual([socket.sent.length, pictures.isOpen], [sent, true]);
  hide(false);
  assert.equal(socket.sent.length, sent + 1);
  pictures.close();
});
