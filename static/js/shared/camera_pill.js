// @ts-check
import { element, setText } from "./caption_view.js";

/** @typedef {import("./live.js").Status} Status */

/** @type {Record<Status["camera"], string>} */
const CAMERA_TEXT = { on: "on", off: "off", lost: "lost", ended: "ended" };

/**
 * Says whether the camera is on, and who watches: always in sight.
 *
 * @param {Status} status
 */
export function showCamera(status) {
  element("camera").dataset.state = status.camera;
  const parts = [`${status.kind} ${CAMERA_TEXT[status.camera]}`, status.in_call.length ? "In call" : count(status.viewers, "viewer")];
  if (status.caption_pages > 0) {
    parts.push(count(status.caption_pages, "caption page"));
  }
  if (status.paused) {
    parts.push("captions paused");
  }
  setText(element("camera-text"), parts.join(" · "));
}

/** Says that nothing is known. */
export function showNotConnected() {
  element("camera").dataset.state = "gone";
  setText(element("camera-text"), "Not connected");
}

/**
 * @param {number} number
 * @param {string} noun
 */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
