// @ts-check
/** @typedef {import("./formats.js").Run} Run */
/** @typedef {import("./formats.js").Predictions} Predictions */
import { call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make, percent } from "../shared/dom.js";
import { LETTERS, letterName } from "./formats.js";
import { CellPictures } from "./cell_pictures.js";

const PLAY_MS = 700;
const HINT = "Point at a field to see how often one letter was read as another. Choose the field to see its pictures.";
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** What was read for what, epoch by epoch. */
export class Confusion {
  #slider = /** @type {HTMLInputElement} */ (element("epoch"));
  #play = element("play");
  #table = element("matrix");
  #pictures = new CellPictures();
  #onMatrix;
  /** @type {Run | null} */
  #run = null;
  /** @type {Map<string, Predictions>} */
  #known = new Map();
  /** @type {HTMLElement[][]} */
  #cells = [];
  /** @type {number[][]} */
  #matrix = [];
  /** @type {[number, number]} */
  #at = [0, 0];
  /** @type {[number, number] | null} */
  #open = null;
  #following = true; // the newest epoch, as it comes
  #asked = 0;
  /** @type {number | undefined} */
  #timer;

  /** @param {(matrix: number[][], epoch: number) => void} onMatrix */
  constructor(onMatrix) {
    this.#onMatrix = onMatrix;
    this.#slider.addEventListener("input", () => {
      this.#stop();
      this.#following = this.#slider.value === this.#slider.max;
      this.#load();
    });
    this.#play.addEventListener("click", () => (this.#timer === undefined ? this.#start() : this.#stop()));
    this.#table.addEventListener("pointerover", (event) => this.#point(event.target));
    this.#table.addEventListener("focusin", (event) => this.#point(event.target));
    this.#table.addEventListener("pointerleave", () => this.#describe(this.#open));
    this.#table.addEventListener("click", (event) => this.#choose(placeOf(event.target)));
    this.#table.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Run | null} run */
  show(run) {
    element("confusion").hidden = run === null || run.epochs.length === 0;
    if (run?.name !== this.#run?.name) {
      this.#stop();
      this.#known.clear();
      this.#following = true;
      this.#open = null;
      this.#pictures.clear();
    }
    this.#run = run;
    if (!run || run.epochs.length === 0) {
      return;
    }
    this.#slider.max = String(run.epochs.length - 1);
    if (this.#following && this.#timer === undefined) {
      this.#slider.value = this.#slider.max;
    }
    element("player").hidden = run.epochs.length < 2;
    this.#load();
  }

  get #epoch() {
    return this.#run?.epochs[Number(this.#slider.value)]?.epoch ?? 0;
  }

  async #load() {
    const run = this.#run;
    if (!run) {
      return;
    }
    const epoch = this.#epoch;
    const text = `Epoch ${epoch} of ${run.epochs.at(-1)?.epoch}`;
    setText(element("epoch-text"), text);
    this.#slider.setAttribute("aria-valuetext", text);
    const asked = ++this.#asked;
    const path = `/api/v1/runs/${encodeURIComponent(run.name)}/predictions/${epoch}`;
    let predictions = this.#known.get(path);
    if (!predictions) {
      try {
        predictions = /** @type {Predictions} */ (await call("GET", path));
      } catch (error) {
        predictions = undefined;
        setText(element("no-matrix"), error instanceof Error ? error.message : String(error));
      }
      if (predictions?.confusion.length) {
        this.#known.set(path, predictions);
      }
    }
    if (asked === this.#asked) {
      this.#draw(predictions);
    }
  }

  /** @param {Predictions | undefined} predictions */
  #draw(predictions) {
    const there = (predictions?.confusion.length ?? 0) > 0;
    element("no-matrix").hidden = there;
    element("matrix-and-pictures").hidden = !there;
    if (!predictions || !there) {
      if (predictions) {
        setText(element("no-matrix"), "This epoch has no record of what was read.");
      }
      this.#onMatrix([], this.#epoch);
      return;
    }
    this.#matrix = predictions.confusion;
    const columns = Math.max(...this.#matrix.map((row) => row.length));
    if (this.#cells.length !== this.#matrix.length || this.#cells[0]?.length !== columns) {
      this.#build(columns);
    }
    this.#matrix.forEach((row, truth) => {
      const whole = sum(row);
      this.#cells[truth].forEach((cell, read) => {
        const share = whole ? (row[read] ?? 0) / whole : 0;
        cell.dataset.count = String(row[read] ?? 0);
        // The root of the share, and never faint: single errors should be seen too.
        cell.style.setProperty("--share", `${share ? (20 + 80 * Math.sqrt(share)).toFixed(1) : 0}%`);
        cell.setAttribute("aria-label", this.#sentence(truth, read));
      });
    });
    this.#describe(this.#open);
    if (this.#open && this.#run) {
      this.#pictures.show(this.#run, predictions, ...this.#open);
    }
    this.#onMatrix(this.#matrix, this.#epoch);
  }

  /** @param {number} columns */
  #build(columns) {
    const head = make("tr", { role: "row" }, make("td", { class: "corner" }));
    for (let read = 0; read < columns; read += 1) {
      head.append(
        make("th", { scope: "col", role: "columnheader", "aria-label": `read ${letterName(read)}` }, LETTERS[read] ?? "∅"),
      );
    }
    this.#cells = this.#matrix.map((_, truth) =>
      Array.from({ length: columns }, (_, read) =>
        make("td", {
          role: "gridcell",
          tabindex: truth === this.#at[0] && read === this.#at[1] ? 0 : -1,
          "data-place": `${truth},${read}`,
          class: truth === read ? "right" : "wrong",
        }),
      ),
    );
    const rows = this.#cells.map((cells, truth) =>
      make("tr", { role: "row" }, make("th", { scope: "row", role: "rowheader", "aria-label": `true ${letterName(truth)}` }, letterName(truth)), ...cells),
    );
    this.#table.replaceChildren(head, ...rows);
  }

  /** @param {EventTarget | null} target */
  #point(target) {
    const place = placeOf(target);
    if (place) {
      this.#describe(place);
    }
  }

  /** @param {[number, number] | null} place */
  #describe(place) {
    setText(element("cell-text"), place ? this.#sentence(...place) : HINT);
  }

  /**
   * @param {number} truth
   * @param {number} read
   */
  #sentence(truth, read) {
    const row = this.#matrix[truth] ?? [];
    const count = row[read] ?? 0;
    const whole = sum(row);
    const share = whole ? ` (${percent(count / whole, 0)})` : "";
    return `${letterName(truth)} read as ${letterName(read)}: ${count} of ${whole}${share}`;
  }

  /** @param {[number, number] | null} place */
  #choose(place) {
    if (place && this.#run) {
      this.#open = place;
      this.#move(place, false);
      this.#table.querySelector(".open")?.classList.remove("open");
      this.#cells[place[0]][place[1]].classList.add("open");
      this.#load();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const place = placeOf(event.target);
    const step = STEPS[event.key];
    if (place && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.#choose(place);
    } else if (place && step) {
      event.preventDefault();
      this.#move([place[0] + step[0], place[1] + step[1]], true);
    }
  }

  /**
   * @param {[number, number]} place
   * @param {boolean} focus
   */
  #move([truth, read], focus) {
    const cell = this.#cells[truth]?.[read];
    if (cell) {
      this.#cells[this.#at[0]]?.[this.#at[1]]?.setAttribute("tabindex", "-1");
      cell.setAttribute("tabindex", "0");
      this.#at = [truth, read];
      if (focus) {
        cell.focus();
      }
    }
  }

  #start() {
    const last = Number(this.#slider.max);
    if (Number(this.#slider.value) >= last) {
      this.#slider.value = "0";
      this.#load();
    }
    this.#play.setAttribute("aria-pressed", "true");
    this.#timer = setInterval(() => {
      this.#slider.value = String(Number(this.#slider.value) + 1);
      this.#following = this.#slider.value === this.#slider.max;
      this.#load();
      if (this.#following) {
        this.#stop();
      }
    }, PLAY_MS);
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#play.setAttribute("aria-pressed", "false");
  }
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((one, other) => one + other, 0);
}

/**
 * @param {EventTarget | null} target
 * @returns {[number, number] | null} true and read letter of a field
 */
function placeOf(target) {
  const cell = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[data-place]")) : null;
  const [truth, read] = (cell?.dataset.place ?? "").split(",").map(Number);
  return cell ? [truth, read] : null;
}
