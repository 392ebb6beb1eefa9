// @ts-check
import { call } from "../shared/api.js";
import { sentenceOf } from "../shared/camera_page.js";
import { element, setText } from "../shared/caption_view.js";
import { duration, make } from "../shared/dom.js";
import { Rows } from "../shared/rows.js";
import { download } from "../shared/text_files.js";

/**
 * @typedef {{
 *   name: string, path: string, bytes: number, phrases: string[], signer: string, seconds: number, damaged: boolean,
 * }} KeptFile
 */

const PATH = "/api/v1/enrol/shown/kept";

/** The files of what was kept, each to be saved elsewhere or deleted. */
export class KeptList {
  /** @type {Rows<KeptFile>} */
  #rows = new Rows(element("kept"), (file) => this.#row(file));

  /** Ask for them. */
  async load() {
    await this.#do(() => call("GET", PATH));
  }

  /** @param {() => Promise<{files: KeptFile[]}>} work */
  async #do(work) {
    try {
      const { files } = await work();
      setText(element("kept-note"), "");
      this.#show(files);
    } catch (error) {
      setText(element("kept-note"), sentenceOf(error));
    }
  }

  /** @param {KeptFile[]} files */
  #show(files) {
    this.#rows.show(files);
    element("no-kept").hidden = files.length > 0;
    element("kept-use").hidden = files.length === 0;
    if (files.length) {
      setText(element("kept-command"), `signcap evaluate --running "${files[0].path}"`);
    }
  }

  /** @param {KeptFile} file */
  #row(file) {
    const title = whenOf(file.name) + (file.signer ? `, ${file.signer}` : "");
    const save = make("button", { type: "button", class: "plain", "aria-label": `Save ${title} as a file`, disabled: file.damaged }, "Save as file");
    save.addEventListener("click", async () => {
      try {
        await download(`${PATH}/${file.name}.npz`, `${file.name}.npz`);
      } catch (error) {
        setText(element("kept-note"), sentenceOf(error));
      }
    });
    const remove = make("button", { type: "button", class: "plain", "aria-label": `Delete ${title}` }, "Delete");
    remove.addEventListener("click", () => {
      if (confirm(`Delete the spelling of ${title}?`)) {
        this.#do(() => call("DELETE", `${PATH}/${file.name}`));
      }
    });
    const about = file.damaged ? "This file is damaged." : `${file.phrases.length} phrases, ${duration(file.seconds)}: ${file.phrases.join(", ")}`;
    return make("li", {}, make("span", { class: "name" }, title), save, remove, make("p", { class: "quiet" }, about));
  }
}

/**
 * When a file was kept, of its name.
 *
 * @param {string} name
 */
export function whenOf(name) {
  const [, year, month, day, hour, minute] = /^spelling-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)/.exec(name) ?? [];
  return year ? `${year}-${month}-${day} ${hour}:${minute}` : name;
}
