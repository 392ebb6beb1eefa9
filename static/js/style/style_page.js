// @ts-check
import { showCamera, showNotConnected } from "../shared/camera_pill.js";
import { element, setText } from "../shared/caption_view.js";
import { make } from "../shared/dom.js";
import { followLive } from "../shared/live.js";
import { SettingsLink } from "../shared/settings_link.js";

/** @typedef {import("../shared/live.js").SettingsEvent} SettingsEvent */
/** @typedef {Record<string, string | number | boolean>} Style */

const form = /** @type {HTMLFormElement} */ (element("fields"));
const canvas = /** @type {HTMLCanvasElement} */ (element("preview"));
const fieldset = /** @type {HTMLFieldSetElement} */ (element("fieldset"));
const trouble = element("trouble");

/** @type {Style | null} what a slider shows that is not let go yet */
let draft = null;
let drawn = "";
let drawing = false;
const link = new SettingsLink(show);

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  draft = { ...draft, ...valueOf(/** @type {HTMLInputElement} */ (event.target)) };
  showOutputs();
  draw();
});
form.addEventListener("change", (event) => {
  const caption = { ...draft, ...valueOf(/** @type {HTMLInputElement} */ (event.target)) };
  draft = null;
  link.change({ caption });
});
element("reset").addEventListener("click", () => {
  if (link.known) {
    link.change({ caption: link.known.defaults.caption });
  }
});

followLive({
  opened: () => {
    link.opened();
    setText(element("link-state"), "");
  },
  gone: (sentence) => {
    setText(element("link-state"), sentence);
    showNotConnected();
  },
  status: showCamera,
  settings: (event) => link.hear(event),
});

/** @param {SettingsEvent} event */
function show(event) {
  fieldset.disabled = false; // before it, fields say what nobody has chosen
  for (const [name, value] of Object.entries(event.settings.caption)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.type === "checkbox") {
      field.checked = value;
    } else if (draft === null && link.settled && (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) {
      field.value = String(value);
    }
  }
  setText(element("file"), event.file);
  setText(trouble, event.problem ?? "");
  element("warnings").replaceChildren(...event.warnings.map((sentence) => make("li", {}, sentence)));
  showOutputs();
  draw();
}

function showOutputs() {
  for (const name of ["size", "margin", "box_opacity"]) {
    const share = /** @type {HTMLInputElement} */ (element(name)).valueAsNumber * 100;
    setText(element(`${name}-out`), `${share.toFixed(name === "size" ? 1 : 0)} %`);
  }
  for (const name of ["lines", "columns"]) {
    setText(element(`${name}-out`), /** @type {HTMLInputElement} */ (element(name)).value);
  }
}

/**
 * @param {HTMLInputElement | HTMLSelectElement} field
 * @returns {Style}
 */
function valueOf(field) {
  const isNumber = field.type === "range";
  return { [field.name]: field.type === "checkbox" ? /** @type {HTMLInputElement} */ (field).checked : isNumber ? Number(field.value) : field.value };
}

/** Have the picture drawn in the newest style; never more than once at a time. */
async function draw() {
  const style = { ...link.known?.settings.caption, ...draft };
  const shape = JSON.stringify(style);
  if (drawing || shape === drawn || link.known === null) {
    return;
  }
  drawing = true;
  try {
    const headers = { "Content-Type": "application/json", "X-Signcap": "1" };
    const answer = await fetch("/api/v1/style/preview", { method: "POST", headers, body: JSON.stringify({ caption: style }) });
    if (answer.ok) {
      const picture = await createImageBitmap(await answer.blob());
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext("2d")?.drawImage(picture, 0, 0);
      drawn = shape;
    }
  } catch {
    // The line above says when the server is gone.
  }
  drawing = false;
  if (drawn === shape) {
    draw(); // something may have changed meanwhile
  }
}
