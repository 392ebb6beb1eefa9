// @ts-check
import { CaptionView, element, setText } from "./caption_view.js";
import { followCaptions } from "./feed.js";

const SIZES = [0.5, 0.65, 0.8, 1, 1.25, 1.55, 1.9];
const KEPT = { size: "signcap.captions.size", theme: "signcap.captions.theme" };

const newest = element("newest");
const view = new CaptionView((following) => {
  newest.hidden = following;
});
newest.addEventListener("click", () => view.follow());
followCaptions(
  "captions",
  (captions) => {
    view.show(captions);
    const meant = captions.suggestions.map(({ read, words }) => `${read}\u00a0→\u00a0${words[0]}?`);
    setText(element("suggested"), meant.join("   "));
  },
  (link) => view.showLink(link),
);

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
const kept = localStorage.getItem(KEPT.theme);
if (kept === "dark" || kept === "light") {
  root.dataset.theme = kept;
}
element("theme").addEventListener("click", () => {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  localStorage.setItem(KEPT.theme, root.dataset.theme);
});

const fullscreen = element("fullscreen");
fullscreen.hidden = !document.fullscreenEnabled;
fullscreen.addEventListener("click", async () => {
  if (document.fullscreenElement) {
    await document.exitFullscreen();
  } else {
    await root.requestFullscreen();
  }
});
