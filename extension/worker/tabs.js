// @ts-check
import { sitesOn } from "./switches.js";

/**
 * Tell our scripts in all pages of the sites that are on.
 *
 * @param {{type: "changed"} | {type: "end"} | {type: "box", shown: boolean}} news
 */
export async function tellPages(news) {
  const pages = (await sitesOn()).flatMap(({ pages }) => pages);
  if (pages.length === 0) {
    return;
  }
  for (const { id } of await chrome.tabs.query({ url: pages })) {
    if (id !== undefined) {
      chrome.tabs.sendMessage(id, news).catch(() => {}); // a page that was open before the site was switched on
    }
  }
}

/**
 * Load the open pages of a site anew, so that they hold our scripts, or hold them no longer.
 *
 * @param {string} id of the site
 */
export async function reloadPages(id) {
  const site = (await sitesOn()).find((one) => one.id === id);
  for (const tab of site ? await chrome.tabs.query({ url: site.pages }) : []) {
    if (tab.id !== undefined) {
      await chrome.tabs.reload(tab.id);
    }
  }
}
