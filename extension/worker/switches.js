// @ts-check
import { SITES, originsOf, siteOf } from "../shared/sites.js";
import { kept } from "./store.js";

/** @typedef {import("../shared/sites.js").Site} Site */
/** @typedef {{site: Site, origin: string, documentId: string, tabId: number}} Page one of a site that is switched on */

const PAGE_SCRIPTS = ["devices", "constraints", "link", "connection", "tracks", "camera"];
const BRIDGE_SCRIPTS = ["keys", "box_style", "box_parts", "box", "bridge"];

/** @param {Site} site */
async function isOn(site) {
  return (await kept.get("sites"))[site.id] === true && (await chrome.permissions.contains({ origins: originsOf(site) }));
}

/** @returns {Promise<Site[]>} */
export async function sitesOn() {
  const on = await Promise.all(SITES.map(isOn));
  return SITES.filter((_, place) => on[place]);
}

/**
 * Remember what the person wants. The browser asks them by itself where the popup asks for the site's permission.
 *
 * @param {string} id of a site
 * @param {boolean} on
 */
export async function switchSite(id, on) {
  const site = SITES.find((one) => one.id === id);
  if (!site) {
    return;
  }
  await kept.change("sites", (sites) => ({ ...sites, [id]: on }));
  if (!on) {
    await kept.change("always", (always) =>
      Object.fromEntries(Object.entries(always).filter(([origin]) => siteOf(origin) !== site)),
    );
    await chrome.permissions.remove({ origins: originsOf(site) });
  }
  await registerScripts();
}

/** @type {Promise<void>} */
let registering = Promise.resolve();

/** Let our scripts run in the pages of the sites that are on, and in no others: pages of others hold nothing of ours. */
export function registerScripts() {
  registering = registering.then(register, register);
  return registering;
}

async function register() {
  const on = await sitesOn();
  /** @type {chrome.ContentScript[]} */
  const wanted = on.flatMap(({ id, pages, frames }) => {
    const common = { matches: pages, allFrames: frames, runAt: /** @type {const} */ ("document_start") };
    return [
      { ...common, id: `${id}-bridge`, js: BRIDGE_SCRIPTS.map((name) => `bridge/${name}.js`), world: "ISOLATED" },
      { ...common, id: `${id}-page`, js: PAGE_SCRIPTS.map((name) => `page/${name}.js`), world: "MAIN" },
    ];
  });
  // What is right already stays as it is: a page that opens meanwhile has our scripts, too.
  const known = await chrome.scripting.getRegisteredContentScripts();
  const unwanted = known.filter(({ id }) => !wanted.some((one) => one.id === id));
  const missing = wanted.filter(({ id }) => !known.some((one) => one.id === id));
  const outdated = wanted.filter((one) => known.some(({ id, js }) => id === one.id && String(js) !== String(one.js)));
  if (unwanted.length > 0) {
    await chrome.scripting.unregisterContentScripts({ ids: unwanted.map(({ id }) => id) });
  }
  if (missing.length > 0) {
    await chrome.scripting.registerContentScripts(missing);
  }
  if (outdated.length > 0) {
    await chrome.scripting.updateContentScripts(outdated);
  }
}

/**
 * Who sends a message, as the browser says it: only pages of sites that are on, and frames within those.
 *
 * @param {chrome.MessageSender} sender
 * @returns {Promise<Page | null>}
 */
export async function pageOf(sender) {
  const { id, origin, url, tab, frameId, documentId } = sender;
  const site = siteOf(origin);
  if (id !== chrome.runtime.id || !site || !origin || tab?.id === undefined || !documentId) {
    return null;
  }
  if (!url?.startsWith(`${origin}/`) || !(await isOn(site))) {
    return null;
  }
  const within = frameId === 0 || (site.frames && siteOf(tab.url ?? "") === site);
  return within ? { site, origin, documentId, tabId: tab.id } : null;
}
