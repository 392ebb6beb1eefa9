// @ts-check
import { element, setText } from "./caption_view.js";
import { ENDED, follow } from "./stream.js";

const CUT = "Connection lost: trying again …";

/**
 * Follows a state for as long as the page is open, and says when the connection is lost.
 *
 * @param {string} address
 * @param {(state: any) => void} show
 */
export function followState(address, show) {
  follow(address, {
    opened: () => setText(element("link-state"), ""),
    events: { state: show },
    gone: (why, sentence) => setText(element("link-state"), why === "cut" ? CUT : sentence),
  });
}

/**
 * Why the server did not do what it was asked for.
 *
 * @param {unknown} error
 */
export function sentenceOf(error) {
  return error instanceof TypeError ? ENDED : String(/** @type {Error} */ (error).message);
}

/** Else the space bar, which is a key of the page, would press again what the mouse has pressed. */
export function letGoOfButtons() {
  addEventListener("click", ({ target, detail }) => {
    if (detail > 0 && target instanceof Element) {
      target.closest("button")?.blur();
    }
  });
}

/**
 * What stands below the picture: a refusal, else what is to be told, else what to do next.
 *
 * @param {string} refusal
 * @param {{notice: string | null, said: string, failed: boolean} | null} state
 * @param {string} advice
 */
export function say(refusal, state, advice) {
  const said = element("said");
  const sentence = refusal || state?.notice || state?.said || "";
  said.dataset.kind = refusal || (state?.failed && sentence === state.said) ? "failed" : "told";
  setText(said, sentence || advice);
}

/**
 * @param {string} id
 * @param {boolean} can
 */
export function able(id, can) {
  /** @type {HTMLButtonElement} */ (element(id)).disabled = !can;
}
