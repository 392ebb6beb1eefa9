// @ts-check
import { element, setText } from "../shared/caption_view.js";
import { followLive } from "../shared/live.js";
import { SettingsLink } from "../shared/settings_link.js";
import { VoicePanel } from "../start/voice_panel.js";
import { offerRecordingOptions } from "./recording_options.js";

const rest = /** @type {HTMLInputElement} */ (element("rest"));
const link = new SettingsLink(show);
const voice = new VoicePanel(link);

offerRecordingOptions();
rest.addEventListener("change", () => link.change({ camera: { rest_unwatched: rest.checked } }));
followLive({
  opened: () => {
    link.opened();
    setText(element("link-state"), "");
  },
  gone: (sentence) => setText(element("link-state"), sentence),
  voice: (state) => voice.show(state),
  settings: (event) => link.hear(event),
});

/** @param {import("../shared/live.js").SettingsEvent} event */
function show(event) {
  if (link.settled) {
    voice.showSettings(event);
    rest.disabled = false;
    rest.checked = event.settings.camera.rest_unwatched;
  }
}
