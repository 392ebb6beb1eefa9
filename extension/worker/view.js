// @ts-check
import { SITES, originsOf } from "../shared/sites.js";
import { questions } from "./asking.js";
import { Absent, Refusal, call, findServer } from "./server.js";
import { kept, passing } from "./store.js";
import { sitesOn } from "./switches.js";

/**
 * @typedef {{version: string, camera: string | null, camera_on: boolean, captions_on: boolean, notice: string | null,
 *   studio: string}} ServerState
 * @typedef {{
 *   server: {port: number, version: string} | null,
 *   paired: boolean,
 *   unpairedBy: "" | "signcap",
 *   asked: {code: string, until: number} | null,
 *   answer: "" | "refused" | "expired",
 *   state: ServerState | null,
 *   refusal: string,
 *   sites: {id: string, name: string, on: boolean, origins: string[], tabs: number}[],
 *   questions: {origin: string, documentId: string}[],
 *   problem: import("./store.js").Problem | null,
 *   viewers: number,
 *   box: boolean,
 *   port: number | null,
 * }} View all that the popup shows
 */

/** @returns {Promise<View>} */
export async function view() {
  const server = await findServer();
  /** @type {ServerState | null} */
  let state = null;
  let refusal = "";
  if (server && (await kept.get("pairing"))) {
    try {
      state = await call("GET", "/api/v1/extension/state");
    } catch (error) {
      refusal = error instanceof Refusal && error.status !== 401 ? error.message : "";
    }
  }
  const on = await sitesOn();
  const asked = await passing.get("asked");
  return {
    server: server && { port: server.port, version: server.version },
    paired: (await kept.get("pairing")) !== null,
    unpairedBy: await kept.get("unpairedBy"),
    asked: asked && { code: asked.code, until: asked.until },
    answer: await passing.get("answer"),
    state,
    refusal,
    sites: await Promise.all(
      SITES.map(async (site) => ({
        id: site.id,
        name: site.name,
        on: on.includes(site),
        origins: originsOf(site),
        tabs: on.includes(site) ? (await chrome.tabs.query({ url: site.pages })).length : 0,
      })),
    ),
    questions: questions(),
    problem: await passing.get("problem"),
    viewers: Object.keys(await passing.get("viewers")).length,
    box: await kept.get("box"),
    port: await kept.get("port"),
  };
}

/** Where the pages of Signcap are. */
export async function studioAddress() {
  const server = await findServer();
  if (!server) {
    throw new Absent();
  }
  return `http://127.0.0.1:${server.port}/`;
}
