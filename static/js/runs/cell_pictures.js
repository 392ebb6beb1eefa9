// @ts-check
/** @typedef {import("./formats.js").Run} Run */
/** @typedef {import("./formats.js").Predictions} Predictions */
import { element, setText } from "../shared/caption_view.js";
import { make, percent } from "../shared/dom.js";
import { letterName } from "./formats.js";

const MOST = 60; // pictures at once
const SIDE = 160; // pixels, of a thumbnail

/** The pictures of one letter that were read as another. */
export class CellPictures {
  #shown = "";

  clear() {
    this.#shown = "";
    setText(element("cell-title"), "");
    element("thumbs").replaceChildren();
    setText(element("thumbs-more"), "");
  }

  /**
   * @param {Run} run
   * @param {Predictions} predictions
   * @param {number} truth
   * @param {number} read
   */
  show(run, predictions, truth, read) {
    const { paths, labels } = run.pictures ?? { paths: [], labels: [] };
    const found = labels
      .map((_, index) => index)
      .filter((index) => labels[index] === truth && predictions.predicted[index] === read)
      .sort((one, other) => (predictions.confidence[other] ?? 0) - (predictions.confidence[one] ?? 0));
    const shown = found.slice(0, MOST);
    const state = JSON.stringify([run.name, truth, read, shown.map((index) => [index, predictions.confidence[index]])]);
    if (state === this.#shown) {
      return;
    }
    this.#shown = state;
    setText(element("cell-title"), `${letterName(truth)} read as ${letterName(read)}`);
    element("thumbs").replaceChildren(
      ...shown.map((index) => picture(run.name, index, paths[index] ?? "", truth, read, predictions.confidence[index])),
    );
    const more = found.length - shown.length;
    setText(
      element("thumbs-more"),
      more > 0 ? `and ${more} more` : found.length ? "" : "No pictures were read this way after this epoch.",
    );
  }
}

/**
 * @param {string} run
 * @param {number} index
 * @param {string} path
 * @param {number} truth
 * @param {number} read
 * @param {number | undefined} confidence
 */
function picture(run, index, path, truth, read, confidence) {
  const image = make("img", {
    src: `/api/v1/runs/${encodeURIComponent(run)}/pictures/${index}.jpg?side=${SIDE}`,
    alt: path,
    width: 96,
    height: 96,
    loading: "lazy",
  });
  image.addEventListener("error", () => image.replaceWith(make("span", { class: "gone" }, "no longer there")));
  const sure = confidence === undefined ? "" : `, ${percent(confidence, 0)} sure`;
  return make(
    "li",
    {},
    image,
    make("p", { class: "said" }, "true ", make("b", {}, letterName(truth)), ", read ", make("b", {}, letterName(read)), sure),
    make("p", { class: "path" }, path),
  );
}
