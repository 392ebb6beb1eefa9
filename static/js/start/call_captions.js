// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";

/**
 * @typedef {{caption: number | null, text: string, why: string, perhaps: boolean}} Loss
 * @typedef {{caption: number, sent: string, now: string}} Change words that were changed after they were sent
 * @typedef {{
 *   state: "off" | "asking" | "ready" | "waiting" | "sending" | "trouble" | "expired" | "refused" | "failed",
 *   sentence: string,
 *   service: string | null,
 *   link: string | null,
 *   sent: number,
 *   last_at: string | null,
 *   waiting: number,
 *   lost: number,
 *   perhaps_lost: number,
 *   losses: Loss[],
 *   changes: Change[],
 * }} CallState
 */

const PATH = "/api/v1/call-captions";
const OVER = ["off", "expired", "refused", "failed"]; // a link is wanted

/** Captions on their way into a call of Zoom's or Teams'. */
export class CallCaptions {
  #box = element("call-captions");
  #form = /** @type {HTMLFormElement} */ (element("call-form"));
  #link = /** @type {HTMLInputElement} */ (element("call-link"));
  #test = /** @type {HTMLButtonElement} */ (element("call-test"));
  #note = element("call-note");
  #speaker = /** @type {HTMLInputElement} */ (element("call-speaker"));
  #lost = "";

  /** @param {import("../shared/settings_link.js").SettingsLink} link */
  constructor(link) {
    this.#speaker.addEventListener("change", () =>
      link.change({ calls: { speaker: this.#speaker.value.trim() } }, this.#note),
    );
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#test.addEventListener("click", () => this.#do(() => call("POST", `${PATH}/test`)));
    element("call-stop").addEventListener("click", () =>
      this.#do(async () => this.show(await call("DELETE", PATH))),
    );
  }

  /** @param {import("../shared/live.js").SettingsEvent} event */
  showSettings({ settings }) {
    if (document.activeElement !== this.#speaker) this.#speaker.value = settings.calls.speaker;
  }

  /** @param {CallState} state */
  show(state) {
    const over = OVER.includes(state.state);
    const buttons = element("call-buttons");
    const focused = over && buttons.contains(document.activeElement);
    this.#box.dataset.state = state.state;
    setText(element("call-state"), state.sentence);
    showText("call-link-shown", state.link ? `To ${state.link}` : "");
    showText("call-counts", counts(state));
    showText("call-changed", changed(state.changes));
    this.#showLosses(state, over);
    this.#form.hidden = !over;
    buttons.hidden = over;
    if (focused) this.#link.focus(); // what had the focus is gone
    setText(element("stays"), stays(over ? null : state.service));
  }

  async #start() {
    const link = this.#link.value.trim();
    if (!link) {
      setText(this.#note, "Paste the caption link first.");
      return;
    }
    await this.#do(async () => {
      const state = await call("PUT", PATH, { link });
      this.#link.value = "";
      this.show(state);
      this.#test.focus();
    });
  }

  /** @param {() => Promise<unknown>} work */
  async #do(work) {
    try {
      await work();
      setText(this.#note, "");
    } catch (error) {
      setText(this.#note, error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?");
    }
  }

  /**
   * @param {CallState} state
   * @param {boolean} over
   */
  #showLosses({ lost, perhaps_lost, losses }, over) {
    const parts = [];
    if (lost) parts.push(`${lost} lost`);
    if (perhaps_lost) parts.push(`${perhaps_lost} perhaps lost`);
    element("call-losses").hidden = parts.length === 0;
    setText(element("call-doubts"), parts.join(", "));
    const shape = JSON.stringify([losses, over]);
    if (shape !== this.#lost) {
      this.#lost = shape;
      const list = element("call-lost");
      const focused = list.contains(document.activeElement);
      list.replaceChildren(...losses.map((loss) => this.#lossItem(loss, over)).reverse());
      if (focused) (list.querySelector("button") ?? this.#test).focus(); // what had the focus is gone
    }
  }

  /**
   * @param {Loss} loss
   * @param {boolean} over
   */
  #lossItem({ caption, text, why, perhaps }, over) {
    const doubt = perhaps ? "; perhaps it was shown" : "";
    if (caption === null) return make("li", {}, make("b", {}, "The test caption"), `: ${why}${doubt}.`);
    const said = make("span", {}, make("b", {}, `Caption ${caption}`), ` “${text}”: ${why}${doubt}.`);
    if (over) return make("li", {}, said);
    const again = make("button", { type: "button", class: "plain", "aria-label": `Send caption ${caption} again` }, "Send again");
    again.addEventListener("click", () =>
      this.#do(async () => this.show(await call("POST", `${PATH}/again`, { caption }))),
    );
    return make("li", {}, said, again);
  }
}

/** @param {CallState} state */
function counts({ state, sent, last_at, waiting }) {
  if (state === "off" && !sent) return "";
  const parts = [];
  if (sent) parts.push(last_at ? `${sent} sent, the last at ${time(last_at)}` : `${sent} sent`);
  if (waiting) parts.push(`${waiting} waiting`);
  return parts.join(" · ");
}

/** @param {Change[]} changes the newest is the last */
function changed(changes) {
  const newest = changes.at(-1);
  if (!newest) return "";
  const { sent, now } = newest;
  const how = now ? `which you have changed to “${now}”` : "which you have taken back";
  const more = changes.length > 1 ? ` It also still shows ${changes.length - 1} more that you changed after they were sent.` : "";
  return `The call still shows “${sent}”, ${how}: type it again if it matters.${more}`;
}

/** @param {string} iso */
function time(iso) {
  return new Date(iso).toLocaleTimeString(undefined, { hourCycle: "h23" });
}

/** @param {string | null} service */
function stays(service) {
  return service ? `Captions go to ${service}. Everything else stays on this computer.` : "Everything stays on this computer.";
}

/**
 * @param {string} id
 * @param {string} text
 */
function showText(id, text) {
  element(id).hidden = !text;
  setText(element(id), text);
}
