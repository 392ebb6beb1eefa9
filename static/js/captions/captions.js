// @ts-check
import { Refusal, call } from "../shared/api.js";
import { fontOf } from "../overlay/style.js";
import { CaptionView, LINK_TEXT, element, setText } from "../shared/caption_view.js";
import { followCaptions } from "../shared/feed.js";
import { SpeechPanel } from "../shared/speech_panel.js";
import { allText, copy, save } from "../shared/text_files.js";

const SIZES = [0.5, 0.65, 0.8, 1, 1.25, 1.55, 1.9];
const KEPT = { size: "signcap.captions.size", theme: "signcap.captions.theme" };
const NOTE_MS = 6000;
const EXPIRED = "This link has expired. Press “Second screen” on Signcap's start page for a new one.";

const newest = element("newest");
const view = new CaptionView(
  (following) => {
    newest.hidden = following;
  },
  { ...LINK_TEXT, refused: EXPIRED },
);
const speech = new SpeechPanel();
let text = "";
newest.addEventListener("click", () => view.follow());
followCaptions(
  "captions",
  (captions) => {
    view.show(captions);
    restyle(captions.look);
    speech.accept(captions);
    text = allText(captions);
    element("older-runs").hidden = (captions.cues.at(-1)?.run ?? 1) === captions.cues[0]?.run;
    const open = captions.suggestions.filter(({ assisted }) => !assisted);
    const meant = open.map(({ read, words }) => `${read}\u00a0→\u00a0${words[0]}?`);
    setText(element("suggested"), meant.join("   "));
  },
  (link) => {
    view.showLink(link);
    element("link-state").dataset.link = link;
  },
);

const note = element("note");
let noteEnds = 0;

/** @param {string} sentence */
function tell(sentence) {
  setText(note, sentence);
  clearTimeout(noteEnds);
  noteEnds = window.setTimeout(() => setText(note, ""), NOTE_MS);
}

element("copy").addEventListener("click", async () => {
  if (!text) {
    tell("There is nothing to copy yet.");
  } else {
    tell((await copy(text)) ? "All text is in the clipboard." : "The browser did not allow copying. Save a file.");
  }
});

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-kind]"))) {
  button.addEventListener("click", () =>
    attempt(async () => `Saved as ${await save(/** @type {"txt" | "vtt" | "srt"} */ (button.dataset.kind))}.`),
  );
}

document.getElementById("copy-overlay")?.addEventListener("click", () =>
  attempt(async () => {
    const { overlay } = await call("GET", "/api/v1/captions/links");
    return (await copy(overlay))
      ? "The link is in the clipboard. Put it into a browser source, and show it to nobody."
      : "The browser did not allow copying. Allow this page to use the clipboard, then try again.";
  }),
);

/** @param {() => Promise<string>} work gives a sentence for people */
async function attempt(work) {
  try {
    tell(await work());
  } catch (error) {
    const expired = error instanceof Refusal && error.status === 401;
    tell(expired ? EXPIRED : error instanceof Refusal ? error.message : "Signcap does not answer. Try again in a moment.");
  }
}

const smaller = /** @type {HTMLButtonElement} */ (element("smaller"));
const larger = /** @type {HTMLButtonElement} */ (element("larger"));
let step = SIZES.indexOf(Number(localStorage.getItem(KEPT.size)));
resize(step < 0 ? SIZES.indexOf(1) : step);
smaller.addEventListener("click", () => resize(step - 1));
larger.addEventListener("click", () => resize(step + 1));

/** @param {number} wanted */
function resize(wanted) {
  step = Math.min(SIZES.length - 1, Math.max(0, wanted));
  document.body.style.setProperty("--size", String(SIZES[step]));
  localStorage.setItem(KEPT.size, String(SIZES[step]));
  smaller.disabled = step === 0;
  larger.disabled = step === SIZES.length - 1;
}

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const THEMES = [...(dark ? ["dark", "light"] : ["light", "dark"]), "picture"];
const kept = localStorage.getItem(KEPT.theme) ?? "";
if (THEMES.includes(kept)) {
  root.dataset.theme = kept;
}
element("theme").addEventListener("click", () => {
  const now = THEMES.indexOf(root.dataset.theme ?? THEMES[0]);
  root.dataset.theme = THEMES[(now + 1) % THEMES.length];
  localStorage.setItem(KEPT.theme, root.dataset.theme);
});

/**
 * Take on the looks that the user has chosen for all captions. The size is the reader's choice, and so are the colours:
 * dark, light, or as in the picture.
 *
 * @param {import("../shared/feed.js").Look | null} look
 */
function restyle(look) {
  if (look) {
    const { style } = document.body;
    style.setProperty("--caption-font", look.font ? fontOf(look.font) : "inherit");
    style.setProperty("--caption-ink", look.colour);
    style.setProperty("--caption-partial", look.partial_colour);
    style.setProperty("--caption-paper", look.box_colour);
  }
}

const fullscreen = element("fullscreen");
fullscreen.hidden = !document.fullscreenEnabled;
fullscreen.addEventListener("click", async () => {
  if (document.fullscreenElement) {
    await document.exitFullscreen();
  } else {
    await root.requestFullscreen();
  }
});
