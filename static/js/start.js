// @ts-check
import { Refusal, call } from "./api.js";
import { CaptionView, element, setText } from "./caption_view.js";
import { followCaptions } from "./feed.js";
import { Preview } from "./preview.js";
import { Suggestions } from "./suggestions.js";

/**
 * @typedef {{
 *   camera: "on" | "lost" | "ended",
 *   kind: "Camera" | "Demo" | "Video",
 *   source: string,
 *   viewers: number,
 *   caption_pages: number,
 *   virtual_camera: {on: boolean, sentence: string},
 *   notices: string[],
 * }} Status
 */

const POLL_MS = 1000;
const DEMO_TEXT = "The demo, a drawn signer. To be captioned yourself, plug in a camera and start Signcap again.";
const WIDE = 4 / 3; // pictures narrower than this stand in a frame of this shape
/** @type {Record<Status["camera"], string>} */
const CAMERA_TEXT = { on: "on", lost: "lost", ended: "off" };

const view = new CaptionView();
const suggestions = new Suggestions();
followCaptions(
  "start",
  (captions) => {
    view.show(captions);
    suggestions.show(captions);
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

poll();

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

async function poll() {
  try {
    showStatus(await call("GET", "/api/v1/status"));
  } catch (error) {
    showGone(error instanceof Refusal ? error.message : "Signcap has ended. Start it again in the terminal.");
  }
  setTimeout(poll, POLL_MS);
}

/** @param {Status} status */
function showStatus(status) {
  element("camera").dataset.state = status.camera;
  const parts = [`${status.kind} ${CAMERA_TEXT[status.camera]}`, count(status.viewers, "viewer")];
  if (status.caption_pages > 0) {
    parts.push(count(status.caption_pages, "caption page"));
  }
  setText(element("camera-text"), parts.join(" · "));
  setText(element("source"), status.kind === "Demo" ? DEMO_TEXT : status.source);
  showWithCommands(element("virtual-camera"), status.virtual_camera.sentence);
  showNotices(status.notices);
}

/** @param {string} sentence */
function showGone(sentence) {
  element("camera").dataset.state = "gone";
  setText(element("camera-text"), "Not connected");
  showNotices([sentence]);
}

/**
 * @param {number} number
 * @param {string} noun
 */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** @param {string[]} sentences */
function showNotices(sentences) {
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

/**
 * Show a sentence; what stands between `backquotes` is a command to type.
 *
 * @param {HTMLElement} target
 * @param {string} sentence
 */
function showWithCommands(target, sentence) {
  if (target.dataset.sentence === sentence) {
    return;
  }
  target.dataset.sentence = sentence;
  target.replaceChildren(
    ...sentence.split("`").map((part, place) => {
      if (place % 2 === 0) {
        return document.createTextNode(part);
      }
      const code = document.createElement("code");
      code.textContent = part;
      return code;
    }),
  );
}
