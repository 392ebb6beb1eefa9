// @ts-check
import { BestLetters } from "./best_letters.js";
import { CallCaptions } from "./call_captions.js";
import { showCamera, showNotConnected } from "../shared/camera_pill.js";
import { CaptionView, element, setText } from "../shared/caption_view.js";
import { Controls } from "./controls.js";
import { followCaptions } from "../shared/feed.js";
import { followLive } from "../shared/live.js";
import { questions } from "../calls/pairing.js";
import { LetterTest } from "./letter_test.js";
import { MirrorView } from "./mirror_view.js";
import { Phrases } from "./phrases.js";
import { Preview } from "./preview.js";
import { Recording } from "./recording.js";
import { HandModelNotice } from "./hand_model.js";
import { SettingsLink } from "../shared/settings_link.js";
import { Setup } from "./setup.js";
import { Suggestions } from "./suggestions.js";
import { Typing } from "./typing.js";
import { VoicePanel } from "./voice_panel.js";

/** @typedef {import("../shared/live.js").Status} Status */

const WIDE = 4 / 3; // pictures narrower than this stand in a frame of this shape

/** @type {string[]} */
let notices = [];
/** @type {string | null} */
let problem = null;

const view = new CaptionView(undefined, undefined, true);
const link = new SettingsLink(showSettings, element("control-note"));
const voice = new VoicePanel(link);
const suggestions = new Suggestions();
followCaptions(
  "start",
  (captions) => {
    view.show(captions);
    suggestions.show(captions);
    mirrorView.show(captions);
    voice.accept(captions);
  },
  (link) => view.showLink(link),
);

const video = /** @type {HTMLVideoElement} */ (element("preview"));
const screenBox = /** @type {HTMLElement} */ (video.parentElement);
const image = /** @type {HTMLImageElement} */ (element("stills"));
new Preview(video, image, (playing, sentence) => {
  screenBox.dataset.state = playing ? "playing" : "waiting";
  if (sentence) {
    setText(element("preview-note"), sentence);
  }
});

// The frame takes the shape of the picture, so that no edge shows.
video.addEventListener("resize", () => shape(video.videoWidth, video.videoHeight));
image.addEventListener("load", () => shape(image.naturalWidth, image.naturalHeight));

const mirrorView = new MirrorView(screenBox);
const typing = new Typing();
const handModel = new HandModelNotice();
const phrases = new Phrases((text) => typing.putOut(text), link);
const controls = new Controls(screenBox, mirrorView, link);
const recording = new Recording();
const callCaptions = new CallCaptions(link);
const letters = new BestLetters();
const setup = new Setup(() =>
  screenBox.dataset.state !== "playing" ? null : image.hidden ? video : image.naturalWidth > 2 ? image : null,
);
const letterTest = new LetterTest(() => setup.light, link);
const showQuestions = questions(element("asking"));
followLive({
  opened: () => {
    link.opened();
    recording.begin();
  },
  status: showStatus,
  live: (live) => {
    letters.show(live);
    letterTest.show(live);
  },
  voice: (state) => voice.show(state),
  settings: (event) => link.hear(event),
  gone: showGone,
});

/**
 * @param {number} width
 * @param {number} height
 */
function shape(width, height) {
  if (width > 2 && height > 2) {
    const isWide = width / height >= WIDE;
    screenBox.style.setProperty("--aspect", String(isWide ? width / height : WIDE));
    screenBox.style.setProperty("--fit", isWide ? "cover" : "contain");
  }
}

/** @param {Status} status */
function showStatus(status) {
  showCamera(status);
  if (status.camera === "ended" && screenBox.dataset.state === "waiting") {
    setText(element("preview-note"), `${status.kind} has ended.`);
  }
  element("check-computer").hidden = status.virtual_camera.on;
  element("kept").hidden = !status.transcript;
  controls.show(status);
  showQuestions(status.asking);
  handModel.show(status.hand_model);
  recording.show(status);
  callCaptions.show(status.call_captions);
  setup.show(status);
  letterTest.showStatus(status);
  notices = status.notices;
  showNotices();
}

/** @param {import("../shared/live.js").SettingsEvent} event */
function showSettings(event) {
  letters.showSettings(event);
  if (link.settled) {
    phrases.showSettings(event);
    voice.showSettings(event);
    controls.showSettings(event);
    letterTest.showSettings(event);
    mirrorView.showSettings(event);
    callCaptions.showSettings(event);
  }
  problem = event.problem;
  showNotices();
}

/** @param {string} sentence */
function showGone(sentence) {
  showNotConnected();
  notices = [sentence];
  showNotices();
}

function showNotices() {
  const others = notices.filter((sentence) => sentence !== handModel.sentence);
  const sentences = problem ? [...others, problem] : others;
  const list = element("notices");
  const shown = [...list.children].map((item) => item.textContent);
  if (shown.join("\n") !== sentences.join("\n")) {
    list.replaceChildren(
      ...sentences.map((sentence) => {
        const item = document.createElement("li");
        item.textContent = sentence;
        return item;
      }),
    );
  }
}
