// @ts-check
import { element, setText } from "../shared/caption_view.js";

const dialog = /** @type {HTMLDialogElement} */ (element("ask"));
/** @type {(sure: boolean) => void} */
let answer = () => {};

element("ask-no").addEventListener("click", () => dialog.close());
element("ask-yes").addEventListener("click", () => dialog.close("yes"));
dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"));

/**
 * Ask before something is deleted.
 *
 * @param {string} question
 * @param {string} text what becomes of it
 * @param {string} yes what the button says
 * @returns {Promise<boolean>}
 */
export function ask(question, text, yes) {
  setText(element("ask-title"), question);
  setText(element("ask-text"), text);
  setText(element("ask-yes"), yes);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    answer = resolve;
  });
}
