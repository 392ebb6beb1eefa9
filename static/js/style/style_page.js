// @ts-check
import { call } from "../shared/api.js";
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
const fonts = /** @type {HTMLSelectElement} */ (element("font"));

/** @type {Style | null} what a slider shows that is not let go yet */
let draft = null;
let drawn = "";
let drawing = false;
const link = new SettingsLink(show);

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  draft = { ...draft, ...(field.dataset.group ? {} : valueOf(field)) };
  showOutputs();
  draw();
});
form.addEventListener("change", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const { group } = field.dataset; // the picture of a caption does not show how long it stays
  const caption = { ...draft, ...(group ? {} : valueOf(field)) };
  draft = null;
  link.change(group ? { caption, [group]: valueOf(field) } : { caption });
});
element("reset").addEventListener("click", () => {
  if (link.known) {
    const { caption, endpointing } = link.known.defaults;
    link.change({ caption, endpointing: { shown_after: endpointing.shown_after } });
  }
});

offerFonts().catch(() => {}); // the line above says when the server is gone; Signcap's own font is there without it

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
  const { caption, endpointing } = event.settings;
  offerFont(caption.font);
  for (const [name, value] of Object.entries({ ...caption, shown_after: endpointing.shown_after })) {
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
  setText(element("shown_after-out"), `${/** @type {HTMLInputElement} */ (element("shown_after")).value} s`);
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

/**
 * A font that was chosen can be shown as such, also where this computer does not have it.
 *
 * @param {string} font
 */
function offerFont(font) {
  if (![...fonts.options].some(({ value }) => value === font)) {
    fonts.append(new Option(font, font));
  }
}

async function offerFonts() {
  const { generic, installed } = await call("GET", "/api/v1/style/fonts");
  const chosen = fonts.value;
  for (const name of [...generic, ...installed]) {
    offerFont(name);
  }
  fonts.value = chosen;
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
