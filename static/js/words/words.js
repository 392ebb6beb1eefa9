// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { followLive } from "../shared/live.js";
import { SettingsLink } from "../shared/settings_link.js";

/** @typedef {import("../shared/live.js").SettingsEvent} SettingsEvent */

const note = element("words-note");
const link = new SettingsLink(show, note);
const words = /** @type {HTMLInputElement} */ (element("hot-words"));
const suggesting = /** @type {HTMLInputElement} */ (element("suggesting"));
const reading = /** @type {HTMLSelectElement} */ (element("reading"));
element("words-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const list = words.value.split(",").map((word) => word.trim()).filter(Boolean);
  words.blur();
  link.change({ suggesting: { hot_words: list } });
});
suggesting.addEventListener("change", () =>
  link.change({ suggesting: { enabled: suggesting.checked } }),
);
reading.addEventListener("change", () =>
  link.change({ suggesting: { reading: reading.value } }),
);

followLive({
  opened: () => {
    link.opened();
    setText(element("link-state"), "");
  },
  gone: (sentence) => setText(element("link-state"), sentence),
  settings: (event) => link.hear(event),
});

/** @param {SettingsEvent} event */
function show({ settings, file }) {
  setText(element("file"), file);
  if (!link.settled) {
    return; // fields stay where the hand has put them
  }
  if (document.activeElement !== words) {
    words.value = settings.suggesting.hot_words.join(", ");
  }
  suggesting.checked = settings.suggesting.enabled;
  reading.value = settings.suggesting.reading;
}
