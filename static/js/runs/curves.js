// @ts-check
/** @typedef {import("./formats.js").Run} Run */
/** @typedef {import("./formats.js").Scores} Scores */
/** @typedef {import("./formats.js").Split} Split */
/** @typedef {{run: Run, colour: number}} Chosen */
/** @typedef {{run: Run, colour: number, split: Split}} Line */
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { element, setText } from "../shared/caption_view.js";
import { make, number, percent } from "../shared/dom.js";
import { SCORES, SPLITS, SPLIT_NAMES } from "./formats.js";

const HEIGHT = 230; // pixels
const CURSOR = "signcap-epochs"; // all charts point at the same epoch
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** @type {Record<Split, number[]>} */
const DASHES = { train: [], validation: [6, 4], test: [1, 4] };

/** Scores over the epochs: one chart a score, one colour a run, dashed for validation. */
export class Curves {
  #charts = element("charts");
  /** @type {Chart[]} */
  #drawn = [];
  #shape = "";
  /** @type {Chosen[]} */
  #chosen = [];

  constructor() {
    const redraw = () => {
      this.#shape = "";
      this.show(this.#chosen);
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    new ResizeObserver(() => this.#drawn.forEach((chart) => chart.fit())).observe(this.#charts);
  }

  /** @param {Chosen[]} chosen */
  show(chosen) {
    this.#chosen = chosen;
    const lines = chosen.flatMap(({ run, colour }) =>
      SPLITS.filter((split) => run.epochs.some((epoch) => epoch[split])).map((split) => ({ run, colour, split })),
    );
    element("curves").hidden = lines.length === 0;
    element("legend").replaceChildren(...legend(chosen, lines));
    showValues(lines);
    const overTime = lines.some(({ run }) => run.epochs.length > 1) || chosen.some(({ run }) => run.kind === "train");
    this.#charts.hidden = !overTime;
    setText(element("curves-title"), overTime ? "Curves" : "Scores");
    const shape = JSON.stringify(lines.map(({ run, colour, split }) => [run.name, colour, split]));
    if (shape !== this.#shape || !overTime) {
      if (!overTime && shape !== this.#shape) {
        /** @type {HTMLDetailsElement} */ (element("all-values")).open = true; // else there is nothing to see
      }
      this.#shape = shape;
      this.#drawn.forEach((chart) => chart.remove());
      this.#drawn = overTime ? SCORES.map(([score, title]) => new Chart(score, title, lines, this.#charts)) : [];
    }
    this.#drawn.forEach((chart) => chart.update(lines));
  }
}

class Chart {
  #score;
  #title;
  /** @type {Line[]} */
  #lines = [];
  #figure;
  #readout = make("figcaption", { class: "chart-readout" });
  #place = make("div", { class: "chart-place", role: "img" });
  /** @type {uPlot} */
  #plot;

  /**
   * @param {keyof Scores} score
   * @param {string} title
   * @param {Line[]} lines
   * @param {HTMLElement} where
   */
  constructor(score, title, lines, where) {
    this.#score = score;
    this.#title = title;
    this.#figure = make("figure", { class: "chart", "data-score": score }, make("h3", {}, title), this.#place, this.#readout);
    where.append(this.#figure);
    const [ink, grid] = [colourOf("quiet-probe"), colourOf("line-probe")];
    /** @type {uPlot.Axis} */
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: "12px system-ui, sans-serif" };
    this.#plot = new uPlot(
      {
        width: this.#width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { sync: { key: CURSOR }, drag: { x: false, y: false }, y: false },
        scales: {
          x: { time: false, range: (_, low, high) => [(low ?? 1) - (low === high ? 1 : 0), (high ?? 1) + (low === high ? 1 : 0)] },
          y: { range: (_, low, high) => this.#range(low, high) },
        },
        axes: [
          { ...axis, incrs: WHOLE, size: 34 },
          { ...axis, size: 58, values: (_, ticks) => ticks.map((tick) => (score === "loss" ? String(+tick.toFixed(4)) : `${Math.round(tick * 100)} %`)) },
        ],
        series: [
          {},
          ...lines.map(({ run, colour, split }) => ({
            label: `${run.name}, ${SPLIT_NAMES[split]}`,
            stroke: colourOf(`run-${colour}`),
            width: 2,
            dash: DASHES[split],
            spanGaps: true,
            points: { size: 6, fill: colourOf(`run-${colour}`) },
          })),
        ],
        hooks: { setCursor: [(plot) => this.#read(plot.cursor.idx ?? null)] },
      },
      [[]],
      this.#place,
    );
  }

  /** @param {Line[]} lines of the same runs, with other values */
  update(lines) {
    this.#lines = lines;
    const epochs = [...new Set(lines.flatMap(({ run }) => run.epochs.map(({ epoch }) => epoch)))].sort((a, b) => a - b);
    const columns = lines.map(({ run, split }) => {
      const values = new Map(run.epochs.map((epoch) => [epoch.epoch, epoch[split]?.[this.#score] ?? null]));
      return epochs.map((epoch) => values.get(epoch) ?? null);
    });
    this.#plot.setData([epochs, ...columns]);
    this.#read(null);
    const last = lines.map((line) => `${line.run.name}, ${SPLIT_NAMES[line.split]}: ${this.#format(lastOf(line, this.#score))}`);
    this.#place.setAttribute("aria-label", `${this.#title} over the epochs; last ${last.join("; ")}`);
  }

  fit() {
    if (this.#width !== this.#plot.width) {
      this.#plot.setSize({ width: this.#width, height: HEIGHT });
    }
  }

  remove() {
    this.#plot.destroy();
    this.#figure.remove();
  }

  get #width() {
    return Math.max(this.#place.clientWidth, 120);
  }

  /**
   * @param {number | null} low
   * @param {number | null} high
   * @returns {[number, number]}
   */
  #range(low, high) {
    if (this.#score === "loss") {
      return [0, (high || 1) * 1.08];
    }
    return [Math.min(Math.floor((low ?? 0) * 10) / 10, 0.9), 1];
  }

  /** @param {number | null} index of the epoch that is pointed at; null for the last */
  #read(index) {
    const epoch = index === null ? null : (this.#plot.data[0][index] ?? null);
    const values = this.#lines.map((line, place) => {
      const value = index === null ? lastOf(line, this.#score) : (this.#plot.data[place + 1]?.[index] ?? null);
      const name = this.#lines.length > 3 ? "" : `${SPLIT_NAMES[line.split]} `;
      return make("span", { class: `value run-${line.colour}`, "data-split": line.split }, name, make("b", {}, this.#format(value)));
    });
    this.#readout.replaceChildren(make("span", {}, epoch === null ? "last" : `epoch ${epoch}`), ...values);
  }

  /** @param {number | null} value */
  #format(value) {
    return this.#score === "loss" ? number(value) : percent(value);
  }
}

/**
 * @param {Line} line
 * @param {keyof Scores} score
 */
function lastOf({ run, split }, score) {
  return run.epochs.findLast((epoch) => epoch[split])?.[split]?.[score] ?? null;
}

/** @param {string} name of a class that sets a colour; canvases do not know the page's variables */
function colourOf(name) {
  const probe = make("i", { class: name, hidden: true });
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/**
 * @param {Chosen[]} chosen
 * @param {Line[]} lines
 */
function legend(chosen, lines) {
  const splits = SPLITS.filter((split) => lines.some((line) => line.split === split));
  return [
    ...chosen.map(({ run, colour }) => make("li", {}, make("span", { class: `swatch run-${colour}` }), run.name)),
    ...splits.map((split) => make("li", { class: "quiet" }, make("span", { class: "stroke", "data-split": split }), SPLIT_NAMES[split])),
  ];
}

/** @param {Line[]} lines */
function showValues(lines) {
  const head = make(
    "thead",
    {},
    make(
      "tr",
      {},
      ...["Run", "Part"].map((title) => make("th", { scope: "col" }, title)),
      ...["Epoch", ...SCORES.map(([, title]) => title)].map((title) => make("th", { scope: "col", class: "number" }, title)),
    ),
  );
  const body = make("tbody");
  for (const { run, colour, split } of lines) {
    for (const epoch of run.epochs) {
      const scores = epoch[split];
      if (scores) {
        body.append(
          make(
            "tr",
            {},
            make("th", { scope: "row" }, make("span", { class: `swatch run-${colour}` }), run.name),
            make("td", {}, SPLIT_NAMES[split]),
            make("td", { class: "number" }, epoch.epoch),
            ...SCORES.map(([score]) =>
              make("td", { class: "number" }, score === "loss" ? number(scores[score]) : percent(scores[score])),
            ),
          ),
        );
      }
    }
  }
  element("values").replaceChildren(head, body);
}
