// @ts-check
import { isAllowed, mayUse } from "./asking.js";
import { Absent, Refusal, call } from "./server.js";
import { kept, passing, salt } from "./store.js";

/** @typedef {import("./switches.js").Page} Page */
/**
 * @typedef {{listed: boolean, allowed: boolean, deviceId: string, groupId: string}} CameraState what a page is told of
 *   the camera: whether it is there, whether the page may know its name and use it unasked, and its ids for this origin
 */

/** @type {Set<string>} documents for which it is being opened */
const opening = new Set();

const LONGEST_OFFER = 40_000; // characters; a browser's has about 6,000

/** A refusal that a page is told by the name that browsers use; its sentence stays here. */
export class CameraError extends Error {
  /** @param {"NotAllowedError" | "NotReadableError" | "AbortError"} name */
  constructor(name) {
    super(name);
    this.name = name;
  }
}

/**
 * @param {Page} page
 * @param {unknown} permission the browser's for the site's cameras
 * @returns {Promise<CameraState>}
 */
export async function cameraState(page, permission) {
  return {
    listed: (await kept.get("pairing")) !== null,
    allowed: (await isAllowed(page, permission)) === true,
    deviceId: await idFor("device", page.origin),
    groupId: await idFor("group", page.origin),
  };
}

/**
 * Open the camera for a page: one connection for each document.
 *
 * @param {Page} page
 * @param {unknown} offer
 * @param {unknown} permission
 * @returns {Promise<{name: string, sdp: string}>}
 * @throws {CameraError}
 */
export async function openCamera(page, offer, permission) {
  if (typeof offer !== "string" || offer.length > LONGEST_OFFER || opening.has(page.documentId)) {
    throw new CameraError("NotReadableError");
  }
  opening.add(page.documentId);
  try {
    if (!(await mayUse(page, permission))) {
      throw new CameraError("NotAllowedError");
    }
    return await connect(page, offer);
  } finally {
    opening.delete(page.documentId);
  }
}

/**
 * @param {Page} page
 * @param {string} offer
 * @throws {CameraError}
 */
async function connect(page, offer) {
  await closeWhere(({ documentId }) => documentId === page.documentId);
  try {
    const { name, sdp } = await call("POST", "/api/v1/preview", { sdp: offer });
    await passing.change("viewers", (viewers) => ({
      ...viewers,
      [name]: { documentId: page.documentId, tabId: page.tabId, origin: page.origin },
    }));
    return { name, sdp };
  } catch (error) {
    await noteProblem(page, error);
    throw new CameraError(error instanceof Refusal && error.status === 401 ? "NotAllowedError" : "NotReadableError");
  }
}

/**
 * @param {Page} page
 * @param {unknown} error
 */
async function noteProblem({ origin }, error) {
  const kind = error instanceof Absent ? "absent" : "refused";
  await passing.set("problem", { kind, origin, sentence: error instanceof Refusal ? error.message : "" });
}

/**
 * The page's connection plays, or the browser kept it from coming about.
 *
 * @param {Page} page
 * @param {unknown} happened
 */
export async function noteConnection({ origin }, happened) {
  await passing.change("problem", (problem) => {
    if (happened === "blocked") {
      return { kind: "blocked", origin, sentence: "" };
    }
    return problem?.origin === origin && happened === "playing" ? null : problem;
  });
}

/**
 * Let go of connections; Signcap sees by itself, later, those that it is not told of.
 *
 * @param {(viewer: import("./store.js").Viewer) => boolean} isMeant
 */
export async function closeWhere(isMeant) {
  /** @type {string[]} */
  const names = [];
  await passing.change("viewers", (viewers) =>
    Object.fromEntries(
      Object.entries(viewers).filter(([name, viewer]) => {
        const meant = isMeant(viewer);
        if (meant) {
          names.push(name);
        }
        return !meant;
      }),
    ),
  );
  await Promise.all(names.map((name) => call("DELETE", `/api/v1/preview/${encodeURIComponent(name)}`).catch(() => {})));
}

/**
 * An id as browsers make them: the same for an origin whenever it asks, and none that two origins could compare.
 *
 * @param {"device" | "group"} what
 * @param {string} origin
 */
async function idFor(what, origin) {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(await salt()), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const made = await crypto.subtle.sign("HMAC", key, bytes.encode(`${what} ${origin}`));
  return Array.from(new Uint8Array(made), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
