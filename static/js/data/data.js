// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { offerCopies } from "../shared/copying.js";
import { make } from "../shared/dom.js";
import { Rows } from "../shared/rows.js";

/**
 * @typedef {{pictures: number, takes: number}} Collected
 * @typedef {{name: string, command: string, note: string, done: boolean}} Step
 * @typedef {{
 *   folder: string,
 *   signers: Record<string, Record<string, Collected>>,
 *   missing: string[],
 *   trains: boolean,
 *   steps: Step[],
 * }} Data
 */

const LOOK_MS = 5000;
const TAKES = 2;

/** @type {Rows<[string, Record<string, Collected>, boolean]>} */
const signers = new Rows(element("signers"), drawSigner);
/** @type {Rows<Step>} */
const steps = new Rows(element("steps"), drawStep);
/** @type {Rows<string>} */
const missing = new Rows(element("missing"), (sentence) => make("li", {}, sentence));

offerCopies();
look();

async function look() {
  if (!document.hidden) {
    try {
      show(await call("GET", "/api/v1/data"));
      setText(element("said"), "");
    } catch (error) {
      setText(element("said"), error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?");
    }
  }
  setTimeout(look, LOOK_MS);
}

/** @param {Data} data */
function show(data) {
  setText(element("folder"), data.folder);
  const names = Object.entries(data.signers);
  signers.show(names.map(([name, letters]) => [name, letters, names.length > 1]));
  missing.show(data.missing);
  element("no-training").hidden = data.trains;
  steps.show(data.steps);
}

/** @param {[string, Record<string, Collected>, boolean]} signer its name, its letters, whether there are others */
function drawSigner([name, letters, several]) {
  const items = Object.entries(letters).map(([letter, { pictures, takes }]) =>
    make(
      "li",
      { "data-enough": several || takes >= TAKES ? "yes" : "no" },
      make("b", {}, letter),
      `${pictures} in ${takes} ${takes === 1 ? "take" : "takes"}`,
    ),
  );
  return make("div", { class: "signer" }, make("h3", {}, name), make("ul", { class: "letters-grid", "aria-label": `Letters of ${name}` }, ...items));
}

/** @param {Step} step */
function drawStep({ name, command, note, done }) {
  const row = make(
    "li",
    { "data-done": done ? "yes" : "no" },
    make("p", { class: "step-name" }, name, done && make("span", { class: "unseen" }, " (done)")),
    make("p", { class: "step-command" }, make("code", { "data-copy": true }, command)),
    make("p", { class: "aside" }, note),
  );
  offerCopies(row);
  return row;
}
