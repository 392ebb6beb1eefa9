// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { followLive } from "../shared/live.js";
import { copy } from "../shared/text_files.js";
import { showFigures } from "../start/figures.js";

/**
 * @typedef {"good" | "warning" | "problem" | "unknown"} State
 * @typedef {{name: string, state: State, found: string, advice: string | null}} Finding
 * @typedef {{findings: Finding[], summary: string}} Report
 */

/** @type {Record<State, [mark: string, spoken: string]>} */
const MARKS = { good: ["✓", "Good"], warning: ["!", "Warning"], problem: ["✗", "Problem"], unknown: ["?", "Not known"] };
const GONE = "Signcap does not answer. Is it still running?";
const KEPT = "The browser did not allow copying. Select the text and copy it by hand.";

const again = element("again");
/** @type {Report | null} */
let report = null;
let checking = false;

again.addEventListener("click", check);
element("copy-report").addEventListener("click", async () => {
  if (report) {
    tell((await copy(JSON.stringify(report, null, 2))) ? "The report is in the clipboard." : KEPT);
  }
});
check();
followLive({ status: showFigures });

async function check() {
  if (checking) {
    return;
  }
  checking = true;
  again.setAttribute("aria-disabled", "true"); // not disabled: the keyboard's focus would be lost
  setText(element("summary"), "Checking …");
  tell("");
  try {
    show(await call("GET", "/api/v1/doctor"));
  } catch (error) {
    setText(element("summary"), error instanceof Refusal ? error.message : GONE);
  }
  checking = false;
  again.removeAttribute("aria-disabled");
}

/** @param {Report} found */
function show(found) {
  report = found;
  setText(element("summary"), found.summary);
  element("findings").replaceChildren(...found.findings.map(line));
}

/** @param {Finding} finding */
function line({ name, state, found, advice }) {
  const [mark, spoken] = MARKS[state];
  return make(
    "li",
    { class: "finding", "data-state": state },
    make("span", { class: "mark", "aria-hidden": "true" }, mark),
    make(
      "p",
      { class: "what" },
      make("span", { class: "unseen" }, `${spoken}. `),
      make("strong", {}, name.charAt(0).toUpperCase() + name.slice(1)),
      `: ${found}`,
    ),
    advice && make("p", { class: "advice" }, ...advice.split("`").flatMap((part, place) => (place % 2 ? command(part) : [part]))),
  );
}

/**
 * A command to type, and a button that copies it.
 *
 * @param {string} text
 */
function command(text) {
  const button = make("button", { type: "button", class: "copy", "aria-label": `Copy ${text}` }, "Copy");
  button.addEventListener("click", async () => tell((await copy(text)) ? "The command is in the clipboard." : KEPT));
  return [make("code", {}, text), " ", button];
}

/** @param {string} sentence */
function tell(sentence) {
  setText(element("said"), sentence);
}
