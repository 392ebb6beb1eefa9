// @ts-check
import { element } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";

/** @typedef {import("../shared/live.js").Status} Status */

/** @type {Record<string, string>} */
const NAMES = {
  capture: "Camera",
  recognise: "Recognise",
  hands: "· find the hand",
  encode: "· encode it",
  window: "· read the window",
  compose: "Draw captions",
};

/**
 * Frames a second, time and drops of each stage.
 *
 * @param {Status} status
 */
export function showFigures({ stages }) {
  const names = [...Object.keys(NAMES).filter((name) => name in stages), ...Object.keys(stages).filter((name) => !(name in NAMES))];
  const rows = names.map((name) => {
    const { rate, median_ms, p95_ms, dropped } = stages[name];
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, NAMES[name] ?? title(name)),
      make("td", { class: "number" }, name.startsWith("delay ") ? "" : rate.toFixed(1)),
      make("td", { class: "number" }, median_ms.toFixed(1)),
      make("td", { class: "number" }, p95_ms.toFixed(1)),
      make("td", { class: dropped ? "number some" : "number" }, name.startsWith("delay ") ? "" : String(dropped)),
    );
  });
  element("figures").replaceChildren(...rows);
}

/** @param {string} name */
function title(name) {
  const known = name.replace(/^sink /, "Send to ").replace(/^out /, "Out at ").replace(/^repeat /, "Again at ").replace(/^delay /, "Late at ");
  return known.replace("stream", "pages").replace("stills", "pages as images");
}
