// @ts-check
/** @typedef {import("./formats.js").ListedRun} ListedRun */
/** @typedef {import("./formats.js").Run} Run */
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { Confusion } from "./confusion.js";
import { Curves } from "./curves.js";
import { showAbout, showDifferences, showLetters } from "./facts.js";
import { isRunning } from "./formats.js";
import { RunTable } from "./table.js";

const RUNNING_MS = 2000;
const RESTING_MS = 6000;
const SAMPLES = "/api/v1/data/samples.jpg";

const query = new URLSearchParams(location.search);
const table = new RunTable(query.getAll("run"), query.get("kind") ?? "all", () => {
  keepInAddress();
  showChosen();
});
const curves = new Curves();
const confusion = new Confusion(showLetters);
/** @type {Map<string, {state: string, run: Run}>} */
const known = new Map();
/** @type {ListedRun[]} */
let listed = [];
let shown = 0;

poll();

async function poll() {
  if (!document.hidden) {
    try {
      const { folder, data, has_data: hasData, runs } = await call("GET", "/api/v1/runs");
      listed = runs;
      setText(element("samples-folder"), data);
      showSamples(hasData);
      const names = new Set(listed.map(({ name }) => name));
      table.drop([...table.chosen.keys()].filter((name) => !names.has(name)));
      table.show(listed, folder);
      await showChosen();
    } catch (error) {
      setText(
        element("runs-note"),
        error instanceof Refusal ? error.message : "Signcap has quit. Start it again in the terminal.",
      );
    }
  }
  setTimeout(poll, listed.some(isRunning) ? RUNNING_MS : RESTING_MS);
}

async function showChosen() {
  const turn = ++shown;
  const chosen = [...table.chosen].filter(([name]) => listed.some((run) => run.name === name));
  let found;
  try {
    found = await Promise.all(chosen.map(async ([name, colour]) => ({ run: await load(name, chosen.length === 1), colour })));
  } catch (error) {
    setText(element("runs-note"), error instanceof Error ? error.message : String(error));
    return;
  }
  if (turn !== shown) {
    return; // another choice was made meanwhile
  }
  const single = found.length === 1 ? found[0].run : null;
  curves.show(found);
  showDifferences(found);
  confusion.show(single);
  showAbout(single);
  if (!single || single.epochs.length === 0) {
    showLetters([], 0);
  }
}

/**
 * A run as it is now; asked for again only when it has changed.
 *
 * @param {string} name
 * @param {boolean} pictures
 * @returns {Promise<Run>}
 */
async function load(name, pictures) {
  const state = JSON.stringify(listed.find((run) => run.name === name));
  const before = known.get(name);
  const hasPictures = (before?.run.pictures?.paths.length ?? 0) > 0;
  if (before && before.state === state && (hasPictures || !pictures)) {
    return before.run;
  }
  const without = hasPictures || !pictures ? "?pictures=no" : "";
  const run = /** @type {Run} */ (await call("GET", `/api/v1/runs/${encodeURIComponent(name)}${without}`));
  run.pictures ??= before?.run.pictures;
  known.set(name, { state, run });
  return run;
}

function keepInAddress() {
  const address = new URLSearchParams([...table.chosen.keys()].map((name) => ["run", name]));
  if (table.kind !== "all") {
    address.set("kind", table.kind);
  }
  const text = address.toString();
  history.replaceState(null, "", text ? `/train/runs?${text}` : "/train/runs");
}

/** @param {boolean} areThere */
function showSamples(areThere) {
  const image = /** @type {HTMLImageElement} */ (element("samples"));
  const none = element("no-samples");
  if (!areThere) {
    setText(none, "No pictures yet. Take some on Collect, or start Signcap with --data FOLDER.");
  } else if (!image.hasAttribute("src")) {
    setText(none, "Looking for pictures …");
    image.addEventListener("load", () => {
      image.hidden = false;
      none.hidden = true;
    });
    image.addEventListener("error", async () => {
      const sentence = await call("GET", SAMPLES).catch((error) => (error instanceof Refusal ? error.message : ""));
      setText(none, sentence || "The pictures could not be shown.");
    });
    image.src = SAMPLES;
  }
}
