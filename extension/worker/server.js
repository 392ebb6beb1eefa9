// @ts-check
import { kept } from "./store.js";

const PORTS = [8765, 8766, 8767, 8768, 8769];
const HELLO_MS = 5000; // a busy computer; a port at which nobody is refuses at once
const CALL_MS = 10_000;

/** A refusal of the server, with its sentence for people. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} sentence
   */
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** No server answers, or none that we are paired with. */
export class Absent extends Error {
  constructor() {
    super("Signcap is not running on this computer.");
  }
}

/** @type {Set<() => void>} told when Signcap knows us no longer */
const onRevoked = new Set();

/** @param {() => void} tell */
export function whenRevoked(tell) {
  onRevoked.add(tell);
}

/**
 * One request to the server at a port.
 *
 * @param {number} port
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {{secret?: string, body?: unknown, signal?: AbortSignal}} [more] secret: what the header says
 * @returns {Promise<Response>}
 * @throws {Absent}
 */
async function send(port, method, path, { secret, body, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = secret ? { Authorization: `Bearer ${secret}` } : {};
  /** @type {RequestInit} */
  const request = { method, headers, signal, cache: "no-store", credentials: "omit", redirect: "error" };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-Signcap"] = "1";
    request.body = JSON.stringify(body ?? {});
  }
  try {
    return await fetch(`http://127.0.0.1:${port}${path}`, request);
  } catch {
    throw new Absent();
  }
}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 * @throws {Refusal}
 */
async function answerOf(response) {
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) {
    throw new Refusal(response.status, typeof answer?.error === "string" ? answer.error : "Signcap could not do that.");
  }
  return answer;
}

/**
 * Whether Signcap is at a port, and whether it knows the secret.
 *
 * @param {number} port
 * @param {string} [secret]
 * @returns {Promise<{port: number, version: string, paired: boolean} | null>}
 */
async function hello(port, secret) {
  try {
    const signal = AbortSignal.timeout(HELLO_MS);
    const answer = await answerOf(await send(port, "GET", "/api/v1/extension/hello", { secret, signal }));
    return typeof answer?.signcap === "string" ? { port, version: answer.signcap, paired: answer.paired === true } : null;
  } catch {
    return null;
  }
}

/**
 * The server: at the port that the person gave, at that of the pairing, or at one of the usual ones.
 *
 * The token goes to no port but that of the pairing, unless Signcap has moved.
 */
export async function findServer() {
  const [pairing, given] = [await kept.get("pairing"), await kept.get("port")];
  if (pairing) {
    const known = await hello(pairing.port, pairing.token);
    if (known) {
      return known;
    }
  }
  for (const port of given ? [given] : PORTS) {
    const found = port === pairing?.port ? null : await hello(port);
    if (found && pairing) {
      const moved = await hello(port, pairing.token);
      if (moved?.paired) {
        await kept.set("pairing", { ...pairing, port });
        return moved;
      }
    }
    if (found) {
      return found;
    }
  }
  return null;
}

/** Forget the token: it is good no longer. */
async function forget() {
  await kept.set("unpairedBy", "signcap"); // the reason first: nobody sees the one without the other
  await kept.set("pairing", null);
  for (const tell of onRevoked) {
    tell();
  }
}

/**
 * A request with the token.
 *
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {{body?: unknown, signal?: AbortSignal}} [more]
 * @returns {Promise<Response>}
 * @throws {Absent | Refusal}
 */
export async function open(method, path, more = {}) {
  const pairing = await kept.get("pairing");
  if (!pairing) {
    throw new Refusal(401, "This browser is not paired with Signcap.");
  }
  let response;
  try {
    response = await send(pairing.port, method, path, { ...more, secret: pairing.token });
  } catch (error) {
    const found = more.signal?.aborted ? null : await findServer();
    if (!found?.paired) {
      throw error;
    }
    response = await send(found.port, method, path, { ...more, secret: pairing.token });
  }
  if (response.status === 401 && (await kept.get("pairing"))?.token === pairing.token) {
    await forget();
  }
  return response;
}

/**
 * The same, with what it answers as JSON.
 *
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 * @throws {Absent | Refusal}
 */
export async function call(method, path, body) {
  return answerOf(await open(method, path, { body, signal: AbortSignal.timeout(CALL_MS) }));
}

/**
 * A request for pairing and for its end: with no secret but the one that is given.
 *
 * @param {number} port
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {{secret?: string, body?: unknown}} [more]
 * @returns {Promise<any>}
 * @throws {Absent | Refusal}
 */
export async function callUnpaired(port, method, path, more = {}) {
  return answerOf(await send(port, method, path, { ...more, signal: AbortSignal.timeout(CALL_MS) }));
}
