// @ts-check
import { siteOf } from "../shared/sites.js";
import { answerQuestion, dismiss, whenAsked } from "./asking.js";
import { showBadge } from "./badge.js";
import { cameraState, closeWhere, noteConnection, openCamera } from "./cameras.js";
import { addListener, followAnew, removeListener } from "./captions.js";
import { askToPair, followPairing, stopAsking, unpair } from "./pairing.js";
import { call, whenRevoked } from "./server.js";
import { kept, lockStorage, passing } from "./store.js";
import { pageOf, registerScripts, sitesOn, switchSite } from "./switches.js";
import { reloadPages, tellPages } from "./tabs.js";
import { studioAddress, view } from "./view.js";

/** @typedef {import("./switches.js").Page} Page */

const POPUP = chrome.runtime.getURL("popup/popup.html");
const LONGEST_TEXT = 500; // characters, as in Signcap

/**
 * What pages of sites that are on can ask for, by our script in them: nothing here gives them the token.
 *
 * @type {Record<string, (message: any, page: Page) => Promise<unknown>>}
 */
const FOR_PAGES = {
  state: (message, page) => cameraState(page, message.permission),
  open: (message, page) => openCamera(page, message.sdp, message.permission),
  close: (_, page) => closeWhere(({ documentId }) => documentId === page.documentId),
  connection: (message, page) => noteConnection(page, message.happened),
  box: async (_, page) => ({ shown: await kept.get("box"), place: (await kept.get("places"))[page.origin] ?? null }),
  place: (message, page) => keepPlace(page.origin, message.place),
  hide: () => showBox(false),
  phrases: async () => (await call("GET", "/api/v1/phrases")).phrases,
  type: (message) => typeText(message.text),
  characters: (message) => checkCharacters(message.text),
};

/** @type {Record<string, (message: any) => Promise<unknown>>} what the popup can ask for */
const FOR_POPUP = {
  view,
  pair: askToPair,
  stop: stopAsking,
  unpair: async () => {
    await closeWhere(() => true);
    await tellPages({ type: "end" });
    await unpair();
  },
  site: async ({ id, on }) => {
    if (!on) {
      await tellPages({ type: "end" });
    }
    await switchSite(id, on === true);
  },
  reload: ({ id }) => reloadPages(id),
  answer: async ({ documentId, answer }) => {
    await answerQuestion(documentId, answer);
    await tellPages({ type: "changed" }); // the page may know the camera's name now
  },
  box: ({ shown }) => showBox(shown === true),
  port: async ({ port }) => {
    await kept.set("port", Number.isInteger(port) && port > 0 && port < 65536 ? port : null);
  },
  seen: () => passing.set("problem", null),
  studio: studioAddress,
};

/**
 * @param {string} origin
 * @param {unknown} place
 */
async function keepPlace(origin, place) {
  const { x, y } = /** @type {{x?: unknown, y?: unknown}} */ (place ?? {});
  if (typeof x === "number" && typeof y === "number" && x >= 0 && x <= 1 && y >= 0 && y <= 1) {
    await kept.change("places", (places) => ({ ...places, [origin]: { x, y } }));
  }
}

/** @param {boolean} shown */
async function showBox(shown) {
  await kept.set("box", shown);
  await tellPages({ type: "box", shown });
}

/**
 * What the picture cannot show of a text, in a sentence; nothing where it shows all.
 *
 * @param {unknown} text
 */
async function checkCharacters(text) {
  const asked = typeof text === "string" ? text.slice(0, LONGEST_TEXT) : "";
  return (await call("POST", "/api/v1/style/characters", { text: asked })).warning;
}

/** @param {unknown} text */
async function typeText(text) {
  const line = typeof text === "string" ? text.replace(/[\x00-\x1f\x7f]+/g, " ").trim().slice(0, LONGEST_TEXT) : "";
  if (line) {
    await call("POST", "/api/v1/captions/edits", { edit: "type", text: line, end: true, alone: true });
  }
}

/**
 * @param {any} message
 * @param {chrome.MessageSender} sender
 */
async function handle(message, sender) {
  const type = typeof message?.type === "string" ? message.type : "";
  if (sender.id === chrome.runtime.id && sender.url === POPUP) {
    if (Object.hasOwn(FOR_POPUP, type)) {
      return FOR_POPUP[type](message);
    }
  } else if (Object.hasOwn(FOR_PAGES, type)) {
    const page = await pageOf(sender);
    if (page) {
      return FOR_PAGES[type](message, page);
    }
  }
  throw new Error("refused");
}

chrome.runtime.onMessage.addListener((message, sender, respond) => {
  handle(message, sender).then(
    (value) => respond({ value: value ?? null }),
    (error) => respond({ error: { name: error.name, message: error.message } }),
  );
  return true; // the answer comes later
});

// A port stands for a page that shows captions or our camera: when it closes, the page has gone.
chrome.runtime.onConnect.addListener(async (port) => {
  let listening = false;
  /** @type {Page | null} */
  let page = null;
  const known = port.sender ? pageOf(port.sender) : Promise.resolve(null);
  port.onDisconnect.addListener(async () => {
    removeListener(port);
    page = await known;
    if (page) {
      const { documentId } = page;
      dismiss(documentId);
      await closeWhere((viewer) => viewer.documentId === documentId);
    }
  });
  port.onMessage.addListener(async (message) => {
    if (!(await known)) {
      port.disconnect();
    } else if (message?.type === "captions" && message.on === true && !listening) {
      listening = true;
      addListener(port);
    } else if (message?.type === "captions" && message.on === false) {
      listening = false;
      removeListener(port);
    } // and a beat, which keeps this worker awake
  });
});

chrome.tabs.onRemoved.addListener((tabId) => closeWhere((viewer) => viewer.tabId === tabId));
chrome.commands.onCommand.addListener(async (command) => {
  if (command === "captions") {
    await showBox(!(await kept.get("box")));
  }
});
chrome.permissions.onAdded.addListener(registerScripts);
chrome.permissions.onRemoved.addListener(async () => {
  await registerScripts();
  const on = await sitesOn();
  await closeWhere(({ origin }) => !on.some((site) => site === siteOf(origin)));
});
chrome.runtime.onInstalled.addListener(registerScripts);
chrome.runtime.onStartup.addListener(registerScripts);
chrome.storage.onChanged.addListener(async (changes, area) => {
  if (area === "local" && "pairing" in changes) {
    followAnew();
    await tellPages({ type: "changed" });
  }
  if (area === "session") {
    await showBadge();
  }
});
whenAsked(showBadge);
whenRevoked(() => {
  void tellPages({ type: "end" });
});
void lockStorage();
void followPairing();
