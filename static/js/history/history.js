// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { ask } from "./ask.js";
import { GONE, KeepingControls } from "./keeping.js";
import { HistoryList, tellFound } from "./list.js";
import { Reading } from "./reading.js";
import { count, titleOf } from "./words.js";

/** @typedef {import("./keeping.js").Overview} Overview */
/** @typedef {import("./list.js").Search} Search */

const PATH = "/api/v1/transcripts";
const LOOK_MS = 2000;
const TYPING_MS = 120; // without a key after which a search begins

const input = /** @type {HTMLInputElement} */ (element("search"));
const page = element("content");
const controls = new KeepingControls(look);
const list = new HistoryList((name, cue) => open(name, cue, true));
const reading = new Reading();
/** @type {Overview | null} */
let overview = null;
/** @type {Search | null} */
let search = null;
let asked = 0; // searches
let timer = 0;

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, TYPING_MS);
});
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") {
    event.preventDefault();
    list.focus();
  }
});
element("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  find();
});
element("back").addEventListener("click", () => close(true));
element("delete").addEventListener("click", deleteOpened);
element("delete-all").addEventListener("click", deleteAll);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !(event.target instanceof HTMLInputElement) && !element("sessions-panel").hidden) {
    event.preventDefault();
    input.focus();
  }
});
document.addEventListener("visibilitychange", look);
setInterval(look, LOOK_MS);
begin();

async function begin() {
  const wanted = new URLSearchParams(location.search);
  input.value = wanted.get("q") ?? "";
  await look();
  const name = wanted.get("session");
  if (name && overview?.sessions.some((session) => session.name === name)) {
    await open(name, null, false);
  }
}

/** Ask what there is, and show what has changed. */
async function look() {
  if (document.hidden) {
    return;
  }
  try {
    const answer = await call("GET", `${PATH}?known=${overview?.revision ?? ""}`);
    setText(element("link-state"), "");
    if ("sessions" in answer) {
      const old = overview;
      overview = answer;
      controls.show(answer);
      showPanels();
      if (!old || input.value.trim()) {
        await find();
      } else {
        showList();
      }
      await follow();
    }
  } catch (error) {
    setText(element("link-state"), error instanceof Refusal ? error.message : GONE);
  }
}

/** What is open may have grown, or be gone. */
async function follow() {
  if (!reading.name) {
    return;
  }
  const now = overview?.sessions.find(({ name }) => name === reading.name);
  if (!now) {
    close(false);
  } else if (JSON.stringify(now) !== JSON.stringify(summary(reading.session))) {
    await reading.reload();
  }
}

/** @param {any} session */
function summary(session) {
  const { cues: _, ...about } = session;
  return about;
}

function showPanels() {
  const any = (overview?.sessions.length ?? 0) > 0;
  element("sessions-panel").hidden = element("reading").hidden = !any;
}

/** Search for what stands in the box: the newest question alone is answered. */
async function find() {
  const query = input.value.trim();
  const number = ++asked;
  remember();
  try {
    const found = query ? await call("GET", `${PATH}/search?q=${encodeURIComponent(query)}`) : null;
    if (number === asked) {
      search = found;
      tellFound(search, query);
      showList();
    }
  } catch (error) {
    setText(element("found"), error instanceof Refusal ? error.message : GONE);
  }
}

function showList() {
  if (search) {
    list.showFound(search);
  } else {
    list.showAll(overview?.sessions ?? [], overview?.current ?? null);
  }
}

/**
 * @param {string} name
 * @param {number | null} cue the caption to go to
 * @param {boolean} byHand somebody has just chosen it: the keyboard goes there
 */
async function open(name, cue, byHand) {
  try {
    await reading.open(name, input.value.trim(), cue);
  } catch (error) {
    setText(element("found"), error instanceof Refusal ? error.message : GONE);
    return;
  }
  page.dataset.view = "session";
  list.mark(name);
  remember();
  if (byHand) {
    element("reading-title").focus({ preventScroll: cue !== null });
  }
}

/** @param {boolean} byHand */
function close(byHand) {
  page.dataset.view = "list";
  reading.close();
  if (byHand) {
    list.focus();
  }
  list.mark(null);
  remember();
}

/** The address leads back to what is open. */
function remember() {
  const wanted = new URLSearchParams();
  if (reading.name) {
    wanted.set("session", reading.name);
  }
  if (input.value.trim()) {
    wanted.set("q", input.value.trim());
  }
  history.replaceState(null, "", wanted.size ? `?${wanted}` : location.pathname);
}

async function deleteOpened() {
  const session = reading.session;
  if (
    session &&
    (await ask(
      `Delete the session of ${titleOf(session)}?`,
      `Its ${count(session.words, "word")} and both of its files are deleted for good.`,
      "Delete",
    ))
  ) {
    await remove(() => call("DELETE", `${PATH}/${session.name}`));
  }
}

async function deleteAll() {
  const number = overview?.sessions.length ?? 0;
  const sure = await ask(
    number === 1 ? "Delete the session?" : `Delete all ${count(number, "session")}?`,
    "Their files are deleted for good. Other files in the folder stay as they are.",
    number === 1 ? "Delete" : "Delete all",
  );
  if (sure) {
    await remove(() => call("DELETE", PATH, { all: true }));
  }
}

/** @param {() => Promise<unknown>} work */
async function remove(work) {
  /** @type {string | null} */
  let refused = null;
  try {
    await work();
    close(false);
  } catch (error) {
    refused = error instanceof Refusal ? error.message : GONE;
  }
  await look();
  if (refused) {
    setText(element("trouble"), refused);
  } else {
    (overview?.sessions.length ? input : element("keep")).focus();
  }
}
