// @ts-check

/**
 * What `/api/v1/runs` gives.
 *
 * @typedef {{loss: number | null, accuracy: number | null, precision: number | null, recall: number | null,
 *   f1: number | null}} Scores
 * @typedef {{epoch: number, steps: number, seconds: number, train?: Scores, validation?: Scores, test?: Scores}} Epoch
 * @typedef {"train" | "validation" | "test"} Split
 * @typedef {{
 *   name: string, kind?: string, network?: string, title?: string, of?: string, status?: string,
 *   began?: string, ended?: string, git?: string | null,
 *   data?: Record<string, any>, hyperparameters?: Record<string, any>, environment?: Record<string, any>,
 * }} About
 * @typedef {About & {epochs: number, last: Epoch | null}} ListedRun
 * @typedef {About & {epochs: Epoch[], pictures?: {paths: string[], labels: number[]}}} Run
 * @typedef {{predicted: number[], confidence: number[], confusion: number[][]}} Predictions
 */

export const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
export const NOTHING = LETTERS.length; // index of "no letter was read"
/** @type {Split[]} */
export const SPLITS = ["train", "validation", "test"];
/** @type {Record<Split, string>} */
export const SPLIT_NAMES = { train: "training", validation: "validation", test: "test" };
/** @type {[keyof Scores, string][]} */
export const SCORES = [
  ["loss", "Loss"],
  ["accuracy", "Accuracy"],
  ["precision", "Precision"],
  ["recall", "Recall"],
  ["f1", "F1"],
];

/** @param {number} index */
export function letterName(index) {
  return LETTERS[index] ?? "nothing";
}

/** @param {About} run */
export function isRunning(run) {
  return run.status === "running";
}

/** @param {About} run */
export function seconds(run) {
  const end = isRunning(run) ? Date.now() : Date.parse(run.ended ?? "");
  return (end - Date.parse(run.began ?? "")) / 1000;
}

/**
 * Nested values as pairs of "a.b" and what stands there.
 *
 * @param {unknown} value
 * @param {string} [prefix]
 * @returns {[string, string][]}
 */
export function flat(value, prefix = "") {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, inner]) => flat(inner, prefix ? `${prefix}.${name}` : name));
  }
  return [[prefix, plain(value)]];
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function plain(value) {
  if (value === null || value === undefined) {
    return "–";
  }
  if (Array.isArray(value)) {
    return value.length ? value.map(plain).join(", ") : "none";
  }
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  return String(value);
}
