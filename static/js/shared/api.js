// @ts-check

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

/**
 * Ask Signcap for something, or to do something.
 *
 * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {RequestInit} [more]
 * @returns {Promise<any>}
 */
export async function call(method, path, body, more = {}) {
  /** @type {RequestInit} */
  const request = { method, ...more };
  if (method !== "GET") {
    request.headers = { "Content-Type": "application/json", "X-Signcap": "1" };
    request.body = JSON.stringify(body ?? {});
  }
  return answerOf(await fetch(path, request));
}

/**
 * Send a file as it is.
 *
 * @param {string} path
 * @param {Blob} file
 * @returns {Promise<any>}
 */
export async function upload(path, file) {
  const headers = { "Content-Type": "application/octet-stream", "X-Signcap": "1" };
  return answerOf(await fetch(path, { method: "POST", headers, body: file }));
}

/** @param {Response} response */
async function answerOf(response) {
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    throw new Refusal(response.status, answer?.error ?? "Signcap could not do that.");
  }
  return answer;
}
