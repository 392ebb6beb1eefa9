// @ts-check

/** Keys that every page of the owner's has: `?` shows the sheet of keys, `/` goes to the field where captions are typed. */

const sheet = document.getElementById("keys-sheet");
const field = document.getElementById("type-text");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) {
    return;
  }
  if (event.key === "?") {
    event.preventDefault();
    sheet?.togglePopover();
  } else if (event.key === "/" && field) {
    event.preventDefault(); // some browsers would search the page
    field.focus();
  }
});

/**
 * Whether a key belongs to what is written or chosen.
 *
 * @param {EventTarget | null} target
 */
function isTyping(target) {
  return target instanceof Element && target.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");
}
