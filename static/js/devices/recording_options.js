// @ts-check
import { call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { CLEAN, MICROPHONE } from "../start/recording.js";

/**
 * @typedef {import("../start/recording.js").RecordingState & {
 *   microphones: string[],
 *   no_microphones: string | null,
 *   chosen: {microphone: string, clean: boolean},
 * }} Facts
 */

const microphone = /** @type {HTMLSelectElement} */ (element("recording-microphone"));
const clean = /** @type {HTMLInputElement} */ (element("recording-clean"));

/** Choose what the next recording holds. This browser keeps the choice; the program's options hold where there is none. */
export async function offerRecordingOptions() {
  microphone.addEventListener("change", () => localStorage.setItem(MICROPHONE, microphone.value));
  clean.addEventListener("change", () => localStorage.setItem(CLEAN, clean.checked ? "1" : "0"));
  try {
    /** @type {Facts} */
    const facts = await call("GET", "/api/v1/recording");
    const chosen = localStorage.getItem(MICROPHONE) ?? facts.chosen.microphone;
    const names = facts.microphones.includes(chosen) || chosen === "none" ? facts.microphones : [chosen, ...facts.microphones];
    microphone.replaceChildren(make("option", { value: "none" }, "No sound"), ...names.map((one) => make("option", { value: one }, one)));
    microphone.value = chosen;
    clean.checked = (localStorage.getItem(CLEAN) ?? (facts.chosen.clean ? "1" : "0")) === "1";
    const problem = facts.no_microphones ?? (facts.microphones.length ? null : "There is no microphone on this computer.");
    element("recording-microphones").hidden = problem === null;
    setText(element("recording-microphones"), problem ?? "");
    setText(element("recording-folder"), facts.folder);
  } catch {
    // The line above says that the server is gone.
  }
}
