// @ts-check
import { questions } from "./asking.js";
import { passing } from "./store.js";

/** Say on the button what the person should know while the popup is closed. */
export async function showBadge() {
  const [problem, asked, viewers] = await Promise.all([
    passing.get("problem"),
    passing.get("asked"),
    passing.get("viewers"),
  ]);
  if (questions().length > 0) {
    await show("?", "#935400", "Signcap: a page asks for your camera");
  } else if (problem) {
    await show("!", "#b3261e", "Signcap: your picture does not reach the call");
  } else if (asked) {
    await show("…", "#0a6a62", "Signcap: check that it shows the same code");
  } else if (Object.keys(viewers).length > 0) {
    await show("on", "#17784a", "Signcap: a call sees your captioned picture");
  } else {
    await show("", "#0a6a62", "Signcap");
  }
}

/**
 * @param {string} text
 * @param {string} color
 * @param {string} title
 */
async function show(text, color, title) {
  await chrome.action.setBadgeBackgroundColor({ color });
  await chrome.action.setBadgeTextColor({ color: "#ffffff" });
  await chrome.action.setBadgeText({ text });
  await chrome.action.setTitle({ title });
}
