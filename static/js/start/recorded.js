// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element } from "../shared/caption_view.js";

/** Opens the recording that was completed last, or shows it in its folder, on this computer. */
export class Recorded {
  #box = element("recorded");
  /** @type {number | null} */
  #complete = null;

  /** @param {(sentence: string) => void} refused told why it cannot be done, and "" where it can */
  constructor(refused) {
    for (const what of ["open", "show"]) {
      element(`recorded-${what}`).addEventListener("click", async () => {
        try {
          refused("");
          await call("POST", "/api/v1/recording", { do: what, recording: this.#complete });
        } catch (error) {
          refused(error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?");
        }
      });
    }
  }

  /** @param {import("./recording.js").RecordingState} state */
  show({ complete }) {
    this.#complete = complete;
    this.#box.hidden = complete === null;
  }
}
