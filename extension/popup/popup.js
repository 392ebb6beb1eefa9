// @ts-check
import { ask } from "./ask.js";
import { explain } from "./problems.js";
import { Sites } from "./sites.js";

/** @typedef {import("../worker/view.js").View} View */

const LOOK_MS = 1500;
const WHY_UNPAIRED = {
  refused: "It was refused in Signcap.",
  expired: "Nobody allowed it in time: try again.",
  signcap: "Signcap no longer knows this browser: pair it again.",
};

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The popup has no #${id}`);
  }
  return found;
}

const box = /** @type {HTMLInputElement} */ (element("box"));
const port = /** @type {HTMLInputElement} */ (element("port"));
const sites = new Sites(element("sites"), element("sites-note"), () => void look());
let looking = 0; // the newest look
let underWay = 0; // looks and acts

/**
 * @param {string} id
 * @param {string} text
 */
function say(id, text) {
  const found = element(id);
  if (found.textContent !== text) {
    found.textContent = text; // only what differs is touched: it is read out once
  }
}

/**
 * @param {string} id
 * @param {boolean} shown
 */
function show(id, shown) {
  element(id).hidden = !shown;
}

/** @param {View} view */
function pill({ server, paired, state, viewers }) {
  if (!server) {
    return ["gone", "Not running"];
  }
  if (!paired) {
    return ["lost", "Not paired"];
  }
  if (state && !state.camera_on) {
    return ["lost", "Camera off"];
  }
  return ["on", viewers > 0 ? "In a call" : "Ready"];
}

/** @param {View} view */
function render(view) {
  const { server, paired, asked, answer, unpairedBy, state, refusal, problem, questions } = view;
  const [kind, text] = pill(view);
  element("pill").dataset.state = kind;
  say("pill-text", text);

  show("absent", !server);
  show("asked", server !== null && !paired && asked !== null);
  show("unpaired", server !== null && !paired && asked === null);
  show("paired", server !== null && paired);
  if (asked) {
    say("code", asked.code);
    const left = Math.max(0, Math.round((asked.until - Date.now()) / 1000));
    say("code-left", `The code is good for ${left} more seconds.`);
  }
  const why = answer || unpairedBy;
  show("unpaired-why", why !== "");
  say("unpaired-why", why ? WHY_UNPAIRED[why] : "");

  const camera = state?.camera === "demo" ? "the demo, a synthetic signer" : (state?.camera ?? "none");
  say("camera", state ? (state.camera_on ? camera : "off") : "…");
  say("captions", state ? (state.captions_on ? "on" : "paused") : "…");
  const notice = state?.notice ?? refusal;
  show("notice", notice !== "");
  say("notice", notice);
  sites.show(view.sites);
  box.checked = view.box;
  if (document.activeElement !== port) {
    port.value = view.port === null ? "" : String(view.port);
  }

  const [question] = questions;
  show("question", question !== undefined);
  element("question").dataset.document = question?.documentId ?? "";
  say("question-site", question ? new URL(question.origin).hostname : "");
  // That it does not run is said already.
  show("problem", problem !== null && !(problem.kind === "absent" && !server));
  if (problem) {
    const { title, text: explained, steps } = explain(problem);
    say("problem-title", title);
    say("problem-text", explained);
    const list = element("problem-steps");
    if (list.textContent !== steps.join("")) {
      list.replaceChildren(...steps.map((step) => Object.assign(document.createElement("li"), { textContent: step })));
    }
  }
  element("main").removeAttribute("aria-busy");
}

async function look() {
  const own = ++looking;
  underWay += 1;
  try {
    const view = await ask("view");
    if (own === looking) {
      render(view);
    }
  } finally {
    underWay -= 1;
  }
}

/**
 * Do something and show what came of it.
 *
 * @param {() => Promise<unknown>} work
 */
async function act(work) {
  looking += 1; // what was seen before it is not shown after it
  underWay += 1;
  show("error", false);
  try {
    await work();
  } catch (error) {
    say("error", error instanceof Error ? error.message : "That did not work.");
    show("error", true);
  }
  underWay -= 1;
  await look();
}

/**
 * @param {string} id
 * @param {() => Promise<unknown>} work
 */
function onPress(id, work) {
  element(id).addEventListener("click", () => void act(work));
}

onPress("pair", () => ask("pair"));
onPress("stop", () => ask("stop"));
onPress("unpair", () => ask("unpair"));
onPress("problem-seen", () => ask("seen"));
box.addEventListener("change", () => void act(() => ask("box", { shown: box.checked })));
element("port-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void act(() => ask("port", { port: port.value === "" ? null : Number(port.value) }));
});
for (const button of document.querySelectorAll("[data-studio]")) {
  button.addEventListener("click", () => void act(async () => chrome.tabs.create({ url: await ask("studio") })));
}
for (const button of element("question").querySelectorAll("button")) {
  button.addEventListener("click", () => {
    const { document: documentId } = element("question").dataset;
    void act(() => ask("answer", { documentId, answer: button.dataset.answer }));
  });
}
chrome.commands.getAll().then((commands) => {
  const key = commands.find(({ name }) => name === "captions")?.shortcut;
  say("key", key ? `${key} switches them.` : "");
});
setInterval(() => {
  if (underWay === 0) {
    void look().catch(() => {});
  }
}, LOOK_MS);
void act(async () => {});
