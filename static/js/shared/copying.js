// @ts-check
import { make } from "./dom.js";
import { copy } from "./text_files.js";

/**
 * Put a button beside each command of the page that copies it.
 *
 * @param {ParentNode} within
 */
export function offerCopies(within = document) {
  for (const code of within.querySelectorAll("code[data-copy]")) {
    if (code.nextElementSibling?.classList.contains("copy")) {
      continue;
    }
    const button = make("button", { type: "button", class: "as-link copy", "aria-label": `Copy ${code.textContent}` }, "Copy");
    button.addEventListener("click", async () => {
      button.textContent = (await copy(code.textContent ?? "")) ? "Copied" : "Not copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    code.after(" ", button);
  }
}
