// @ts-check

/** @typedef {import("../worker/store.js").Problem} Problem */

/**
 * What is wrong in a call, and what to do about it.
 *
 * @param {Problem} problem
 * @returns {{title: string, text: string, steps: string[]}}
 */
export function explain({ kind, origin, sentence }) {
  const host = URL.canParse(origin) ? new URL(origin).hostname : origin;
  if (kind === "blocked") {
    return {
      title: `The browser keeps ${host} from this computer's own programs`,
      text: "Signcap is one of them, so its picture does not reach the call. Allow it, for this site only:",
      steps: [
        `In the tab of ${host}, press the button left of the address, then Site settings.`,
        "Set “Apps on device” to Allow. Older browsers call it “Local network access”.",
        "Reload the page and choose the camera Signcap.",
      ],
    };
  }
  if (kind === "absent") {
    return {
      title: "Signcap is not running",
      text: `${host} asked for its camera. Start Signcap again, and the picture goes on by itself.`,
      steps: [],
    };
  }
  return { title: "Signcap could not give its picture", text: sentence || "Open Signcap to see why.", steps: [] };
}
