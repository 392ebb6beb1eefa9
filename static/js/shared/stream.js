// @ts-check

/**
 * All that a page follows comes through one WebSocket. Browsers open six connections to a server and no more, over all
 * their tabs, and a stream of its own holds one of them for good; of sockets they open some two hundred beside those.
 *
 * @typedef {"cut" | "refused" | "full"} Gone the server does not answer; it is there and says no; it has no room
 * @typedef {{
 *   events?: Record<string, (data: any) => void>,
 *   picture?: (jpeg: Blob) => void,
 *   plainly?: (address: string | null) => void,
 *   opened?: () => void,
 *   gone?: (why: Gone, sentence: string) => void,
 * }} Listener `plainly` is given the address to take pictures from where no socket comes about; null to leave it
 * @typedef {{number: number, address: string, listener: Listener, leave: () => void, retry: number | undefined}} Followed
 */

const SOCKET = "/api/v1/socket";
const RETRY_MS = 1000;
const FULL_RETRY_MS = 2000;
const REFUSED_RETRY_MS = 5000; // somebody may open a new link in another tab
const NEVER_OPENED = 3; // sockets that did not come about though the server is there: something here forbids them
const NUMBERS = 256;

export const ENDED = "Signcap has quit. Start it again in the terminal.";
export const ANEW = "Signcap has restarted. Open the link in the terminal.";
const FULL = "Too many pages are open. Close one.";

/** The one connection of a page. It is there while something is followed, and comes back by itself. */
export class Connection {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<number, Followed>} */
  #followed = new Map();
  #last = -1;
  /** @type {number | undefined} */
  #timer;
  #asking = false;
  #misses = 0; // sockets that never opened, since the last one that did
  #alone = false; // each stream for itself: no socket comes about here
  #away = false; // the page is left, perhaps to be come back to

  constructor() {
    addEventListener("pagehide", () => this.#rest());
    addEventListener("pageshow", () => this.#goOn());
    // Timers of hidden pages wait for a minute: who looks again need not.
    document.addEventListener("visibilitychange", () => document.hidden || this.#goOn());
    addEventListener("online", () => this.#goOn());
  }

  /**
   * Follow a stream until the page is closed, whatever happens to the connection or to Signcap.
   *
   * @param {string} address of the API's stream, query included
   * @param {Listener} listener
   * @returns {() => void} leaves it
   */
  follow(address, listener) {
    /** @type {Followed} */
    const stream = { number: this.#free(), address, listener, leave: () => {}, retry: undefined };
    this.#followed.set(stream.number, stream);
    if (this.#alone) {
      this.#followAlone(stream);
    } else if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#ask(stream);
    } else if (this.#socket === null && !this.#away && !this.#asking && this.#timer === undefined) {
      this.#open();
    }
    return () => {
      clearTimeout(stream.retry);
      if (this.#followed.get(stream.number) === stream) {
        this.#followed.delete(stream.number);
        stream.leave();
        this.#send({ leave: stream.number });
      }
    };
  }

  #free() {
    do {
      this.#last = (this.#last + 1) % NUMBERS;
    } while (this.#followed.has(this.#last));
    return this.#last;
  }

  #open() {
    const socket = new WebSocket(`ws://${location.host}${SOCKET}`);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    let opened = false;
    socket.addEventListener("open", () => {
      if (socket === this.#socket) {
        opened = true;
        this.#misses = 0;
        this.#followed.forEach((stream) => this.#ask(stream));
      }
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) {
        return; // of one that was let go of
      }
      if (typeof data === "string") {
        this.#hear(JSON.parse(data));
      } else {
        this.#see(new Uint8Array(data));
      }
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) {
        this.#socket = null;
        this.#misses += opened ? 0 : 1;
        this.#tell("cut", ENDED);
        this.#again(opened ? RETRY_MS : 0);
      }
    });
  }

  /** @param {Followed} stream */
  #ask({ number, address, retry }) {
    clearTimeout(retry); // of a refusal: asked for twice, the server would take the socket for broken, and close it
    this.#send({ follow: number, stream: address });
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /** @param {{of: number, open?: true, event?: string, data?: any, refused?: number, error?: string, ended?: true}} message */
  #hear(message) {
    const stream = this.#followed.get(message.of);
    if (!stream) {
      return;
    }
    if (message.event !== undefined) {
      stream.listener.events?.[message.event]?.(message.data);
    } else if (message.open) {
      stream.listener.opened?.();
    } else {
      this.#refused(stream, message);
    }
  }

  /**
   * One stream alone is refused, or has ended: the others go on.
   *
   * @param {Followed} stream
   * @param {{refused?: number, error?: string}} message
   */
  #refused(stream, { refused, error }) {
    const isSecret = refused === 401 || refused === 403;
    stream.listener.gone?.(isSecret ? "refused" : refused ? "full" : "cut", isSecret ? ANEW : (error ?? ENDED));
    this.#followed.delete(stream.number);
    stream.number = this.#free(); // what still comes under the old one is not taken for the new one's
    this.#followed.set(stream.number, stream);
    stream.retry = window.setTimeout(() => this.#ask(stream), isSecret ? REFUSED_RETRY_MS : FULL_RETRY_MS);
  }

  /** @param {Uint8Array<ArrayBuffer>} message the number of a stream, then a JPEG image */
  #see(message) {
    this.#followed.get(message[0])?.listener.picture?.(new Blob([message.subarray(1)], { type: "image/jpeg" }));
  }

  /**
   * @param {Gone} why
   * @param {string} sentence
   */
  #tell(why, sentence) {
    this.#followed.forEach(({ listener, retry }) => {
      clearTimeout(retry);
      listener.gone?.(why, sentence);
    });
  }

  /** @param {number} pause in milliseconds */
  #again(pause) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#lookForServer(), pause);
  }

  /** A socket does not tell why it cannot be opened, and browsers put off those that come after a failure: ask first. */
  async #lookForServer() {
    this.#timer = undefined;
    if (this.#asking) {
      return;
    }
    this.#asking = true;
    const [why, sentence] = await whatIsThere();
    this.#asking = false;
    if (this.#away || this.#socket || this.#alone) {
      return;
    }
    if (why !== null) {
      this.#tell(why, sentence);
      this.#again(why === "refused" ? REFUSED_RETRY_MS : why === "full" ? FULL_RETRY_MS : RETRY_MS);
    } else if (this.#misses >= NEVER_OPENED) {
      this.#alone = true;
      this.#followed.forEach((stream) => this.#followAlone(stream));
    } else {
      this.#open();
    }
  }

  #goOn() {
    this.#away = false;
    if (this.#alone) {
      return;
    }
    const isGone = this.#socket === null || this.#socket.readyState > WebSocket.OPEN;
    if (isGone && !this.#asking && this.#followed.size > 0) {
      this.#socket = null;
      this.#again(0);
    }
  }

  #rest() {
    this.#away = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** @param {Followed} stream */
  #followAlone(stream) {
    const { address, listener } = stream;
    if (listener.plainly) {
      listener.plainly(address);
      stream.leave = () => listener.plainly?.(null);
      return;
    }
    const source = new EventSource(address);
    stream.leave = () => source.close();
    source.addEventListener("open", () => listener.opened?.());
    for (const [name, hear] of Object.entries(listener.events ?? {})) {
      source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
    }
    source.addEventListener("error", async () => {
      if (source.readyState !== EventSource.CLOSED) {
        listener.gone?.("cut", ENDED); // the browser tries again by itself
        return;
      }
      const [why, sentence] = await whatIsThere();
      listener.gone?.(why ?? "full", sentence || FULL);
      stream.retry = window.setTimeout(() => this.#followAlone(stream), why === "refused" ? REFUSED_RETRY_MS : FULL_RETRY_MS);
    });
  }
}

/**
 * Why there is no connection; null where the server is there and would give one.
 *
 * @returns {Promise<[Gone | null, string]>}
 */
async function whatIsThere() {
  try {
    const response = await fetch(SOCKET, { cache: "no-store" });
    if (response.ok) {
      return [null, ""];
    }
    return response.status === 401 || response.status === 403 ? ["refused", ANEW] : ["full", FULL];
  } catch {
    return ["cut", ENDED];
  }
}

/** @type {Connection | undefined} */
let ofThisPage;

/**
 * Follow a stream through this page's connection; see `Connection.follow`.
 *
 * @param {string} address
 * @param {Listener} listener
 */
export function follow(address, listener) {
  ofThisPage ??= new Connection();
  return ofThisPage.follow(address, listener);
}
