// @ts-check
import { Refusal, call } from "../shared/api.js";
import { make } from "../shared/dom.js";

/**
 * @typedef {{name: string, code: string, browser: string}} Question
 * @typedef {{name: string, browser: string, since: number}} Paired
 * @typedef {{asking: Question[], paired: Paired[]}} Pairings
 */

const GONE = "Signcap does not answer. Is it still running?";

/**
 * Browsers that ask to be paired, each with the code to compare.
 *
 * @param {HTMLElement} list
 * @param {(pairings: Pairings) => void} [answered]
 * @returns {(asking: Question[]) => void} shows them
 */
export function questions(list, answered = () => {}) {
  /** @type {string[]} */
  let shown = [];
  return show;

  /** @param {Question[]} asking */
  function show(asking) {
    const names = asking.map((question) => question.name);
    if (names.join() === shown.join()) {
      return; // the focus stays where it is
    }
    shown = names;
    list.replaceChildren(...asking.map(card));
    list.hidden = asking.length === 0;
  }

  /** @param {Question} question */
  function card({ name, code, browser }) {
    const said = make("p", { class: "ask-said", role: "status" });
    /** @param {"allow" | "refuse"} what */
    const answer = async (what) => {
      try {
        const pairings = await call("POST", `/api/v1/pairings/${encodeURIComponent(name)}`, { do: what });
        show(pairings.asking);
        answered(pairings);
      } catch (error) {
        said.textContent = error instanceof Refusal ? error.message : GONE;
      }
    };
    const allow = make("button", { type: "button", class: "button strong" }, "Allow");
    const refuse = make("button", { type: "button", class: "button" }, "Refuse");
    allow.addEventListener("click", () => answer("allow"));
    refuse.addEventListener("click", () => answer("refuse"));
    return make(
      "li",
      { class: "ask" },
      make(
        "div",
        { class: "ask-words" },
        make("p", { class: "ask-who" }, make("strong", {}, browser), " asks to show your picture and captions in calls."),
        make("p", { class: "ask-how" }, "Allow it only if the extension’s window now shows this number."),
      ),
      make("p", { class: "ask-code", "aria-label": `Number ${code}` }, code),
      make("div", { class: "ask-keys" }, allow, refuse),
      said,
    );
  }
}
