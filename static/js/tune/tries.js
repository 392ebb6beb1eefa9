// @ts-check
import { Refusal, call } from "../shared/api.js";
import { element, setText } from "../shared/caption_view.js";
import { make, percent } from "../shared/dom.js";
import { resolve } from "./strip.js";
import uPlot from "../../vendor/uplot/uPlot.esm.js";

/**
 * @typedef {{
 *   taking: string | null,
 *   threshold: number,
 *   tries: {text: string, read: string, seconds: number}[],
 *   letters: number,
 *   curve: [threshold: number, missed: number, invented: number][],
 *   best: [threshold: number, missed: number, invented: number] | null,
 * }} Tries
 */

const PATH = "/api/v1/tuning/tries";
const HEIGHT = 220; // pixels
const MOST_MISSED = 1 / 3; // of the letters, for a threshold that is worth choosing

/** Labelled tries, the errors at each threshold, and the one that suits best. */
export class TriesView {
  #text = /** @type {HTMLInputElement} */ (element("try-text"));
  #begin = /** @type {HTMLButtonElement} */ (element("try-begin"));
  #rest = element("rest-begin");
  #forget = element("tries-forget");
  #note = element("try-note");
  #place = element("curve");
  /** @type {uPlot | null} */
  #plot = null;
  /** @type {Tries | null} */
  #tries = null;

  /** @param {import("../shared/settings_link.js").SettingsLink} link */
  constructor(link) {
    element("try-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(this.#tries?.taking == null ? { do: "begin", text: this.#text.value } : { do: "end" });
    });
    this.#rest.addEventListener("click", () => this.#ask({ do: "begin", text: "" }));
    this.#forget.addEventListener("click", () => this.#ask({ do: "forget" }));
    element("use-best").addEventListener("click", async () => {
      if (this.#tries?.best) {
        await link.change({ decoding: { letter_confidence: this.#tries.best[0] } }, this.#note);
      }
    });
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#place.clientWidth, height: HEIGHT })).observe(this.#place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    this.refresh();
  }

  /** Ask anew: with other settings other letters are read. */
  async refresh() {
    await this.#try(async () => this.#show(await call("GET", PATH)));
  }

  /** @param {Record<string, string>} body */
  #ask(body) {
    return this.#try(async () => this.#show(await call("POST", PATH, body)));
  }

  /** @param {() => Promise<unknown>} work */
  async #try(work) {
    try {
      await work();
    } catch (error) {
      setText(this.#note, error instanceof Refusal ? error.message : "Signcap does not answer. Is it still running?");
    }
  }

  /** @param {Tries} tries */
  #show(tries) {
    this.#tries = tries;
    const taking = tries.taking;
    setText(this.#begin, taking === null ? "Begin" : "Done");
    this.#text.disabled = taking !== null;
    this.#rest.hidden = taking !== null;
    this.#forget.hidden = taking !== null || tries.tries.length === 0;
    setText(
      this.#note,
      taking === null ? "" : taking ? `Sign ${taking.split("").join(" ")}, then press Done.` : "Rest, gesture, scratch your nose; then press Done.",
    );
    element("try-result").hidden = tries.tries.length === 0;
    element("tries").replaceChildren(
      ...tries.tries.map(({ text, read, seconds }) =>
        make(
          "tr",
          { class: text === read ? "right" : "wrong" },
          make("td", {}, text || "(rest)"),
          make("td", {}, read || "(nothing)"),
          make("td", {}, seconds.toFixed(1)),
        ),
      ),
    );
    const { best } = tries;
    const poor = best !== null && best[1] > tries.letters * MOST_MISSED;
    element("use-best").hidden = best === null || poor || best[0] === tries.threshold;
    setText(
      element("best-text"),
      best === null
        ? "Sign some letters as well, so that Signcap can find the best threshold."
        : poor
          ? `No threshold works well: the best one misses ${best[1]} of ${tries.letters} letters. Look at light and size on Live, sign these letters again, or enrol your hand.`
          : `Best: ${percent(best[0], 0)}, with ${best[1]} of ${tries.letters} letters missed and ${best[2]} invented.`,
    );
    this.#draw();
  }

  #draw() {
    this.#plot?.destroy();
    this.#plot = null;
    const tries = this.#tries;
    if (!tries || tries.curve.length === 0) {
      return;
    }
    const colour = (/** @type {string} */ name) => resolve(this.#place, name);
    const axis = { stroke: colour("--strip-quiet"), grid: { stroke: colour("--strip-line") }, ticks: { stroke: colour("--strip-line") } };
    const column = (/** @type {number} */ place) => tries.curve.map((point) => point[place] ?? 0);
    const shares = (/** @type {uPlot} */ _plot, /** @type {number[]} */ values) => values.map((value) => `${Math.round(value * 100)} %`);
    this.#plot = new uPlot(
      {
        width: this.#place.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(high, 4)] } },
        axes: [{ ...axis, values: shares }, axis],
        series: [
          { label: "Confidence", value: (_plot, value) => (value === null ? "–" : `${Math.round(value * 100)} %`) },
          { label: "Missed", stroke: colour("--strip-accent"), width: 2.5 },
          { label: "Invented", stroke: colour("--strip-warn"), width: 2.5, dash: [7, 4] },
        ],
        hooks: {
          draw: [
            (plot) => {
              mark(plot, tries.threshold, colour("--strip-quiet"), [3, 4]);
              if (tries.best) {
                mark(plot, tries.best[0], colour("--strip-ink"), []);
              }
            },
          ],
        },
      },
      [column(0), column(1), column(2)],
      this.#place,
    );
    this.#place.setAttribute("aria-label", `Letters missed and invented at each confidence. ${element("best-text").textContent}`);
  }
}

/**
 * An upright line.
 *
 * @param {uPlot} plot
 * @param {number} at
 * @param {string} colour
 * @param {number[]} dash
 */
function mark({ ctx, bbox, valToPos }, at, colour, dash) {
  const x = valToPos(at, "x", true);
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
