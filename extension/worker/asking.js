// @ts-check
import { kept, passing } from "./store.js";

/** @typedef {import("./switches.js").Page} Page */
/** @typedef {"once" | "always" | "never"} Answer */

const PATIENCE_MS = 60_000;

/**
 * Questions that wait for the person, by document.
 *
 * @type {Map<string, {page: Page, answered: Promise<boolean>, settle: (allowed: boolean) => void}>}
 */
const waiting = new Map();

/** @type {() => void} */
let onChange = () => {};

/** @param {() => void} tell whenever a question comes or goes */
export function whenAsked(tell) {
  onChange = tell;
}

/** Origins that ask, for the popup. */
export function questions() {
  return [...waiting.values()].map(({ page }) => ({ origin: page.origin, documentId: page.documentId }));
}

/**
 * Whether a page may have the camera without asking again.
 *
 * Where the browser lets the site use cameras, this one is no other; what the browser refuses, we refuse; else the
 * person's answer to us counts.
 *
 * @param {Page} page
 * @param {unknown} permission the browser's for the site's cameras
 * @returns {Promise<boolean | undefined>} undefined: nobody has said
 */
export async function isAllowed({ origin, documentId }, permission) {
  if (permission === "granted") {
    return true;
  }
  if (permission !== "prompt") {
    return false;
  }
  return (await kept.get("always"))[origin] === true || (await passing.get("once"))[documentId];
}

/**
 * The same, asking where nobody has said: in the popup, which no page can press or cover.
 *
 * @param {Page} page
 * @param {unknown} permission
 * @returns {Promise<boolean>}
 */
export async function mayUse(page, permission) {
  const known = await isAllowed(page, permission);
  if (known !== undefined) {
    return known;
  }
  const asked = waiting.get(page.documentId);
  if (asked) {
    return asked.answered;
  }
  /** @type {(allowed: boolean) => void} */
  let settle = () => {};
  const answered = new Promise((/** @type {(allowed: boolean) => void} */ resolve) => {
    settle = resolve;
  });
  waiting.set(page.documentId, { page, answered, settle });
  onChange();
  chrome.action.openPopup?.().catch(() => {}); // where the browser will not, the badge asks alone
  const timer = setTimeout(() => dismiss(page.documentId), PATIENCE_MS);
  const allowed = await answered;
  clearTimeout(timer);
  return allowed;
}

/**
 * @param {string} documentId
 * @param {Answer} answer
 */
export async function answerQuestion(documentId, answer) {
  const question = waiting.get(documentId);
  if (!question) {
    return;
  }
  const allowed = answer !== "never";
  if (answer === "always") {
    await kept.change("always", (always) => ({ ...always, [question.page.origin]: true }));
  }
  await passing.change("once", (once) => ({ ...once, [documentId]: allowed }));
  end(documentId, allowed);
}

/**
 * Nobody answered, or the page has gone.
 *
 * @param {string} documentId
 */
export function dismiss(documentId) {
  end(documentId, false);
}

/**
 * @param {string} documentId
 * @param {boolean} allowed
 */
function end(documentId, allowed) {
  const question = waiting.get(documentId);
  waiting.delete(documentId);
  question?.settle(allowed);
  onChange();
}
