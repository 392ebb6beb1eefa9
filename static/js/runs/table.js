// @ts-check
/** @typedef {import("./formats.js").ListedRun} ListedRun */
import { element, setText } from "../shared/caption_view.js";
import { dateTime, duration, make, number, percent } from "../shared/dom.js";
import { isRunning, seconds } from "./formats.js";

export const MOST_CHOSEN = 8; // as many as there are colours

/** The runs that there are, and which of them are chosen. */
export class RunTable {
  #body = /** @type {HTMLElement} */ (element("runs-table").querySelector("tbody"));
  #onChoice;
  /** @type {ListedRun[]} */
  #runs = [];
  /** @type {Map<string, number>} */
  #chosen = new Map(); // name to number of its colour, in the order of choice
  #kind = "all";
  #shown = "";

  /**
   * @param {string[]} chosen
   * @param {string} kind
   * @param {() => void} onChoice
   */
  constructor(chosen, kind, onChoice) {
    this.#onChoice = onChoice;
    this.#kind = ["train", "test"].includes(kind) ? kind : "all";
    for (const name of chosen.slice(0, MOST_CHOSEN)) {
      this.#choose(name);
    }
    for (const button of this.#kindButtons) {
      button.addEventListener("click", () => {
        this.#kind = button.dataset.kind ?? "all";
        this.#show();
        onChoice();
      });
    }
  }

  /** @returns {Map<string, number>} */
  get chosen() {
    return this.#chosen;
  }

  get kind() {
    return this.#kind;
  }

  /**
   * @param {ListedRun[]} runs
   * @param {string} folder
   */
  show(runs, folder) {
    this.#runs = runs;
    setText(element("runs-folder"), folder);
    element("no-runs").hidden = runs.length > 0;
    this.#show();
  }

  /** @param {string[]} names that are there no more */
  drop(names) {
    names.forEach((name) => this.#chosen.delete(name));
  }

  get #kindButtons() {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".choice [data-kind]")]);
  }

  /** @param {string} name */
  #choose(name) {
    const taken = new Set(this.#chosen.values());
    let colour = 0;
    while (taken.has(colour)) {
      colour += 1;
    }
    this.#chosen.set(name, colour);
  }

  #show() {
    for (const button of this.#kindButtons) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === this.#kind));
    }
    const runs = this.#runs.filter((run) => this.#kind === "all" || run.kind === this.#kind);
    element("runs-wide").hidden = runs.length === 0;
    const none = element("none-of-kind");
    none.hidden = runs.length > 0 || this.#runs.length === 0;
    setText(none, this.#kind === "test" ? "No tests yet. Each training ends with a test." : "No trainings yet.");
    const full = this.#chosen.size >= MOST_CHOSEN;
    setText(
      element("runs-note"),
      full
        ? `You can compare ${MOST_CHOSEN} runs at most.`
        : runs.length > 1 && this.#chosen.size < 2
          ? "Tick several to compare them."
          : "",
    );
    const state = JSON.stringify([runs, [...this.#chosen], runs.filter(isRunning).map((run) => duration(seconds(run)))]);
    if (state === this.#shown) {
      return;
    }
    this.#shown = state;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.focus;
    this.#body.replaceChildren(...runs.map((run) => this.#row(run, full)));
    if (focused) {
      /** @type {HTMLElement | undefined} */ (
        [...this.#body.querySelectorAll("[data-focus]")].find(
          (one) => /** @type {HTMLElement} */ (one).dataset.focus === focused,
        )
      )?.focus();
    }
  }

  /**
   * @param {ListedRun} run
   * @param {boolean} full
   */
  #row(run, full) {
    const colour = this.#chosen.get(run.name);
    const isChosen = colour !== undefined;
    const box = make("input", {
      type: "checkbox",
      "aria-label": `Choose ${run.name}`,
      "data-focus": `box ${run.name}`,
      class: isChosen ? `tick run-${colour}` : "tick",
      disabled: full && !isChosen,
    });
    box.checked = isChosen;
    box.addEventListener("change", () => {
      if (box.checked) {
        this.#choose(run.name);
      } else {
        this.#chosen.delete(run.name);
      }
      this.#show();
      this.#onChoice();
    });
    const link = make("a", { href: `/train/runs?run=${encodeURIComponent(run.name)}`, "data-focus": `link ${run.name}` }, run.name);
    link.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        this.#chosen.clear();
        this.#choose(run.name);
        this.#show();
        this.#onChoice();
      }
    });
    const by = run.data?.by ? `by ${run.data.by}` : "";
    const folder = String(run.data?.folder ?? "").split(/[\\/]/).filter(Boolean).at(-1) ?? "";
    const last = run.last;
    const figure = (/** @type {string} */ text) => make("td", { class: "number" }, text);
    return make(
      "tr",
      { class: isChosen ? "chosen" : "", "data-run": run.name },
      make("td", {}, box),
      make("th", { scope: "row" }, link),
      make("td", {}, run.kind === "train" ? "training" : (run.kind ?? "–")),
      make("td", {}, run.network ?? "–"),
      make("td", { title: run.data?.folder }, [folder, by].filter(Boolean).join(", ") || "–"),
      make("td", {}, make("span", { class: "state", "data-status": run.status }, run.status ?? "–")),
      figure(String(run.epochs)),
      figure(percent(last?.validation?.accuracy)),
      figure(number(last?.validation?.loss)),
      figure(percent(last?.test?.accuracy)),
      make("td", {}, dateTime(run.began)),
      figure(duration(seconds(run))),
    );
  }
}
