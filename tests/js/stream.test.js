import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ANEW, Connection, ENDED } from "../../static/js/shared/stream.js";

const CAPTIONS = "/api/v1/captions/events?page=start";
const PICTURE = "/api/v1/preview.mjpeg";

/** A socket that opens, hears and closes when a test says so. */
class Socket extends EventTarget {
  static OPEN = 1;
  static made = [];
  readyState = 0;
  sent = [];

  constructor(url) {
    super();
    this.url = url;
    Socket.made.push(this);
  }

  send(text) {
    assert.equal(this.readyState, 1);
    this.sent.push(JSON.parse(text));
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  hear(message) {
    const data = message instanceof Uint8Array ? message.buffer : JSON.stringify(message);
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  close() {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

class Source extends EventTarget {
  static CLOSED = 2;
  static made = [];
  readyState = 1;

  constructor(url) {
    super();
    this.url = url;
    Source.made.push(this);
  }

  close() {
    this.readyState = 2;
  }
}

let page;
let status; // of what is there; null: nothing is
let asked;

beforeEach(() => {
  page = new EventTarget();
  Socket.made = [];
  Source.made = [];
  asked = 0;
  status = 200;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, {
    window: globalThis,
    addEventListener: page.addEventListener.bind(page),
    document: Object.assign(new EventTarget(), { hidden: false }),
    location: { host: "127.0.0.1:8765" },
    WebSocket: Socket,
    EventSource: Source,
    fetch: async () => {
      asked += 1;
      if (status === null) throw new TypeError("Failed to fetch");
      return { ok: status === 200, status };
    },
  });
});

/** What is under way without a timer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function wait(ms) {
  mock.timers.tick(ms);
  await settle();
}

function listening(log = []) {
  return {
    log,
    opened: () => log.push("opened"),
    events: { captions: (data) => log.push(data) },
    gone: (why, sentence) => log.push([why, sentence]),
  };
}

test("several streams share one socket, each hears its own", () => {
  const connection = new Connection();
  const [one, other] = [listening(), listening()];
  connection.follow(CAPTIONS, one);
  connection.follow("/api/v1/events", other);
  assert.equal(Socket.made.length, 1);
  const [socket] = Socket.made;
  assert.equal(socket.url, "ws://127.0.0.1:8765/api/v1/socket");
  socket.open();
  assert.deepEqual(socket.sent, [{ follow: 0, stream: CAPTIONS }, { follow: 1, stream: "/api/v1/events" }]);
  socket.hear({ of: 1, open: true });
  socket.hear({ of: 0, open: true });
  socket.hear({ of: 0, event: "captions", data: "HELLO" });
  socket.hear({ of: 0, event: "of a later Signcap", data: 1 });
  assert.deepEqual([one.log, other.log], [["opened", "HELLO"], ["opened"]]);
  connection.follow(PICTURE, {});
  assert.deepEqual(socket.sent.at(-1), { follow: 2, stream: PICTURE });
});

test("pictures go to whom they belong", async () => {
  const connection = new Connection();
  const pictures = [];
  connection.follow(PICTURE, { picture: (jpeg) => pictures.push(jpeg) });
  Socket.made[0].open();
  Socket.made[0].hear(new Uint8Array([0, 0xff, 0xd8]));
  Socket.made[0].hear(new Uint8Array([9, 1]));
  assert.equal(pictures.length, 1);
  assert.deepEqual(new Uint8Array(await pictures[0].arrayBuffer()), new Uint8Array([0xff, 0xd8]));
  assert.equal(pictures[0].type, "image/jpeg");
});

test("who leaves hears no more, and a new stream is not taken for it", () => {
  const connection = new Connection();
  const [one, other] = [listening(), listening()];
  const leave = connection.follow(CAPTIONS, one);
  const [socket] = Socket.made;
  socket.open();
  leave();
  leave();
  assert.deepEqual(socket.sent.at(-1), { leave: 0 });
  connection.follow(CAPTIONS, other);
  socket.hear({ of: 0, event: "captions", data: "late" });
  assert.deepEqual([one.log, other.log], [[], []]);
  assert.deepEqual(socket.sent.at(-1), { follow: 1, stream: CAPTIONS });
});

test("when Signcap ends the page says so, and goes on as soon as it is there again", async () => {
  const connection = new Connection();
  const one = listening();
  connection.follow(CAPTIONS, one);
  Socket.made[0].open();
  status = null;
  Socket.made[0].close();
  assert.deepEqual(one.log, [["cut", ENDED]]);
  for (const _ of Array(5)) await wait(1000);
  assert.equal(Socket.made.length, 1, "a browser puts off sockets that fail: none is tried");
  assert.ok(asked >= 4);
  status = 200;
  await wait(1000);
  assert.equal(Socket.made.length, 2);
  Socket.made[1].open();
  assert.deepEqual(Socket.made[1].sent, [{ follow: 0, stream: CAPTIONS }]);
  Socket.made[1].hear({ of: 0, open: true });
  assert.equal(one.log.at(-1), "opened");
});

test("a new run that does not know the page says so, until its link is opened somewhere", async () => {
  const connection = new Connection();
  const one = listening();
  connection.follow(CAPTIONS, one);
  Socket.made[0].open();
  status = 401;
  Socket.made[0].close();
  await wait(1000);
  assert.deepEqual(one.log.at(-1), ["refused", ANEW]);
  status = 200;
  await wait(5000);
  assert.equal(Socket.made.length, 2);
});

test("a page that is looked at again does not wait for its turn", async () => {
  const connection = new Connection();
  connection.follow(CAPTIONS, listening());
  Socket.made[0].open();
  status = null;
  Socket.made[0].close();
  await wait(1000);
  status = 200;
  document.dispatchEvent(new Event("visibilitychange"));
  await wait(0);
  assert.equal(Socket.made.length, 2);
});

test("a hidden page that is cut off goes on by itself", async () => {
  const connection = new Connection();
  connection.follow(CAPTIONS, listening());
  Socket.made[0].open();
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(Socket.made[0].readyState, 1, "its captions go on");
  Socket.made[0].close();
  await wait(1000);
  assert.equal(Socket.made.length, 2);
});

test("a page that is left lets go at once, and who comes back to it finds it live", async () => {
  const connection = new Connection();
  const one = listening();
  connection.follow(CAPTIONS, one);
  Socket.made[0].open();
  page.dispatchEvent(new Event("pagehide"));
  assert.equal(Socket.made[0].readyState, 3);
  await wait(10_000);
  assert.deepEqual([Socket.made.length, one.log], [1, []]);
  page.dispatchEvent(new Event("pageshow"));
  await wait(0);
  Socket.made[1].open();
  assert.deepEqual(Socket.made[1].sent, [{ follow: 0, stream: CAPTIONS }]);
});

test("a stream for which there is no room is asked for again, the others go on", async () => {
  const connection = new Connection();
  const [one, other] = [listening(), listening()];
  connection.follow(CAPTIONS, one);
  connection.follow("/api/v1/events", other);
  const [socket] = Socket.made;
  socket.open();
  socket.hear({ of: 0, refused: 503, error: "Too many: close one." });
  assert.deepEqual([one.log, other.log], [[["full", "Too many: close one."]], []]);
  await wait(2000);
  assert.deepEqual(socket.sent.at(-1), { follow: 2, stream: CAPTIONS });
  socket.hear({ of: 2, open: true });
  assert.equal(one.log.at(-1), "opened");
});

test("a stream that waits to be asked for again is asked for once when the page is come back to", async () => {
  const connection = new Connection();
  connection.follow(CAPTIONS, listening());
  Socket.made[0].open();
  Socket.made[0].hear({ of: 0, refused: 503, error: "Too many." });
  page.dispatchEvent(new Event("pagehide"));
  page.dispatchEvent(new Event("pageshow"));
  await wait(0);
  Socket.made[1].open();
  await wait(10_000);
  assert.deepEqual(Socket.made[1].sent, [{ follow: 1, stream: CAPTIONS }]);
});

test("a stream that waits to be asked for again is asked for once when the socket comes back", async () => {
  const connection = new Connection();
  connection.follow(CAPTIONS, listening());
  Socket.made[0].open();
  Socket.made[0].hear({ of: 0, refused: 503, error: "Too many." });
  Socket.made[0].close();
  await wait(1000);
  Socket.made[1].open();
  await wait(10_000);
  assert.deepEqual(Socket.made[1].sent, [{ follow: 1, stream: CAPTIONS }]);
});

test("where something forbids sockets each stream comes by itself", async () => {
  const connection = new Connection();
  const [one, addresses] = [listening(), []];
  connection.follow(CAPTIONS, one);
  const leave = connection.follow(PICTURE, { plainly: (address) => addresses.push(address) });
  for (let turn = 0; turn < 3; turn += 1) {
    Socket.made.at(-1).close();
    await wait(0);
  }
  assert.equal(Socket.made.length, 3);
  assert.deepEqual([Source.made.map(({ url }) => url), addresses], [[CAPTIONS], [PICTURE]]);
  const source = Source.made[0];
  source.dispatchEvent(new Event("open"));
  source.dispatchEvent(Object.assign(new Event("captions"), { data: '"HELLO"' }));
  assert.deepEqual(one.log.slice(-2), ["opened", "HELLO"]);
  leave();
  assert.deepEqual(addresses, [PICTURE, null]);
  status = 401;
  source.readyState = Source.CLOSED;
  source.dispatchEvent(new Event("error"));
  await settle();
  assert.deepEqual(one.log.at(-1), ["refused", ANEW]);
  status = 200;
  await wait(5000);
  assert.equal(Source.made.length, 2);
});
