// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { make, percent } from "../shared/dom.js";

/**
 * @typedef {[shown: string, read: string]} Pair "" on the side that lacks a letter
 * @typedef {{
 *   text: string, mark: "open" | "spelled" | "skipped", literal: string | null, pairs: Pair[],
 *   assisted: string | null, assisted_pairs: Pair[],
 * }} Phrase
 * @typedef {{shown: number, right: number, errors: number, error_rate: number, missed: [string, number, number][]}} Score
 */

const MISSED = 6; // letters that are named

/**
 * The figures of all phrases.
 *
 * @param {Score | null} literal
 * @param {Score | null} assisted
 */
export function showScore(literal, assisted) {
  element("outcome").hidden = literal === null;
  if (literal === null) {
    return;
  }
  const lines = [["as spelled", literal], ...(assisted ? [["assisted", assisted]] : [])];
  element("figures").replaceChildren(
    ...lines.flatMap(([name, score]) => figures(String(name), /** @type {Score} */ (score))),
  );
  const missed = literal.missed.slice(0, MISSED).map(([letter, times, shown]) => `${letter} (${times} of ${shown})`);
  const more = literal.missed.length - missed.length;
  const named = `${missed.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  setText(element("missed"), missed.length ? `Missed most often: ${named}.` : "No letter was missed.");
}

/**
 * @param {string} name
 * @param {Score} score
 */
function figures(name, { shown, right, error_rate: rate }) {
  return [
    make("dt", {}, percent(shown ? right / shown : null, 0)),
    make(
      "dd",
      {},
      `of the letters read right, ${name}`,
      make("span", {}, `${right} of ${shown}; character error rate ${percent(rate)}`),
    ),
  ];
}

/**
 * Each phrase beside what was read.
 *
 * @param {Phrase[]} phrases
 * @param {number} place of the one that is asked for; none where it is beyond the last
 */
export function showPhrases(phrases, place) {
  element("phrases-panel").hidden = phrases.length === 0;
  element("phrases").replaceChildren(
    ...phrases.map((phrase, number) => {
      const row = make("li", { "data-mark": phrase.mark, "aria-current": number === place && "step" });
      // What is to come is not shown: it would be practised.
      row.append(make("span", { class: "text" }, phrase.mark === "open" && number !== place ? "…" : phrase.text));
      row.append(...readOf(phrase));
      return row;
    }),
  );
}

/** @param {Phrase} phrase */
function readOf({ mark, literal, pairs, assisted, assisted_pairs: assistedPairs }) {
  if (literal === null) {
    const words = { open: "", skipped: "skipped", spelled: "reading …" };
    return [make("span", { class: "read none" }, words[mark])];
  }
  const lines = [make("span", { class: "read" }, ...letters(pairs))];
  if (assisted !== null && assisted !== literal) {
    lines.push(make("span", { class: "read assisted" }, make("span", { class: "unseen" }, "assisted: "), ...letters(assistedPairs)));
  }
  return lines;
}

/**
 * What was read, the wrong letters marked and the missing ones as gaps.
 *
 * @param {Pair[]} pairs
 */
export function letters(pairs) {
  const read = pairs.map(([, letter]) => letter).join("");
  return [
    make("span", { class: "unseen" }, read || "nothing"),
    ...pairs.map(([shown, letter]) =>
      make("span", { "aria-hidden": "true", class: shown === letter ? null : "wrong" }, letter || "·"),
    ),
  ];
}
