// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { followLive } from "../shared/live.js";
import { questions } from "./pairing.js";

/** @typedef {import("./pairing.js").Pairings} Pairings */
/** @typedef {import("./pairing.js").Paired} Paired */

const GONE = "Signcap does not answer. Is it still running?";
const list = element("paired");
const showQuestions = questions(element("asking"), show);
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
let asked = 0;

followLive({
  status: (status) => {
    setText(element("virtual-camera"), status.virtual_camera.sentence.replaceAll("`", ""));
    showQuestions(status.asking);
    if (status.asking.length < asked) {
      refresh(); // one was answered, perhaps in another window
    }
    asked = status.asking.length;
  },
  gone: (sentence) => setText(element("calls-said"), sentence),
});
refresh();
setInterval(refresh, 5000); // a pairing begins when the browser fetches it, and may end in the browser

async function refresh() {
  try {
    show(await call("GET", "/api/v1/pairings"));
    setText(element("calls-said"), "");
  } catch (error) {
    setText(element("calls-said"), error instanceof Refusal ? error.message : GONE);
  }
}

/** @param {Pairings} pairings */
function show({ asking, paired }) {
  showQuestions(asking);
  const names = paired.map((one) => one.name).join();
  if (list.dataset.names !== names) {
    list.dataset.names = names;
    list.replaceChildren(...paired.map(line));
  }
  element("none-paired").hidden = paired.length > 0;
}

/** @param {Paired} browser */
function line({ name, browser, since }) {
  const button = make("button", { type: "button", class: "button", "aria-label": `Remove ${browser}` }, "Remove");
  button.addEventListener("click", async () => {
    try {
      show(await call("DELETE", `/api/v1/pairings/${encodeURIComponent(name)}`));
      setText(element("calls-said"), `${browser} no longer shows your picture.`);
    } catch (error) {
      setText(element("calls-said"), error instanceof Refusal ? error.message : GONE);
    }
  });
  return make(
    "li",
    { class: "paired" },
    make("span", { class: "paired-who" }, make("strong", {}, browser), make("span", { class: "aside" }, `since ${day.format(since * 1000)}`)),
    button,
  );
}
