// @ts-check
import { Absent, open } from "./server.js";
import { kept } from "./store.js";

/**
 * @typedef {{lines: string[], committed: string, partial: string}} Words the newest finished captions and the growing one
 * @typedef {"live" | "gone" | "unpaired"} Link
 */

const KEPT_LINES = 3;
const RETRY_MS = 2000;
const PATH = "/api/v1/captions/events?page=captions";

/** @type {Set<chrome.Port>} */
const ports = new Set();
/** @type {AbortController | null} */
let following = null;
/** @type {Words} */
let words = { lines: [], committed: "", partial: "" };
/** @type {Link} */
let link = "gone";

/**
 * Send captions to a page's box from now on, until its port closes. One stream serves all boxes.
 *
 * @param {chrome.Port} port
 */
export function addListener(port) {
  ports.add(port);
  port.postMessage({ type: "captions", words, link });
  if (!following) {
    void follow();
  }
}

/** @param {chrome.Port} port */
export function removeListener(port) {
  ports.delete(port);
  if (ports.size === 0) {
    following?.abort();
    following = null;
  }
}

/** Whatever the stream waits for: try at once. */
export function followAnew() {
  following?.abort();
  following = null;
  if (ports.size > 0) {
    void follow();
  }
}

/** @param {Partial<{words: Words, link: Link}>} news */
function tell(news) {
  words = news.words ?? words;
  link = news.link ?? link;
  for (const port of ports) {
    port.postMessage({ type: "captions", words, link });
  }
}

async function follow() {
  const own = new AbortController();
  following = own;
  while (!own.signal.aborted) {
    try {
      await followOnce(own.signal);
    } catch (error) {
      if (own.signal.aborted) {
        return;
      }
      tell({ link: error instanceof Absent || (await kept.get("pairing")) ? "gone" : "unpaired" });
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** @param {AbortSignal} signal */
async function followOnce(signal) {
  const response = await open("GET", PATH, { signal });
  if (!response.ok || !response.body) {
    throw new Error("refused");
  }
  let run = "";
  /** @type {Map<number, string>} */
  const cues = new Map();
  for await (const event of events(response.body)) {
    if (event.run !== run) {
      run = event.run;
      cues.clear();
    }
    for (const { index, text } of event.cues) {
      cues.set(index, text);
    }
    const newest = [...cues].sort(([one], [other]) => one - other).slice(-KEPT_LINES);
    cues.clear();
    for (const [index, text] of newest) {
      cues.set(index, text);
    }
    const { committed, partial } = event;
    tell({ words: { lines: newest.map(([, text]) => text), committed, partial }, link: "live" });
  }
  throw new Error("ended");
}

/**
 * The data of server-sent events, one after the other.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<any>}
 */
async function* events(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data: "));
      if (data.length > 0) {
        yield JSON.parse(data.map((line) => line.slice("data: ".length)).join("\n"));
      }
    }
  }
}
