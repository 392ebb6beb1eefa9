// @ts-check
import { Absent, Refusal, callUnpaired, findServer } from "./server.js";
import { kept, passing } from "./store.js";

const POLL_MS = 1000;

/** @type {string} the pairing that is being followed by this run of the worker */
let followed = "";

/** Ask Signcap to let this browser in: a code is shown here and in Signcap, and the person compares. */
export async function askToPair() {
  await passing.set("answer", "");
  const server = await findServer();
  if (!server) {
    throw new Absent();
  }
  const body = { browser: browserName() };
  const { name, secret, code, seconds } = await callUnpaired(server.port, "POST", "/api/v1/pairings", { body });
  await passing.set("asked", { name, secret, code, until: Date.now() + seconds * 1000, port: server.port });
  void followPairing();
}

/** Ask once a second what became of the pairing, also while the popup is closed: the person is in Signcap then. */
export async function followPairing() {
  const asked = await passing.get("asked");
  if (!asked || followed === asked.name) {
    return;
  }
  followed = asked.name;
  while ((await passing.get("asked"))?.name === asked.name) {
    const outcome = await lookAt(asked);
    if (outcome !== "waiting") {
      await passing.set("answer", outcome === "paired" ? "" : outcome); // first: nobody sees an end without a reason
      await passing.set("asked", null);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    await chrome.runtime.getPlatformInfo(); // any call of the browser's keeps a worker awake
  }
}

/**
 * @param {import("./store.js").Asked} asked
 * @returns {Promise<"waiting" | "paired" | "refused" | "expired">}
 */
async function lookAt({ name, secret, port, until }) {
  if (Date.now() > until) {
    return "expired";
  }
  try {
    const { state, token } = await callUnpaired(port, "GET", `/api/v1/pairings/${encodeURIComponent(name)}`, { secret });
    if (state === "paired" && typeof token === "string") {
      await kept.set("pairing", { token, port });
      await kept.set("unpairedBy", "");
      return "paired";
    }
    return state === "refused" || state === "expired" ? state : "waiting";
  } catch (error) {
    return error instanceof Refusal && error.status < 500 ? "expired" : "waiting";
  }
}

/** Give up a pairing that nobody has decided. */
export function stopAsking() {
  return passing.set("asked", null);
}

/** Forget Signcap, here and there: here first, so that no refusal of the token comes to be called Signcap's doing. */
export async function unpair() {
  const pairing = await kept.get("pairing");
  await kept.set("unpairedBy", "");
  await kept.set("pairing", null);
  if (pairing) {
    const { port, token } = pairing;
    // Not running: Signcap lists it until it is removed.
    await callUnpaired(port, "DELETE", "/api/v1/extension/pairing", { secret: token }).catch(() => {});
  }
}

function browserName() {
  const { brands = [], platform = "" } = navigator.userAgentData ?? {};
  const known = brands.filter(({ brand }) => !/not.?a.?brand/i.test(brand));
  const { brand, version } = known.find(({ brand }) => brand !== "Chromium") ?? known[0] ?? { brand: "A browser", version: "" };
  return `${brand} ${version}${platform ? ` on ${platform}` : ""}`.slice(0, 60);
}
