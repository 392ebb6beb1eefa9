// @ts-check
/** @typedef {import("./result.js").Result} Result */
import { Refusal, call, upload } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { ResultCard } from "./result.js";

const MOST = 24; // at once: Signcap keeps the pictures of so many results
const PROGRESS_MS = 500;
const CLIPS = /\.(mp4|m4v|mov|webm|mkv|avi|ogv|mpe?g|ts|3gp|wmv|flv|gif)$/i;

const drop = element("drop");
const results = element("results");
const chooser = /** @type {HTMLInputElement} */ (element("files"));
const models = /** @type {HTMLSelectElement} */ (element("model"));
/** @type {Promise<void>} */
let queue = Promise.resolve(); // one after the other, as Signcap reads them

showModels();
chooser.addEventListener("change", () => {
  take([...(chooser.files ?? [])]);
  chooser.value = ""; // the same file may be chosen again
});
element("camera").addEventListener("click", () => {
  add("The camera", () => call("POST", "/api/v1/try/camera", { model: models.value }));
});
addEventListener("paste", (event) => take([...(event.clipboardData?.files ?? [])]));
addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) {
    drop.classList.remove("over");
  }
});
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take([...(event.dataTransfer?.files ?? [])]);
});

async function showModels() {
  try {
    const { models: found } = await call("GET", "/api/v1/try/models");
    models.replaceChildren(
      ...found.map((/** @type {{id: string, title: string}} */ { id, title }) => make("option", { value: id }, title)),
    );
  } catch (error) {
    setText(element("trouble"), sentenceOf(error));
  }
}

/** @param {File[]} files */
function take(files) {
  setText(element("trouble"), files.length > MOST ? `You can add ${MOST} files at once. Signcap reads the first ${MOST}.` : "");
  for (const file of files.slice(0, MOST)) {
    const isClip = (file.type.startsWith("video/") || CLIPS.test(file.name)) && !/^image\/(?!gif)/.test(file.type);
    const query = new URLSearchParams({ name: file.name, model: models.value });
    add(file.name, () => upload(`/api/v1/try/${isClip ? "clip" : "picture"}?${query}`, file));
  }
}

/**
 * @param {string} name
 * @param {() => Promise<Result>} ask
 */
function add(name, ask) {
  const weights = models.selectedOptions[0]?.textContent ?? "";
  const card = new ResultCard(name, weights);
  results.prepend(card.root);
  queue = queue.then(async () => {
    card.begin();
    const timer = setInterval(async () => {
      const { fraction } = await call("GET", "/api/v1/try").catch(() => ({ fraction: 0 }));
      card.progress(fraction);
    }, PROGRESS_MS);
    try {
      setText(element("said"), `${name}: ${card.show(await ask())}`);
    } catch (error) {
      card.fail(sentenceOf(error));
      setText(element("said"), sentenceOf(error));
    } finally {
      clearInterval(timer);
    }
  });
}

/** @param {unknown} error */
function sentenceOf(error) {
  return error instanceof Refusal ? error.message : "Signcap has quit. Start it again in the terminal.";
}
